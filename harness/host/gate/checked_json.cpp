// SPDX-License-Identifier: MIT
#include "gate/checked_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace probebench::gate {
namespace {

std::string_view kind_of(const Json& value) {
  if (value.is_string()) return "a text";
  if (value.is_number()) return "a number";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  return value.is_null() ? "null" : "true or false";
}

Error unreadable(std::string_view source, std::string_view why, std::string hint) {
  return {Fault::usage, fmt::format("read {}: {}", source, why), 0, std::move(hint)};
}

}  // namespace

void Checked::fail(std::string_view problem) const {
  throw BadInput(place_.empty() ? std::string(problem) : fmt::format("{}: {}", place_, problem));
}

void Checked::expect(bool is_so, std::string_view what) const {
  if (!is_so) fail(fmt::format("expected {}, found {}", what, kind_of(*value_)));
}

Checked Checked::at(std::string_view key) const {
  expect(value_->is_object(), "an object");
  const auto found = value_->find(std::string(key));
  if (found == value_->end()) fail(fmt::format("`{}` is missing", key));
  return {*found, place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key)};
}

std::vector<Checked> Checked::items() const {
  expect(value_->is_array(), "a list");
  std::vector<Checked> all;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    all.emplace_back((*value_)[i], fmt::format("{}[{}]", place_, i));
  }
  return all;
}

bool Checked::is_empty() const {
  expect(value_->is_array(), "a list");
  return value_->empty();
}

Checked Checked::first() const {
  return {(*value_)[0], place_ + "[0]"};
}

std::vector<std::pair<std::string, Checked>> Checked::members() const {
  expect(value_->is_object(), "an object");
  std::vector<std::pair<std::string, Checked>> all;
  for (const auto& [key, member] : value_->items()) {
    all.emplace_back(key, Checked(member, fmt::format("{}.{}", place_, key)));
  }
  return all;
}

void Checked::expect_format(std::string_view format, int version, std::string_view otherwise) const {
  if (!has("format") || at("format").text() != format) fail(otherwise);
  if (at("version").number() != version) fail(fmt::format("version is not {}", version));
}

std::string Checked::text() const {
  expect(value_->is_string(), "a text");
  return value_->get<std::string>();
}

std::string Checked::text_or_null() const {
  return is_null() ? std::string() : text();
}

std::size_t Checked::one_of(std::span<const std::string_view> names) const {
  const auto found = std::ranges::find(names, text());
  if (found == names.end()) fail(fmt::format("'{}' is not one of {}", text(), fmt::join(names, ", ")));
  return static_cast<std::size_t>(found - names.begin());
}

double Checked::number() const {
  expect(value_->is_number(), "a number");
  const auto number = value_->get<double>();
  if (!std::isfinite(number)) fail("the number is too large");
  return number;
}

double Checked::exact_count(double least) const {
  constexpr double kMost = 9007199254740992;  // 2^53
  const auto found = number();
  if (!(found >= least && found <= kMost))
    fail(fmt::format("an exact count of a hit is from {:g} to 2^53, not {:g}", least, found));
  return found;
}

std::size_t Checked::count() const {
  expect(value_->is_number_unsigned(), "a whole number that is not negative");
  return value_->get<std::size_t>();
}

bool Checked::truth() const {
  expect(value_->is_boolean(), "true or false");
  return value_->get<bool>();
}

Status read_document(std::string_view text, std::string_view source,
                     const std::function<void(const Checked& document)>& read,
                     const Json::parser_callback_t& filter) {
  if (trimmed(text).empty()) {
    return unreadable(source, "the file is empty", "measure again");
  }
  try {
    const Json json = Json::parse(text, filter);
    read(Checked(json, ""));
    return Done{};
  } catch (const Json::parse_error& problem) {
    const auto where = fmt::format("not JSON from byte {} of {} on", problem.byte, text.size());
    const bool cut_off = problem.byte > text.size();
    return unreadable(source, cut_off ? "the file is cut off" : where, "measure again");
  } catch (const BadInput& problem) {
    return unreadable(source, problem.what(), {});
  } catch (const std::exception& problem) {
    return unreadable(source, problem.what(), "measure again");
  }
}

}  // namespace probebench::gate
