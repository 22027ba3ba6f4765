// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/file.h"
#include "model/arch.h"

namespace probebench::kernels {

// One that is ready: it boots, and modules can be built for it.
struct Kernel {
  std::string name;     // as asked for
  std::string release;  // what uname -r says
  ArchId arch = ArchId::x86_64;
  std::string package_version;  // empty for a kernel given by path
  fs::path image;               // what QEMU boots: the ELF vmlinux when `pvh`, else the vmlinuz
  bool pvh = false;
  fs::path btf;  // by itself, as the running kernel has it in sysfs; empty: it is in the image, or nowhere
  fs::path vmlinuz;
  fs::path config;   // empty when the packages have none
  fs::path headers;  // for make -C
  std::string
      digest;  // of its content: the image given by path, or the verified list of all files of its packages
  std::string image_sha256;  // empty: not known yet
  fs::path directory;        // of the cache; empty for a kernel given by path
  std::string note;          // the fallback taken and why; empty if none
};

}  // namespace probebench::kernels
