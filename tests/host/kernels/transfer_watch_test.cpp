// SPDX-License-Identifier: MIT
#include "kernels/transfer_watch.h"

#include <gtest/gtest.h>

#include <thread>

#include "kernels/apt_mirror.h"
#include "store_fixture.h"

namespace probebench::kernels {
namespace {

using std::chrono::seconds;

class Transfers : public ::testing::Test {
 protected:
  Status look_after(seconds since_begin) { return watch_.look(begin_ + since_begin); }
  void arrived(std::size_t bytes) const { directory_.write("a/b.deb", std::string(bytes, 'x')); }

  TemporaryDirectory directory_;
  RecordedSteps steps_;
  TransferWatch::Clock::time_point begin_;
  TransferWatch watch_{{"download linux", "mirror.example", {directory_.path()}}, steps_, begin_};
};

TEST_F(Transfers, SaysEveryTenSecondsThatNothingCame) {
  EXPECT_TRUE(look_after(seconds(9)));
  EXPECT_TRUE(steps_.steps.empty());
  EXPECT_TRUE(look_after(seconds(10)));
  EXPECT_TRUE(look_after(seconds(11)));
  EXPECT_TRUE(look_after(seconds(21)));
  EXPECT_EQ(steps_.steps, (std::vector<std::string>{"waiting for mirror.example; 10 s",
                                                    "waiting for mirror.example; 21 s"}));
}

TEST_F(Transfers, StallsWhenNothingCameForTooLong) {
  EXPECT_TRUE(look_after(seconds(29)));
  const auto stalled = look_after(seconds(30));
  ASSERT_FALSE(stalled);
  EXPECT_EQ(stalled.error().fault, Fault::infra);
  EXPECT_EQ(stalled.error().what, "download linux: mirror.example sent nothing for 30 s");
  EXPECT_NE(stalled.error().hint.find("name another mirror in /etc/apt"), std::string::npos);
}

TEST_F(Transfers, AreSlowAsLongAsTheyGetAnywhere) {
  for (int second = 25; second < 200; second += 25) {
    arrived(static_cast<std::size_t>(second) * 1300);
    EXPECT_TRUE(look_after(seconds(second))) << second;
  }
  EXPECT_TRUE(look_after(seconds(204)));
  EXPECT_FALSE(look_after(seconds(205)));
}

TEST_F(Transfers, EndWhenTheyTrickle) {
  arrived(100'000);
  EXPECT_TRUE(look_after(seconds(5)));
  for (int second = 10; second < 65; second += 5) {
    arrived(100'000 + static_cast<std::size_t>(second));
    EXPECT_TRUE(look_after(seconds(second))) << second;
  }
  arrived(100'100);
  const auto trickles = look_after(seconds(65));
  ASSERT_FALSE(trickles);
  EXPECT_EQ(trickles.error().what, "download linux: mirror.example sent only 100 bytes in 60 s");
}

TEST(AptConfiguration, SaysHowLongToWait) {
  EXPECT_EQ(stall_deadline(""), seconds(30));
  EXPECT_EQ(stall_deadline("Acquire::http::Timeout \"120\";\n"), seconds(120));
  EXPECT_EQ(stall_deadline("Acquire::Retries \"3\";\nAcquire::http::Timeout \"5\";\n"), seconds(5));
  EXPECT_EQ(stall_deadline("Acquire::http::Timeout \"0\";\n"), seconds(30));
  EXPECT_EQ(stall_deadline("Acquire::http::Timeout \"x\";\n"), seconds(30));
  EXPECT_EQ(stall_deadline("Acquire::http::Timeout \"99999999999\";\n"), seconds(3600));
}

TEST(Mirror, IsNamedWithoutItsPassword) {
  EXPECT_EQ(host_of("http://user:secret@mirror.example:80/debian"), "mirror.example:80");
  EXPECT_EQ(host_of("https://mirror.example/debian"), "mirror.example");
  EXPECT_EQ(host_of("mirror+file:/etc/m"), "mirror+file:");
}

// Runs side by side; `apt-get` stands in for a slow network.
class SideBySide : public Store {
 protected:
  // What it does first when it downloads.
  void on_download(const std::string& script) {
    programs_.add("apt-get", "case \"$*\" in *download*) " + script + " ;; esac\n" + kAptGet);
  }
};

TEST_F(SideBySide, TheLockIsNotHeldWhileTheNetworkIsWaitedFor) {
  on_download("flock -n '" + (paths_.cache / "lock").string() + "' true || touch '" +
              (machine_.path() / "held").string() + "'");
  ASSERT_TRUE(provide("6.1"));
  EXPECT_FALSE(fs::exists(machine_.path() / "held"));
}

TEST_F(SideBySide, TwoThatFetchTheSameBothEndRight) {
  on_download("touch '" + (machine_.path() / "begun-").string() + "'$$; for i in $(seq 100); do [ $(ls '" +
              machine_.path().string() + "' | grep -c begun-) -ge 2 ] && break; sleep 0.1; done");
  std::vector<Result<Kernel>> kernels(2, Result<Kernel>(Kernel()));
  std::vector<RecordedSteps> steps(2);
  {
    std::vector<std::jthread> runs;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      runs.emplace_back([&, i] { kernels[i] = provide_kernel({"6.1", {}, false}, paths_, steps[i]); });
    }
  }
  for (const auto& kernel : kernels) {
    ASSERT_TRUE(kernel) << kernel.error().message();
    EXPECT_EQ(*read_file(kernel->image), *read_file(machine_.path() / "vmlinuz"));
  }
  EXPECT_TRUE(steps[0].mentions("downloading"));
  EXPECT_TRUE(steps[1].mentions("downloading"));
  EXPECT_EQ(this->kernels(), std::vector<std::string>{"6.1.0-1-cloud-amd64"});
  network(false);
  EXPECT_TRUE(provide("6.1"));
}

}  // namespace
}  // namespace probebench::kernels
