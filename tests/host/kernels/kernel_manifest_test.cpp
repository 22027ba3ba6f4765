// SPDX-License-Identifier: MIT
// What may have become of a cache: each kind heals by itself or ends in one line, nothing outside is touched,
// and the next run works.
#include "kernels/kernel_manifest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "modules/module_build.h"
#include "store_fixture.h"

namespace probebench::kernels {
namespace {

using modules::build_module;
using modules::BuiltModule;

constexpr const char* kDirectory = "kernels/6.1.0-1-cloud-amd64";
constexpr const char* kImage = "root/boot/vmlinuz-6.1.0-1-cloud-amd64";
constexpr const char* kHeaders = "root/usr/src/linux-headers-6.1.0-1-cloud-amd64";

// Where things are, for what harms them.
struct Place {
  fs::path cache;
  fs::path module = {};   // probebench.ko
  fs::path outside = {};  // a directory

  fs::path kernel() const { return cache / kDirectory; }
  fs::path image() const { return kernel() / kImage; }
  fs::path headers() const { return kernel() / kHeaders; }
  fs::path manifest() const { return kernel() / "manifest.json"; }
  fs::path names() const { return cache / "kernels/names.json"; }
};

struct Damage {
  const char* name;
  std::function<void(const Place&)> harm;
  std::string told = {};     // by a step; empty: nothing has to be told
  std::string error = {};    // what the run ends with; empty: it works
  const char* to_mend = "";  // below the cache: what the error said to remove
};

void put(const fs::path& path, std::string_view content) {
  EXPECT_TRUE(write_file_atomic(path, content));
}

void flip_in_place(const fs::path& path, bool keep_time = false) {
  const auto time = fs::last_write_time(path);
  auto content = *read_file(path);
  content[content.size() / 2] ^= 1;
  EXPECT_TRUE(write_setting(path, content));
  fs::last_write_time(path, keep_time ? time : time + std::chrono::seconds(1));
}

void edit(const fs::path& path, const std::string& from, const std::string& to) {
  auto text = *read_file(path);
  ASSERT_NE(text.find(from), std::string::npos) << from;
  text.replace(text.find(from), from.size(), to);
  put(path, text);
}

void make_directory_of(const fs::path& path) {
  fs::remove_all(path);
  fs::create_directory(path);
}

void make_link_of(const fs::path& path, const fs::path& to) {
  fs::remove_all(path);
  fs::create_symlink(to, path);
}

// The same content, but outside: whoever owns it there may change it.
void move_out(const fs::path& path, const fs::path& outside) {
  fs::rename(path, outside / path.filename());
  fs::create_symlink(outside / path.filename(), path);
}

void make_fifo_of(const fs::path& path) {
  fs::remove_all(path);
  EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
}

const std::vector<Damage> kDamages{
    {"truncated image", [](const Place& p) { fs::resize_file(p.image(), 700); },
     "vmlinuz-6.1.0-1-cloud-amd64 has another size"},
    {"empty image", [](const Place& p) { fs::resize_file(p.image(), 0); }, "has another size"},
    {"flipped byte in the image", [](const Place& p) { flip_in_place(p.image()); },
     "vmlinuz-6.1.0-1-cloud-amd64 was changed"},
    {"flipped byte, its time kept", [](const Place& p) { flip_in_place(p.image(), true); }, "was changed"},
    {"missing image", [](const Place& p) { fs::remove(p.image()); },
     "vmlinuz-6.1.0-1-cloud-amd64 is missing"},
    {"image is a directory", [](const Place& p) { make_directory_of(p.image()); }, "is something else"},
    {"image is a link to outside", [](const Place& p) { move_out(p.image(), p.outside); },
     "is something else"},
    {"image is a FIFO", [](const Place& p) { make_fifo_of(p.image()); }, "is something else"},
    {"boot/ is a link to outside", [](const Place& p) { move_out(p.image().parent_path(), p.outside); },
     "cannot be reached"},
    {"root/ is a link to outside", [](const Place& p) { move_out(p.kernel() / "root", p.outside); },
     "cannot be reached"},
    {"truncated header", [](const Place& p) { fs::resize_file(p.headers() / "Makefile", 1); },
     "Makefile has another size"},
    {"flipped byte in a header", [](const Place& p) { flip_in_place(p.headers() / "Makefile"); },
     "Makefile was changed"},
    {"missing header", [](const Place& p) { fs::remove(p.headers() / "include/generated/utsrelease.h"); },
     "utsrelease.h is missing"},
    {"headers' configuration changed", [](const Place& p) { flip_in_place(p.headers() / ".config", true); },
     ".config was changed"},
    {"headers are a link to outside", [](const Place& p) { move_out(p.headers(), p.outside); },
     "cannot be reached"},
    {"headers are gone", [](const Place& p) { fs::remove_all(p.headers()); }, "is missing"},
    {"manifest is missing", [](const Place& p) { fs::remove(p.manifest()); }, "it has no manifest"},
    {"manifest is empty", [](const Place& p) { put(p.manifest(), ""); }, "its manifest cannot be read"},
    {"manifest is garbled", [](const Place& p) { put(p.manifest(), "{\"format\": 2, \"files\": [[["); },
     "its manifest cannot be read"},
    {"manifest has wrong types",
     [](const Place& p) { edit(p.manifest(), "\"files\": [", "\"files\": [5, "); },
     "its manifest cannot be read"},
    {"manifest leads out",
     [](const Place& p) { edit(p.manifest(), "\"path\": \"root", "\"path\": \"../../../outside"); },
     "its path '"},
    {"manifest is a directory", [](const Place& p) { make_directory_of(p.manifest()); }, "it is no file"},
    {"manifest is a link to outside", [](const Place& p) { move_out(p.manifest(), p.outside); },
     "is damaged"},
    {"manifest is a FIFO", [](const Place& p) { make_fifo_of(p.manifest()); }, "it is no file"},
    {"list of files is missing", [](const Place& p) { fs::remove(p.kernel() / "files.list"); },
     "files.list is missing"},
    {"list of files is garbled", [](const Place& p) { put(p.kernel() / "files.list", "f x\n"); },
     "files.list has another size"},
    {"half-unpacked directory",
     [](const Place& p) {
       fs::remove_all(p.kernel());
       fs::create_directories(p.headers());
     },
     "it has no manifest"},
    {"kernel is a file",
     [](const Place& p) {
       fs::remove_all(p.kernel());
       put(p.kernel(), "x");
     },
     "is damaged"},
    {"kernel is a link to outside", [](const Place& p) { move_out(p.kernel(), p.outside); }, "is damaged"},
    {"names.json has wrong types", [](const Place& p) { put(p.names(), "{\"6.1\": [5]}"); },
     "looking for kernel 6.1"},
    {"names.json is a directory", [](const Place& p) { make_directory_of(p.names()); },
     "looking for kernel 6.1"},
    {"names.json is a FIFO", [](const Place& p) { make_fifo_of(p.names()); }, "looking for kernel 6.1"},
    {"names.json is a link to outside", [](const Place& p) { move_out(p.names(), p.outside); },
     "looking for kernel 6.1"},
    {"names.json leads out",
     [](const Place& p) { put(p.names(), R"({"6.1": {"release": "../../outside"}})"); },
     "cannot name a file"},
    {"package lists are a link to outside",
     [](const Place& p) {
       make_link_of(p.cache / "apt/host", p.outside);
       fs::remove(p.names());
     },
     "looking for kernel 6.1"},
    {"package lists are a file",
     [](const Place& p) {
       fs::remove_all(p.cache / "apt/host");
       put(p.cache / "apt/host", "x");
       fs::remove(p.names());
     },
     "looking for kernel 6.1"},
    {"what a killed run left",
     [](const Place& p) { fs::create_directories(p.cache / "kernels/.partial-0/root"); }, ""},
    {"stale lock", [](const Place& p) { put(p.cache / "lock", "12345\n"); }, ""},
    {"lock is a directory", [](const Place& p) { make_directory_of(p.cache / "lock"); }, "",
     "lock is no regular file; remove it", "lock"},
    {"lock is a link to outside",
     [](const Place& p) { make_link_of(p.cache / "lock", p.outside / "precious"); }, "",
     "lock is no regular file; remove it", "lock"},
    {"kernels/ is a link to outside", [](const Place& p) { move_out(p.cache / "kernels", p.outside); }, "",
     "kernels, or set XDG_CACHE_HOME", "kernels"},
    {"truncated module", [](const Place& p) { fs::resize_file(p.module, 3); }, "probebench.ko was changed"},
    {"missing module", [](const Place& p) { fs::remove(p.module); }, "probebench.ko"},
    {"module is a directory", [](const Place& p) { make_directory_of(p.module); }, "it is no file"},
    {"module is a link to outside", [](const Place& p) { move_out(p.module, p.outside); }, "probebench.ko"},
    {"module's digest is missing", [](const Place& p) { fs::remove(p.module.string() + ".sha256"); },
     "probebench.ko.sha256"},
    {"another kernel's module", [](const Place& p) { put(p.module, "the module of 6.2"); },
     "probebench.ko was changed"},
    {"module's directory is a link to outside",
     [](const Place& p) { move_out(p.module.parent_path(), p.outside); }, "building it again"},
    {"modules/ is a file",
     [](const Place& p) {
       fs::remove_all(p.cache / "modules");
       put(p.cache / "modules", "x");
     },
     "", "modules", "modules"},
};

// Every file below a directory with its content.
std::vector<std::pair<std::string, std::string>> snapshot(const fs::path& directory) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.emplace_back(entry.path().string(), *read_file(entry.path()));
  }
  std::ranges::sort(files);
  return files;
}

