// SPDX-License-Identifier: MIT
#include "vm/shared_libraries.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include "base/lines.h"
#include "base/process.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::seconds kLddDeadline{30};

bool is_interpreter(const std::string& name) {
  return name.find("/ld-linux") != std::string::npos;
}

}  // namespace

// libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f...)
// /lib64/ld-linux-x86-64.so.2 (0x00007f...)
Result<SharedLibraries> parse_ldd(std::string_view output, const fs::path& program) {
  SharedLibraries found;
  std::istringstream lines{std::string(output)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string arrow;
    std::string path;
    words >> name >> arrow >> path;
    if (is_interpreter(name)) {
      found.interpreter = name;
    } else if (arrow == "=>" && path.starts_with('/')) {
      found.libraries.emplace_back(path);
    } else if (arrow == "=>") {
      return Error{
          Fault::infra, "pack " + program.string() + ": its library " + name + " is not found", 0, {}};
    }
  }
  std::ranges::sort(found.libraries, {}, [](const fs::path& path) { return path.filename(); });
  return found;
}

Result<SharedLibraries> shared_libraries(const fs::path& program) {
  std::error_code failure;
  if (!fs::is_regular_file(program, failure)) {
    return Error{Fault::infra, "find the agent " + program.string(), ENOENT, "build the project again"};
  }
  const auto done = run_command({{"ldd", program.string()}, {}, {"LC_ALL=C"}}, kLddDeadline);
  if (!done) return done.error();
  const auto is_static = done->output.find("statically linked") != std::string::npos ||
                         done->output.find("not a dynamic executable") != std::string::npos;
  if (is_static) return SharedLibraries{};
  if (done->exit_code == 0) return parse_ldd(done->output, program);
  return Error{Fault::infra,
               "find the libraries of " + program.string() + ": " + std::string(first_line(done->output)),
               0,
               {}};
}

}  // namespace probebench::vm
