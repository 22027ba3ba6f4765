// SPDX-License-Identifier: MIT
// The command line of `predict`.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/predict_plan.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench {

struct Options;

struct PredictOptions {
  std::vector<std::string> probes;  // TYPE:PLACE
  std::string handler = "count";
  std::int64_t timeout_s = 60;
};

CLI::App* add_predict_command(CLI::App& app, Options& options);

// "TYPE:PLACE"; a usage error that says what is wrong with it.
Result<PredictSite> predict_site_from(const std::string& text);

// What `predict` was asked for, when it was parsed. Errors are usage errors.
Status take_predict(Options& options);

}  // namespace probebench
