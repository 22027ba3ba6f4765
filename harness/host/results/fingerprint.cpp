// SPDX-License-Identifier: MIT
#include "results/fingerprint.h"

#include <fmt/format.h>

#include "base/digest.h"

namespace probebench::results {
namespace {

constexpr std::size_t kHexDigits = 16;

bool counts(std::string_view fact) {
  for (const std::string_view wanted : kFingerprintFacts) {
    if (wanted.ends_with('.') ? fact.starts_with(wanted) : fact == wanted) return true;
  }
  return false;
}

}  // namespace

std::map<std::string, std::string> fingerprint_facts(const TargetInfo& target) {
  std::map<std::string, std::string> facts = target.environment.facts;
  facts.insert(target.host.begin(), target.host.end());
  std::erase_if(facts, [](const auto& fact) { return !counts(fact.first); });
  return facts;
}

std::string fingerprint(const TargetInfo& target) {
  std::string text = fmt::format("kind={}\naccel={}\nclock={}\n", target.kind, target.accel,
                                 target.clock ? info_of(*target.clock).name : "");
  for (const auto& [name, value] : fingerprint_facts(target)) text += fmt::format("{}={}\n", name, value);
  return sha256_text(text).substr(0, kHexDigits);
}

}  // namespace probebench::results
