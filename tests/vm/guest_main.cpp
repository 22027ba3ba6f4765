// SPDX-License-Identifier: MIT
// PID 1 of a guest that only runs tests: verdicts go out of the record port, one line each.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <termios.h>
#include <unistd.h>

#include <string>

#include "agent/guest.h"
#include "base/unique_fd.h"
#include "kernel/control.h"

namespace probebench {
namespace {

void say(int fd, const std::string& line) {
  const std::string text = line + "\n";
  if (::write(fd, text.data(), text.size()) < 0) std::perror("write record port");
}

class Verdicts : public testing::EmptyTestEventListener {
 public:
  explicit Verdicts(int fd) : fd_(fd) {}

  void OnTestPartResult(const testing::TestPartResult& part) override {
    const auto where = part.failed() ? std::string(part.file_name()) + ": " : std::string();
    say(fd_, "  " + where + one_line(part.message()));
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    const auto name = std::string(test.test_suite_name()) + "." + test.name();
    const auto* result = test.result();
    for (int i = 0; i < result->test_property_count(); ++i) {
      const auto& property = result->GetTestProperty(i);
      say(fd_, std::string("  ") + property.key() + " " + property.value());
    }
    say(fd_, (result->Skipped() ? "SKIP " : result->Passed() ? "PASS " : "FAIL ") + name);
  }
  void OnTestProgramEnd(const testing::UnitTest& unit) override {
    say(fd_, "END " + std::to_string(unit.test_to_run_count()));
  }

 private:
  static std::string one_line(std::string text) {
    for (auto& c : text) c = c == '\n' ? ' ' : c;
    return text;
  }
  int fd_;
};

void run_tests(int argc, char** argv) {
  const UniqueFd port(::open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC));
  termios settings{};
  ::tcgetattr(port.get(), &settings);
  ::cfmakeraw(&settings);
  ::tcsetattr(port.get(), TCSANOW, &settings);
  testing::InitGoogleTest(&argc, argv);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Verdicts(port.get()));
  const auto loaded = kernel::Control::load_module("/probebench.ko");
  if (!loaded) return say(port.get(), "FAIL " + loaded.error().message());
  if (RUN_ALL_TESTS() != 0) say(port.get(), "some tests failed");
  ::tcdrain(port.get());
}

}  // namespace
}  // namespace probebench

int main(int argc, char** argv) {
  if (::getpid() != 1) return 2;
  if (probebench::agent::mount_filesystems()) probebench::run_tests(argc, argv);
  probebench::agent::end_machine();
}