class CacheDamage : public Store {
 protected:
  void SetUp() override {
    Store::SetUp();
    machine_.write("kmod/Kbuild", "obj-m := probebench.o\n");
    machine_.write("kmod/probebench.c", "int x;\n");
    machine_.write("outside/precious", "precious");
    programs_.add("gcc", "echo gcc 12");
    programs_.add("strip", "exit 0");
    programs_.add(
        "make",
        "for a in \"$@\"; do case $a in M=*) m=${a#M=} ;; esac; done\ncat \"$m\"/*.c > \"$m/probebench.ko\"");
  }

  // A run as far as the cache is concerned.
  Result<BuiltModule> run() {
    const auto kernel = provide("6.1");
    if (!kernel) return kernel.error();
    return build_module(*kernel, machine_.path() / "kmod", paths_.cache, steps_);
  }

  void expect_whole(const Result<BuiltModule>& module, const char* after) {
    ASSERT_TRUE(module) << after << ": " << module.error().message();
    EXPECT_EQ(*read_file(module->path), "int x;\n") << after;
    const Place place{.cache = paths_.cache};
    EXPECT_EQ(*read_file(place.image()), *read_file(machine_.path() / "vmlinuz")) << after;
    EXPECT_FALSE(fs::is_symlink(place.image())) << after;
  }

