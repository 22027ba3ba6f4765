// SPDX-License-Identifier: MIT
// What crosses the boundary between host and target: the plan in (wire/experiment_json.h), one JSON object
// per line out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/experiment.h"
#include "model/plan.h"
#include "model/sample.h"

namespace probebench::wire {

// The agent is up and says what the target is, and which planned cells it is going to run, in order.
struct Hello {
  Environment environment;
  std::vector<std::string> cells;
};

// A cell is about to be measured: the one in flight if nothing more arrives.
struct CellBegin {
  std::string name;
};

// What a CellEnd says twice: it follows from the result, and has to agree with it.
struct ToldTwice {
  std::string name;
  std::optional<HitCount> hits;  // absent: no round was measured
};

// A cell is complete, whatever its status.
struct CellEnd {
  CellResult result;
  std::optional<ToldTwice> told = {};  // by decode()
};

// A piece of the kernel's text symbols, as in MarkedLoops.
struct Symbols {
  std::string text;
};

// Which of the marked loops are a cell's; follows its CellEnd.
struct CellPaths {
  std::string name;
  MarkedLoops loops;
};

// Something of an experiment of `reproduce`; they follow the cells.
struct Experiment {
  ExperimentRecord record;
};

// A piece of Google Benchmark's own JSON file, in order.
struct BenchmarkText {
  std::string text;
};

// A piece of what Google Benchmark prints (--benchmark_list_tests, usage errors).
struct ConsoleText {
  std::string text;
};

// The agent's last word. `exit_code` is an ExitCode; `error` is empty when it is 0 or 1.
struct End {
  int exit_code = 0;
  std::string error;
};

using Record =
    std::variant<Hello, CellBegin, CellEnd, Symbols, CellPaths, Experiment, BenchmarkText, ConsoleText, End>;

// One line without its newline. decode() refuses a line that is cut off or of another version.
std::string encode(const Record& record);
Result<Record> decode(std::string_view line);

}  // namespace probebench::wire
