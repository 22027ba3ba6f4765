// SPDX-License-Identifier: MIT
#include "agent/earlier_agents.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace probebench::agent {
namespace {

namespace fs = std::filesystem;

// A /proc of its own: this process is "agent (x)", process 300, started at tick 50.
class EarlierAgents : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(::testing::TempDir()) / fmt::format("earlier_agents-{}", ::getpid());
    fs::remove_all(root_);
    add("300", "agent (x)", 'R', 50);
    fs::create_directory_symlink("300", root_ / "self");
    fs::create_directories(root_ / "irq");
  }
  void TearDown() override { fs::remove_all(root_); }

  void add(const std::string& pid, const std::string& name, char state, int started_ticks) {
    fs::create_directories(root_ / pid);
    std::ofstream(root_ / pid / "stat") << fmt::format("{} ({}) {} 1{} {} 4096\n", pid, name, state,
                                                       " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", started_ticks);
  }

  fs::path root_;
};

TEST_F(EarlierAgents, OneThatRunsIsFound) {
  add("299", "agent (x)", 'S', 49);
  EXPECT_EQ(earlier_agents(root_), std::vector<std::string>{"299"});
}

TEST_F(EarlierAgents, ProcessIdsDecideWithinATick) {
  add("299", "agent (x)", 'R', 50);
  add("301", "agent (x)", 'R', 50);
  EXPECT_EQ(earlier_agents(root_), std::vector<std::string>{"299"});
}

TEST_F(EarlierAgents, LaterOnesEndedOnesAndOthersAreNot) {
  add("301", "agent (x)", 'R', 51);
  add("298", "agent (x)", 'Z', 40);
  add("297", "agent", 'R', 40);
  EXPECT_EQ(earlier_agents(root_), std::vector<std::string>());
}

TEST_F(EarlierAgents, ThisProcessIsNotOneOfThem) {
  const auto found = earlier_agents();  // tests of this program may run beside this one
  EXPECT_EQ(std::ranges::find(found, std::to_string(::getpid())), found.end());
}

}  // namespace
}  // namespace probebench::agent
