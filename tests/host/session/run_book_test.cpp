// SPDX-License-Identifier: MIT
// What a run of several targets asks for and shares.
#include "session/run_book.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/file_name.h"
#include "results/results_json.h"
#include "sample_run.h"
#include "session/requested_target.h"
#include "vm/run_slots.h"

namespace probebench::session {
namespace {

const kernels::KernelCatalog kCatalog{"cloud-amd64",
                                      {{.name = "5.10", .series = "5.10"}, {.name = "6.1", .series = "6.1"}}};

TEST(RequestedTargets, EachKernelAsItIsAndWithEachArgument) {
  const auto targets = requested_targets(
      {.kernels = "all,./vmlinuz", .kernel_args = {"mitigations=off", "nosmt preempt=none"}}, kCatalog);
  ASSERT_TRUE(targets) << targets.error().message();
  std::vector<std::string> titles;
  for (const auto& target : *targets) titles.push_back(target.title());
  EXPECT_EQ(titles,
            (std::vector<std::string>{"5.10", "5.10 mitigations=off", "5.10 nosmt preempt=none", "6.1",
                                      "6.1 mitigations=off", "6.1 nosmt preempt=none", "vmlinuz",
                                      "vmlinuz mitigations=off", "vmlinuz nosmt preempt=none"}));
  EXPECT_EQ(targets->back().kernel, "./vmlinuz");
}

TEST(RequestedTargets, UnknownKernelsAreUsageErrorsWithTheNearestName) {
  const auto targets = requested_targets({.kernels = "5.10,6.2"}, kCatalog);
  ASSERT_FALSE(targets);
  EXPECT_EQ(targets.error().fault, Fault::usage);
  EXPECT_NE(targets.error().message().find("did you mean 6.1?"), std::string::npos)
      << targets.error().message();
}

TEST(RequestedTargets, ArgumentsBecomePartsOfNames) {
  EXPECT_EQ(id_suffix(""), "");
  EXPECT_EQ(id_suffix(" mitigations=off  preempt=none"), "+mitigations=off+preempt=none");
  EXPECT_EQ(file_label("6.1.0-56+a=b/c d"), "6.1.0-56+a=b_c_d");
  // Whatever a release or an argument says, it is part of one file's name.
  for (const std::string& text : {std::string(".."), std::string("../../x"), std::string("a\n\x1b[2J"),
                                  std::string(300, 'x'), std::string(), std::string("a\0b", 3)}) {
    EXPECT_TRUE(file_name_of("guest-" + file_label(text) + ".log", "label")) << text;
  }
  EXPECT_NE(file_label(std::string(300, 'x') + "1"), file_label(std::string(300, 'x') + "2"));
}

TEST(RunSlots, WhoMeasuresTimeIsAlone) {
  vm::RunSlots slots(3);
  std::atomic<int> counting = 0;
  std::atomic<bool> overlapped = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, alone = i % 3 == 0] {
      const auto held = alone ? slots.take_all() : slots.take_one();
      const int before = counting.fetch_add(1);
      if (alone && before != 0) overlapped = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      const int after = counting.fetch_sub(1);
      if ((alone && after != 1) || after > 3) overlapped = true;
    });
  }
  threads.clear();
  EXPECT_FALSE(overlapped);
}

TEST(RunBook, IsCompleteWhenEveryTargetIs) {
  const auto sample = results::sample_run();
  const auto root = fs::temp_directory_path() / ("probebench-book-" + std::to_string(::getpid()));
  auto directory = results::RunDirectory::create_at(root);
  ASSERT_TRUE(directory) << directory.error().message();
  RunBook book(RunRecord{}, *directory, 2);
  TargetPage first{.target = sample.targets[0], .cells = sample.cells, .complete = true};
  first.target->ended.clear();
  ASSERT_TRUE(book.write(1, first));
  EXPECT_FALSE(book.record().complete);
  auto second = first;
  second.target->info.id = "another";
  ASSERT_TRUE(book.write(0, second));
  EXPECT_TRUE(book.record().complete);
  EXPECT_EQ(book.record().targets.front().info.id, "another");
  second.complete = false;
  second.target->ended = "it panicked";
  ASSERT_TRUE(book.write(0, second));
  EXPECT_FALSE(book.record().complete);
  EXPECT_EQ(book.record().ended, "another: it panicked");
  const auto text = read_file(root / "results.json");
  ASSERT_TRUE(text);
  EXPECT_EQ(*results::read_results(*text, "x"), book.record());
  fs::remove_all(root);
}

}  // namespace
}  // namespace probebench::session
