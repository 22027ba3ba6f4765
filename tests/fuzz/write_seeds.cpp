// SPDX-License-Identifier: MIT
// Writes what the fuzzers begin with into the directory named by the first argument, a folder for each
// target; seeds that are files of the project are named in CMakeLists.txt.
#include <cstdlib>

#include "base/file.h"
#include "results/results_json.h"
#include "sample_run.h"
#include "sound_stream.h"
#include "wire/experiment_json.h"
#include "wire/records.h"
#include "wire/seal.h"

namespace probebench {
namespace {

bool write_seed(const fs::path& directory, const std::string& name, const std::string& text) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  return write_file_atomic(directory / name, text).ok();
}

constexpr const char* kQuestions = R"([[question]]
name = "opens"
probes = ["kprobe:do_sys_openat2", "t:syscalls:sys_enter_openat"]
command = ["sh", "-c", "true"]
workload = "open-close"
handler = "count"
timeout_s = 60
)";

constexpr const char* kConfigs = R"([[config]]
name = "lockdep"
options = ["PROVE_LOCKING=y", "RANDOMIZE_BASE=n"]
)";

bool write_records(const fs::path& directory) {
  const auto stream = stream::sound();
  std::string plain, sealed;
  wire::Seal seal;
  bool written = true;
  for (std::size_t i = 0; i < stream.records.size(); ++i) {
    const auto line = wire::encode(stream.records[i]);
    written = write_seed(directory / "record", std::to_string(i), line) && written;
    plain += line + '\n';
    sealed += seal.put(line) + '\n';
  }
  return write_seed(directory / "stream", "plain", plain) &&
         write_seed(directory / "sealed-stream", "sealed", sealed) && written;
}

bool write_seeds(const fs::path& directory) {
  const auto run = results::write_results(results::sample_run());
  return write_records(directory) &&
         write_seed(directory / "plan", "two", wire::encode_plan(stream::plan_of_two())) &&
         write_seed(directory / "questions", "one", kQuestions) &&
         write_seed(directory / "configs", "one", kConfigs) &&
         write_seed(directory / "results", "sample", run) && write_seed(directory / "side", "sample", run);
}

}  // namespace
}  // namespace probebench

int main(int argc, char** argv) {
  return argc == 2 && probebench::write_seeds(argv[1]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
