// SPDX-License-Identifier: MIT
#include "gate/limits.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/file.h"
#include "model/summary.h"

namespace probebench::gate {
namespace {

using Keys = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kRootKeys{"default", "limit", "accept"};
constexpr std::array<std::string_view, 3> kLimitKeys{"absolute", "relative", "floor"};
constexpr std::array<std::string_view, 5> kRuleKeys{"cell", "metric", "absolute", "relative", "floor"};
constexpr std::array<std::string_view, 2> kAcceptKeys{"cell", "reason"};

Error problem(std::string_view source, std::string_view what) {
  return {Fault::usage, fmt::format("read limits {}: {}", source, what), 0, "see docs/gating.md"};
}

// The first key that is not known; empty: none.
std::string unknown_key(const toml::table& table, Keys known) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, key.str()) == known.end()) return std::string(key.str());
  }
  return {};
}

// What is wrong with the numbers of a limit; empty: nothing.
std::string take_limit(const toml::table& table, Limit& limit) {
  const std::array<double*, 3> places{&limit.absolute, &limit.relative, &limit.floor};
  for (std::size_t i = 0; i < kLimitKeys.size(); ++i) {
    const auto node = table[kLimitKeys[i]];
    if (!node) continue;
    const auto value = node.value<double>();
    if (!value || !(*value >= 0)) return fmt::format("`{}`: expected a number from 0 on", kLimitKeys[i]);
    *places[i] = *value;
  }
  if (limit.relative >= 1) return "`relative` is a share of 1: 2 % is 0.02";
  return {};
}

std::string take_text(const toml::table& table, std::string_view key, std::string& text) {
  const auto value = table[key].value<std::string>();
  if (!value || value->empty()) return fmt::format("`{}`: expected a text", key);
  text = *value;
  return {};
}

std::string take_rule(const toml::table& table, Limits& limits) {
  if (const auto key = unknown_key(table, kRuleKeys); !key.empty())
    return fmt::format("unknown key '{}'", key);
  LimitRule rule{.cell = "*", .metric = "*", .limit = limits.otherwise};
  for (auto* text : {&rule.cell, &rule.metric}) {
    const std::string_view key = text == &rule.cell ? "cell" : "metric";
    if (!table.contains(key)) continue;
    if (auto wrong = take_text(table, key, *text); !wrong.empty()) return wrong;
  }
  auto wrong = take_limit(table, rule.limit);
  limits.rules.push_back(std::move(rule));
  return wrong;
}

std::string take_accept(const toml::table& table, Limits& limits) {
  if (const auto key = unknown_key(table, kAcceptKeys); !key.empty()) {
    return fmt::format("unknown key '{}'", key);
  }
  AcceptRule rule;
  if (auto wrong = take_text(table, "cell", rule.cell); !wrong.empty()) return wrong;
  auto wrong = take_text(table, "reason", rule.reason);
  limits.accepts.push_back(std::move(rule));
  return wrong;
}

template <typename Take>
std::string each_table(const toml::table& root, std::string_view name, Limits& limits, Take take) {
  if (!root.contains(name)) return {};
  const auto* list = root[name].as_array();
  if (list == nullptr || !list->is_array_of_tables()) return fmt::format("write [[{}]]", name);
  for (const auto& node : *list) {
    if (auto wrong = take(*node.as_table(), limits); !wrong.empty()) {
      return fmt::format("[[{}]] in line {}: {}", name, node.source().begin.line, wrong);
    }
  }
  return {};
}

std::string read_into(const toml::table& root, Limits& limits) {
  if (const auto key = unknown_key(root, kRootKeys); !key.empty())
    return fmt::format("unknown key '{}'", key);
  if (root.contains("default")) {
    const auto* otherwise = root["default"].as_table();
    if (otherwise == nullptr) return "write [default]";
    if (const auto key = unknown_key(*otherwise, kLimitKeys); !key.empty()) {
      return fmt::format("[default]: unknown key '{}'", key);
    }
    if (auto wrong = take_limit(*otherwise, limits.otherwise); !wrong.empty()) return "[default]: " + wrong;
  }
  if (auto wrong = each_table(root, "limit", limits, take_rule); !wrong.empty()) return wrong;
  return each_table(root, "accept", limits, take_accept);
}

}  // namespace

// Only the last star is gone back to, for an earlier one would leave less to the rest: the time is at most
// the product of the lengths.
bool fits(std::string_view pattern, std::string_view name) {
  std::size_t in_pattern = 0;
  std::size_t in_name = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t resume = 0;
  while (in_name < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      after_star = ++in_pattern;
      resume = in_name;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == name[in_name]) {
      ++in_pattern;
      ++in_name;
    } else if (after_star != std::string_view::npos) {
      in_pattern = after_star;
      in_name = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

Limit Limits::find(std::string_view cell, std::string_view metric) const {
  const auto found = std::find_if(rules.rbegin(), rules.rend(), [&](const LimitRule& rule) {
    return fits(rule.cell, cell) && fits(rule.metric, metric);
  });
  return found == rules.rend() ? otherwise : found->limit;
}

const AcceptRule* Limits::accepted(std::string_view cell) const {
  const auto found =
      std::ranges::find_if(accepts, [&](const AcceptRule& rule) { return fits(rule.cell, cell); });
  return found == accepts.end() ? nullptr : &*found;
}

std::vector<std::string> unused_rules(const Limits& limits, const std::vector<std::string_view>& cells) {
  const auto fits_a_cell = [&](std::string_view pattern) {
    return std::ranges::any_of(cells, [&](auto name) { return fits(pattern, name); });
  };
  const auto fits_a_metric = [&](std::string_view pattern) {
    return std::ranges::any_of(kMetrics, [&](const auto& info) { return fits(pattern, info.name); });
  };
  std::vector<std::string> unused;
  for (const auto& rule : limits.rules) {
    if (!fits_a_cell(rule.cell)) unused.push_back(fmt::format("[[limit]] cell = '{}'", rule.cell));
    if (!fits_a_metric(rule.metric)) unused.push_back(fmt::format("[[limit]] metric = '{}'", rule.metric));
  }
  for (const auto& rule : limits.accepts) {
    if (!fits_a_cell(rule.cell)) unused.push_back(fmt::format("[[accept]] cell = '{}'", rule.cell));
  }
  return unused;
}

Result<Limits> parse_limits(std::string_view text, std::string_view source) {
  try {
    Limits limits;
    const auto wrong = read_into(toml::parse(text), limits);
    if (!wrong.empty()) return problem(source, wrong);
    return limits;
  } catch (const toml::parse_error& error) {
    return problem(source, fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

Result<Limits> load_limits(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return Error{Fault::usage, "read limits " + file.string(), text.error().err, {}};
  return parse_limits(*text, file.string());
}

}  // namespace probebench::gate
