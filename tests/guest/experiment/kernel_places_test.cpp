// SPDX-License-Identifier: MIT
#include "experiment/kernel_places.h"

#include <gtest/gtest.h>

namespace probebench::experiment {
namespace {

// nop of ftrace; push; mov; pop; ret
const Bytes kText{0x0f, 0x1f, 0x44, 0x00, 0x00, 0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3};
const kernel::KernelFunction kTextFunction{.address = 0x1000, .size = kText.size()};

PredictSite at(ProbeType type, const std::string& place, std::optional<std::uint64_t> offset = {}) {
  return {.probe_type = type, .place = place, .name = "f", .offset = offset};
}

std::string text_says(const PredictSite& site, const Bytes& text = kText) {
  const auto status = check_text(site, {.address = 0x1000, .size = text.size()}, text, nullptr);
  return status ? "" : status.error().message();
}

TEST(KernelText, TakesInstructionsAndNoOtherPlaces) {
  for (const std::uint64_t offset : {0, 5, 6, 9, 10}) {
    EXPECT_EQ(text_says(at(ProbeType::kprobe_optimized, "f+" + std::to_string(offset), offset)), "");
  }
  EXPECT_EQ(text_says(at(ProbeType::kprobe_optimized, "f+3", 3)),
            "+3 is inside an instruction; it begins at +0x0");
  EXPECT_EQ(text_says(at(ProbeType::kprobe_optimized, "f+0x8", 8)),
            "+0x8 is inside an instruction; it begins at +0x6");
  EXPECT_EQ(text_says(at(ProbeType::kprobe_optimized, "f+11", 11)), "f is 11 bytes long on this kernel");
  EXPECT_EQ(text_says(at(ProbeType::kprobe_optimized, "f+0xd30", 0xd30)),
            "f is 11 bytes long on this kernel");
}

TEST(KernelText, BelievesTheKernelWhereItCannotBeRead) {
  const auto status =
      check_text(at(ProbeType::kprobe_optimized, "f+9", 9), kTextFunction, Bytes{0x55}, nullptr);
  EXPECT_TRUE(status);
}

TEST(KernelText, HasWhatFtraceNeeds) {
  const Bytes without{0x55, 0x5d, 0xc3};
  EXPECT_EQ(text_says(at(ProbeType::fentry, "f")), "");
  EXPECT_NE(text_says(at(ProbeType::fentry, "f"), without).find("no ftrace call at its entry"),
            std::string::npos);
  EXPECT_EQ(text_says(at(ProbeType::bpf_kprobe, "f"), without), "");
}

TEST(KernelText, HasAReturnForReturnProbes) {
  const Bytes endless{0x0f, 0x1f, 0x44, 0x00, 0x00, 0xe8, 0, 1, 0, 0, 0x0f, 0x0b};
  EXPECT_EQ(text_says(at(ProbeType::kretprobe_int3, "f")), "");
  EXPECT_EQ(text_says(at(ProbeType::kretprobe_int3, "f"), endless),
            "f never returns, so kretprobe-int3 has no hit");
  EXPECT_NE(text_says(at(ProbeType::fexit, "f"), endless), "");
  EXPECT_EQ(text_says(at(ProbeType::fentry, "f"), endless), "");
}

}  // namespace

}  // namespace probebench::experiment
