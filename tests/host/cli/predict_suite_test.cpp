// SPDX-License-Identifier: MIT
#include "cli/predict_suite.h"

#include <gtest/gtest.h>

#include "results/run_directory.h"
#include "temporary_directory.h"

namespace probebench::cli {
namespace {

// Questions that are answered by whether somebody else could write where the suite does.
TEST(PredictSuite, HoldsItsDirectoryUntilTheLastAnswer) {
  const TemporaryDirectory directory;
  PredictOptions options;
  options.suite = directory.write("q.toml",
                                  "[[question]]\nname = \"a\"\ncommand = [\"true\"]\n"
                                  "[[question]]\nname = \"b\"\ncommand = [\"true\"]\n");
  options.output = directory.path() / "out";
  std::vector<bool> free;
  const OneQuestion question{[](Arguments, PredictOptions&) { return Status(Done{}); },
                             [&](const PredictOptions&, const Arguments&) {
                               free.push_back(bool(results::RunDirectory::create_at(options.output)));
                               return Result<CommandResult>(CommandResult{});
                             }};
  ASSERT_TRUE(perform_suite(options, {}, question));
  EXPECT_EQ(free, (std::vector<bool>{false, false}));
  EXPECT_TRUE(results::RunDirectory::create_at(options.output)) << "afterwards anybody may";
}

}  // namespace
}  // namespace probebench::cli
