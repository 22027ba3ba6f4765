// SPDX-License-Identifier: MIT
#include "kernels/debian_version.h"

#include <cctype>

namespace probebench::kernels {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// A tilde sorts before the end, letters before everything else.
int rank_at(std::string_view text) {
  if (text.empty() || is_digit(text.front())) return 0;
  const auto c = static_cast<unsigned char>(text.front());
  if (c == '~') return -1;
  return std::isalpha(c) != 0 ? c : c + 256;
}

std::strong_ordering compare_text(std::string_view& a, std::string_view& b) {
  while ((!a.empty() && !is_digit(a.front())) || (!b.empty() && !is_digit(b.front()))) {
    if (const auto order = rank_at(a) <=> rank_at(b); order != 0) return order;
    if (!a.empty()) a.remove_prefix(1);
    if (!b.empty()) b.remove_prefix(1);
  }
  return std::strong_ordering::equal;
}

std::string_view take_number(std::string_view& text) {
  while (!text.empty() && text.front() == '0') text.remove_prefix(1);
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const auto digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

std::strong_ordering compare_part(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    if (const auto order = compare_text(a, b); order != 0) return order;
    const auto left = take_number(a);
    const auto right = take_number(b);
    if (const auto order = left.size() <=> right.size(); order != 0) return order;
    if (const auto order = left <=> right; order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::string_view take_epoch(std::string_view& version) {
  const auto colon = version.find(':');
  if (colon == std::string_view::npos) return {};
  const auto epoch = version.substr(0, colon);
  version.remove_prefix(colon + 1);
  return epoch;
}

std::string_view take_revision(std::string_view& version) {
  const auto dash = version.rfind('-');
  if (dash == std::string_view::npos) return {};
  const auto revision = version.substr(dash + 1);
  version = version.substr(0, dash);
  return revision;
}

}  // namespace

std::strong_ordering compare_debian_versions(std::string_view a, std::string_view b) {
  if (const auto order = compare_part(take_epoch(a), take_epoch(b)); order != 0) return order;
  const auto revision_a = take_revision(a);
  const auto revision_b = take_revision(b);
  if (const auto order = compare_part(a, b); order != 0) return order;
  return compare_part(revision_a, revision_b);
}

}  // namespace probebench::kernels
