// SPDX-License-Identifier: MIT
#include "wire/seal.h"

#include <fmt/format.h>

namespace probebench::wire {
namespace {

constexpr std::uint64_t kFnvPrime = 0x100000001b3;
constexpr std::string_view kSealBegin = ",\"seal\":\"";
constexpr std::string_view kSealEnd = "\"}";
constexpr std::size_t kSealDigits = 16;
constexpr std::size_t kSealSize = kSealBegin.size() + kSealDigits + kSealEnd.size();

}  // namespace

void Seal::add(std::string_view line) {
  for (const char c : line) sum_ = (sum_ ^ static_cast<unsigned char>(c)) * kFnvPrime;
}

std::string Seal::put(std::string_view line) {
  line.remove_suffix(1);
  add(line);
  return fmt::format("{}{}{:016x}{}", line, kSealBegin, sum_, kSealEnd);
}

SealFound Seal::check(std::string_view line) {
  if (line.size() < kSealSize || !line.ends_with(kSealEnd)) return SealFound::absent;
  const auto seal = line.substr(line.size() - kSealSize);
  if (!seal.starts_with(kSealBegin)) return SealFound::absent;
  add(line.substr(0, line.size() - kSealSize));
  const auto digits = seal.substr(kSealBegin.size(), kSealDigits);
  return digits == fmt::format("{:016x}", sum_) ? SealFound::right : SealFound::wrong;
}

}  // namespace probebench::wire
