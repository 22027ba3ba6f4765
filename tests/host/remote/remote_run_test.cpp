// SPDX-License-Identifier: MIT
// With a stand-in for ssh that runs the command here, and one for the agent.
#include "remote/remote_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels_fixture.h"

namespace probebench::remote {
namespace {

// The last word is the command.
constexpr const char* kHere = "for command; do :; done\nexec sh -c \"$command\"\n";  // the last word
constexpr const char* kAgent = R"sh([ "$1" = --clean-up ] && exit 0
echo "plan $(cat plan.json)"
echo "at $PWD"
echo "asked $*"
ls kmod
)sh";

class RemoteRun : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::permissions(directory_.write("agent", std::string("#!/bin/sh\n") + kAgent), fs::perms::owner_all);
    programs_.add("ssh", kHere);
    directory_.write("kmod/pb_main.c", "int x;\n");
    directory_.write("kmod/pb_main.o", "no source");
  }

  Result<vm::VmOutcome> run(std::string last = "kmod") {
    vm::VmEvents events;
    events.plan_json = [](ClockKind) { return std::string("{the plan}"); };
    events.on_start = [this](const vm::VmAttempt& attempt) { started_ = attempt.native; };
    events.on_line = [this, last](std::string_view line) {
      lines_.emplace_back(line);
      return line == last;
    };
    RemoteRequest request;
    request.destination = "other";
    request.agent = directory_.path() / "agent";
    request.kmod_dir = directory_.path() / "kmod";
    request.script = fs::path(PROBEBENCH_SOURCE_DIR) / kScript;
    request.agent_log = directory_.path() / "log";
    request.load_module = load_module_;
    const auto keep = [this](RemoteSecrets told) { secrets_ = std::move(told); };
    return run_over_ssh(request, events, keep, steps_);
  }

  std::string lines() const { return fmt::format("{}", fmt::join(lines_, "\n")); }

  TemporaryDirectory directory_;
  kernels::FakePrograms programs_;
  kernels::RecordedSteps steps_;
  std::vector<std::string> lines_;
  RemoteSecrets secrets_;
  bool started_ = false;
  bool load_module_ = false;
};

TEST_F(RemoteRun, CarriesEverythingAndLeavesNothing) {
  const auto outcome = run("pb_main.c");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::finished);
  EXPECT_TRUE(started_);
  ASSERT_GE(lines_.size(), 4U) << lines();
  EXPECT_EQ(lines_[0], "plan {the plan}");
  EXPECT_TRUE(lines_[1].starts_with("at /")) << lines_[1];
  EXPECT_FALSE(fs::exists(lines_[1].substr(3))) << lines_[1];
  EXPECT_NE(lines_[2].find("--no-module"), std::string::npos) << lines_[2];
  EXPECT_NE(lines_[2].find("--lifeline 60"), std::string::npos) << lines_[2];
  EXPECT_EQ(lines().find("pb_main.o"), std::string::npos);
  EXPECT_FALSE(secrets_.command_line.empty());
  EXPECT_TRUE(steps_.mentions("measuring Linux"));
}

TEST_F(RemoteRun, AConnectionThatIsLostIsAnOutcome) {
  programs_.add("ssh", "echo record\necho 'client_loop: send disconnect: Broken pipe' >&2\nexit 255\n");
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::disconnected);
  EXPECT_EQ(outcome->detail, "other: client_loop: send disconnect: Broken pipe");
  EXPECT_EQ(lines(), "record");
}

TEST_F(RemoteRun, AnAgentThatEndsIsNoLostConnection) {
  directory_.write("agent", "#!/bin/sh\n[ \"$1\" = --clean-up ] && exit 0\necho record\nexit 7\n");
  const auto outcome = run();
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->end, vm::VmOutcome::End::died);
  EXPECT_EQ(outcome->qemu_exit, 7);
}

TEST_F(RemoteRun, AHostThatIsNotReachedSaysWhy) {
  programs_.add("ssh", "echo 'Host key verification failed.' >&2\nexit 255\n");
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, Fault::infra);
  EXPECT_NE(outcome.error().message().find("its host key is not known"), std::string::npos)
      << outcome.error().message();
}

TEST_F(RemoteRun, WithoutSshItIsNamed) {
  programs_.add("ldd", "echo 'not a dynamic executable'; exit 1\n");
  programs_.hide_all_others();
  programs_.remove("ssh");
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("the program ssh is not installed"), std::string::npos)
      << outcome.error().message();
}

TEST_F(RemoteRun, AnotherArchitectureIsRefused) {
  programs_.add("uname", "echo Linux aarch64\n");
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("measure on other: it is a Linux aarch64 machine"),
            std::string::npos)
      << outcome.error().message();
  EXPECT_FALSE(started_);
}

TEST_F(RemoteRun, AProgramThatIsMissingThereIsNamed) {
  const auto few = directory_.path() / "few";
  fs::create_directory(few);
  for (const char* name : {"sh", "dd", "uname", "mktemp"}) {
    fs::create_symlink(fs::path("/usr/bin") / name, few / name);
  }
  programs_.add("ssh", fmt::format("PATH={}\nexport PATH\n{}", few.string(), kHere));
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("head is not installed there"), std::string::npos)
      << outcome.error().message();
}

TEST_F(RemoteRun, AModuleWithoutHeadersNamesThePackage) {
  load_module_ = true;
  programs_.add("uname", "case $1 in -r) echo 1.2.3-none;; -n) echo other;; *) echo Linux x86_64;; esac\n");
  const auto outcome = run("pb_main.c");
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_NE(lines().find("no headers for 1.2.3-none are installed the package linux-headers-1.2.3-none"),
            std::string::npos)
      << lines();
}

// The agent finds the loader that came with it beside itself, and so runs with its own C library.
TEST_F(RemoteRun, AProgramRunsWithTheLibrariesThatItBrings) {
  RemoteRequest request;
  request.agent = "/usr/bin/env";
  request.kmod_dir = directory_.path() / "kmod";
  const auto archive = carried_archive(request, "{}");
  ASSERT_TRUE(archive) << archive.error().message();
  directory_.write("carried.tar", *archive);
  const auto unpacked = directory_.path() / "unpacked";
  const auto script = fmt::format(
      "mkdir {0} && cd {0} && tar -xf ../carried.tar && "
      "LD_LIBRARY_PATH={0}/lib ./probebench-agent sh -c 'readlink /proc/$PPID/exe' && "
      "mv lib gone && ! ./probebench-agent true 2>/dev/null",
      unpacked.string());
  EXPECT_EQ(std::system(script.c_str()), 0);
}

}  // namespace
}  // namespace probebench::remote
