// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "kernels/kernel_store.h"
#include "kernels_fixture.h"

namespace probebench::kernels {

// A machine whose mirror has one kernel: programs that answer as apt and dpkg-deb do.
class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    machine_.write("etc/os-release", "VERSION_CODENAME=bookworm\n");
    machine_.write("etc/apt/sources.list", "deb http://mirror.example/debian bookworm main\n");
    machine_.write("ci/kernels.toml", "flavour = \"cloud-amd64\"\n[[kernel]]\nname = \"6.1\"\n");
    machine_.write("vmlinuz", kernels::fake_boot_image("6.1.0-1-cloud-amd64"));
    paths_ = {machine_.path(), machine_.path() / "cache", machine_.path()};
    programs_.add("apt-config", "exit 0");
    programs_.add("apt-cache", kAptCache);
    programs_.add("dpkg-deb", "m='" + machine_.path().string() + "'\n" + kDpkgDeb);
    network(true);
  }

  void network(bool up) {
    programs_.add("apt-get", up ? kAptGet
                                : "echo 'W: Failed to fetch http://m Temporary failure resolving m'\n"
                                  "echo 'E: Some index files failed to download.'\nexit 100");
  }

  Result<Kernel> provide(const std::string& name) {
    steps_.steps.clear();
    return provide_kernel({name, {}, false}, paths_, steps_);
  }

  std::vector<std::string> kernels() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(paths_.cache / "kernels")) {
      if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    return names;
  }

  static constexpr const char* kAptGet = R"(case "$*" in
*update) exit 0 ;;
esac
for a in "$@"; do case $a in linux-*) : > "${a%%=*}.deb" ;; esac; done
)";
  static constexpr const char* kAptCache = R"(if [ "$1" = pkgnames ]; then
  for p in image headers; do case linux-$p-6.1.0-1-cloud-amd64 in "$2"*) echo linux-$p-6.1.0-1-cloud-amd64 ;; esac; done
  exit 0
fi
for a in "$@"; do case $a in
  linux-image-cloud-amd64) printf 'Package: %s\nVersion: 6.1.1-1\nDepends: linux-image-6.1.0-1-cloud-amd64\n\n' $a ;;
  linux-headers-6.1.0-1-cloud-amd64) printf 'Package: %s\nVersion: 6.1.1-1\nDepends: linux-kbuild-6.1, gcc-12\n\n' $a ;;
  linux-*) printf 'Package: %s\nVersion: 6.1.1-1\nDepends: kmod\n\n' $a ;;
esac; done
)";
  static constexpr const char* kDpkgDeb = R"(r=6.1.0-1-cloud-amd64
case $2 in
*linux-image*) mkdir -p "$3/boot" && cp "$m/vmlinuz" "$3/boot/vmlinuz-$r" ;;
*linux-headers*)
  h=$3/usr/src/linux-headers-$r; mkdir -p "$h/include/generated"
  echo 'all:' > "$h/Makefile"; echo 'CONFIG_KPROBES=y' > "$h/.config"
  : > "$h/Module.symvers"
  echo "#define UTS_RELEASE \"$r\"" > "$h/include/generated/utsrelease.h" ;;
esac
)";

  TemporaryDirectory machine_;
  FakePrograms programs_;
  TargetPaths paths_;
  RecordedSteps steps_;
};

}  // namespace probebench::kernels
