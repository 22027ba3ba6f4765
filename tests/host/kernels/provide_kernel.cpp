// SPDX-License-Identifier: MIT
// provide_kernel ROOT CACHE NAME [STORE]: a kernel by name for the machine whose files lie below ROOT,
// through the real apt.
#include <fmt/format.h>

#include <cstdio>

#include "base/stop.h"
#include "kernels/kernel_store.h"
#include "model/exit_code.h"

namespace {

class Steps : public probebench::kernels::Progress {
 public:
  void step(std::string_view what) override { fmt::print(stderr, "{}\n", what); }
};

}  // namespace

int main(int count, char** words) {
  using namespace probebench;
  if (count != 4 && count != 5) return 2;
  install_stop_handlers();
  Steps steps;
  kernels::TargetPaths paths{words[1], words[2], words[1]};
  if (count == 5) paths.kernel_cache = words[4];
  const auto kernel = kernels::provide_kernel({words[3], {}, false}, paths, steps);
  if (kernel) {
    fmt::print("{}\n", kernel->image.string());
    return 0;
  }
  fmt::print(stderr, "error: {}\n", kernel.error().message());
  return static_cast<int>(exit_code_of(kernel.error().fault));
}
