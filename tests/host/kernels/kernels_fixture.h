// SPDX-License-Identifier: MIT
// What the target's unit tests share: a directory of their own, programs that stand in for apt and QEMU,
// and a kernel image that holds no kernel.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "kernels/progress.h"
#include "temporary_directory.h"

struct archive;

namespace probebench::kernels {

// Sets PATH for the life of the object, so that programs put into `bin` are found first, or alone.
class FakePrograms {
 public:
  FakePrograms();
  ~FakePrograms();
  FakePrograms(const FakePrograms&) = delete;
  FakePrograms& operator=(const FakePrograms&) = delete;

  // A shell script under this name.
  void add(const std::string& name, const std::string& script) const;
  void remove(const std::string& name) const;
  // Only the fakes are found from now on.
  void hide_all_others() const;

 private:
  TemporaryDirectory bin_;
  std::string saved_path_;
};

class RecordedSteps : public Progress {
 public:
  void step(std::string_view what) override { steps.emplace_back(what); }
  bool mentions(std::string_view text) const;
  std::vector<std::string> steps;
};

// What an archive has, which somebody else may have packed.
struct PackedEntry {
  std::string name;
  std::string content;  // of a link: where it leads to
  unsigned type = 0;    // 0: a file; else libarchive's, AE_IFLNK for example
};

// Of at most 1 MiB. The last two are libarchive's functions that choose form and compression.
std::string packed(const std::vector<PackedEntry>& entries, int (*format)(archive*), int (*filter)(archive*));

// A boot image with a valid setup header around a packed ELF header and zeros.
std::string fake_boot_image(const std::string& release);

// An ELF file with two sections: this one and the names of both.
std::string elf_with_section(const std::string& name, const std::string& content);

}  // namespace probebench::kernels