  void try_one(const Damage& damage) {
    const auto good = run();
    ASSERT_TRUE(good) << good.error().message();
    const Place place{paths_.cache, good->path, machine_.path() / "outside"};
    damage.harm(place);
    const auto before = snapshot(place.outside);
    const auto damaged = run();
    EXPECT_EQ(snapshot(place.outside), before) << damage.name;
    if (damage.error.empty()) {
      expect_whole(damaged, damage.name);
      EXPECT_TRUE(damage.told.empty() || steps_.mentions(damage.told))
          << damage.name << ": " << testing::PrintToString(steps_.steps);
    } else {
      ASSERT_FALSE(damaged) << damage.name;
      EXPECT_NE(damaged.error().message().find(damage.error), std::string::npos) << damaged.error().message();
      EXPECT_EQ(damaged.error().message().find('\n'), std::string::npos);
      fs::remove_all(paths_.cache / damage.to_mend);
    }
    expect_whole(run(), damage.name);
    EXPECT_EQ(snapshot(place.outside), before) << damage.name;
    if (damage.error.empty()) {
      EXPECT_TRUE(steps_.steps.empty()) << damage.name << testing::PrintToString(steps_.steps);
    }
  }
};

TEST_F(CacheDamage, HealsOrIsOneLineAndTouchesNothingElse) {
  for (const auto& damage : kDamages) {
    SCOPED_TRACE(damage.name);
    try_one(damage);
    fs::remove_all(paths_.cache);
    fs::remove_all(machine_.path() / "outside");
    machine_.write("outside/precious", "precious");
  }
}

TEST_F(CacheDamage, WhatCannotBeReadIsSaid) {
  ASSERT_TRUE(run());
  const Place place{.cache = paths_.cache};
  for (const auto& path : {place.image(), place.headers() / ".config", place.manifest()}) {
    fs::permissions(path, fs::perms::none);
    expect_whole(run(), path.c_str());  // root reads it; for others it is fetched again
  }
}

TEST_F(CacheDamage, ACacheThatWasCopiedIsWhole) {
  ASSERT_TRUE(run());
  fs::copy(paths_.cache, machine_.path() / "copy",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  paths_.cache = machine_.path() / "copy";
  network(false);
  ASSERT_TRUE(provide("6.1"));  // other times, equal content
  EXPECT_TRUE(steps_.steps.empty());
}

TEST_F(CacheDamage, ACacheOfBeforeTheListGetsOne) {
  ASSERT_TRUE(run());
  const Place place{.cache = paths_.cache};
  auto text = *read_file(place.manifest());
  const auto begin = text.rfind("    {", text.find("\"files.list\""));
  text.erase(text.rfind(',', begin), text.find('}', begin) + 1 - text.rfind(',', begin));
  put(place.manifest(), text);
  fs::remove(place.kernel() / "files.list");
  network(false);
  ASSERT_TRUE(provide("6.1"));
  EXPECT_TRUE(fs::exists(place.kernel() / "files.list"));
  network(true);
  flip_in_place(place.headers() / "Makefile");
  ASSERT_TRUE(provide("6.1"));
  EXPECT_TRUE(steps_.mentions("Makefile was changed"));
}

}  // namespace
}  // namespace probebench::kernels
