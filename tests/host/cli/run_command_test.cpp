// SPDX-License-Identifier: MIT
// How a run ends with its report, with a stand-in for the Python that writes it.
#include "cli/run_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace probebench::cli {
namespace {

namespace fs = std::filesystem;

// A project whose reports/ is one script; gone with its owner.
class Project {
 public:
  explicit Project(const std::string& script)
      : root_(fs::path(testing::TempDir()) / ("run_report_" + std::to_string(::getpid()))) {
    fs::create_directories(root_ / "reports");
    std::ofstream(root_ / "reports" / "__main__.py") << script;
  }
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;
  ~Project() { fs::remove_all(root_); }

  std::string report(std::chrono::seconds deadline = kReportDeadline) const {
    return write_run_report(root_, "/runs/one", deadline);
  }

 private:
  fs::path root_;
};

TEST(RunReport, SaysWhereItIs) {
  EXPECT_EQ(Project("import sys; print('report:', *sys.argv[1:])").report(), "report: report /runs/one");
}

TEST(RunReport, SaysInOneLineWhyThereIsNone) {
  const Project project("import sys; print('needs matplotlib', file=sys.stderr); sys.exit(69)");
  EXPECT_EQ(project.report(), "no report: needs matplotlib");
}

TEST(RunReport, SaysHowToHaveOneThatTookTooLong) {
  const auto said = Project("import time; time.sleep(600)").report(std::chrono::seconds(1));
  EXPECT_TRUE(said.starts_with("no report: ")) << said;
  EXPECT_TRUE(said.ends_with("; ./run-bench report /runs/one writes it later")) << said;
}

TEST(RunReport, EndsRunsOfEveryTypeThatMaySpeak) {
  EXPECT_TRUE(ends_with_report("all", false));
  EXPECT_FALSE(ends_with_report("all", true));
  EXPECT_FALSE(ends_with_report("kprobe", false));
}

}  // namespace

}  // namespace probebench::cli
