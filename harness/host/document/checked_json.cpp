// SPDX-License-Identifier: MIT
#include "document/checked_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace probebench::document {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

static_assert(sizeof(Element) == sizeof(element) && std::is_trivially_copyable_v<element>);

element element_of(const Element& value) {
  return std::bit_cast<element>(value);
}

Element kept(const element& value) {
  return std::bit_cast<Element>(value);
}

std::string_view kind_of(const element& value) {
  switch (value.type()) {
    case element_type::STRING:
      return "a text";
    case element_type::OBJECT:
      return "an object";
    case element_type::ARRAY:
      return "a list";
    case element_type::BOOL:
      return "true or false";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

Error unreadable(std::string_view source, std::string_view why, std::string hint) {
  return {Fault::usage, fmt::format("read {}: {}", source, why), 0, std::move(hint)};
}

// simdjson says that a text is no JSON, the other reader says from which byte on.
Error not_json(std::string_view text, std::string_view source, std::string_view why) {
  using Json = nlohmann::json;
  const auto dropped = [](int, Json::parse_event_t, Json&) { return false; };
  try {
    [[maybe_unused]] const auto nothing = Json::parse(text, dropped);
  } catch (const Json::parse_error& problem) {
    const bool cut_off = problem.byte > text.size();
    const auto where = fmt::format("not JSON from byte {} of {} on", problem.byte, text.size());
    return unreadable(source, cut_off ? "the file is cut off" : where, "measure again");
  } catch (const Json::out_of_range&) {
    return unreadable(source, "a number is too large", "measure again");
  }
  return unreadable(source, why, "measure again");
}

}  // namespace

Place Place::with(const Step& step) const {
  Place place = *this;
  if (depth_ < kMost) place.steps_[place.depth_++] = step;
  return place;
}

Place Place::in(std::string_view key) const {
  return with({.key = key});
}

Place Place::in(std::size_t index) const {
  return with({.key = {}, .index = index});
}

std::string Place::text() const {
  std::string text;
  for (std::size_t i = 0; i < depth_; ++i) {
    const auto& step = steps_.at(i);
    if (step.key.empty()) {
      text += fmt::format("[{}]", step.index);
    } else {
      text += fmt::format("{}{}", text.empty() ? "" : ".", step.key);
    }
  }
  return text;
}

void Checked::fail(std::string_view problem) const {
  const auto place = place_.text();
  throw BadInput(place.empty() ? std::string(problem) : fmt::format("{}: {}", place, problem));
}

void Checked::expect(bool is_so, std::string_view what) const {
  if (!is_so) fail(fmt::format("expected {}, found {}", what, kind_of(element_of(value_))));
}

Checked Checked::at(std::string_view key) const {
  expect(element_of(value_).is_object(), "an object");
  element member;
  if (element_of(value_).at_key(key).get(member) != simdjson::SUCCESS)
    fail(fmt::format("`{}` is missing", key));
  return {kept(member), place_.in(key)};
}

std::vector<Checked> Checked::items() const {
  expect(element_of(value_).is_array(), "a list");
  std::vector<Checked> all;
  for (const auto item : element_of(value_).get_array()) all.emplace_back(kept(item), place_.in(all.size()));
  return all;
}

bool Checked::is_empty() const {
  expect(element_of(value_).is_array(), "a list");
  return simdjson::dom::array(element_of(value_)).size() == 0;
}

Checked Checked::first() const {
  return {kept(element_of(value_).at(0)), place_.in(std::size_t{0})};
}

std::vector<std::pair<std::string, Checked>> Checked::members() const {
  expect(element_of(value_).is_object(), "an object");
  std::vector<std::pair<std::string, Checked>> all;
  for (const auto member : element_of(value_).get_object())
    all.emplace_back(member.key, Checked(kept(member.value), place_.in(member.key)));
  return all;
}

void Checked::expect_format(std::string_view format, int version, std::string_view otherwise) const {
  if (!has("format") || at("format").text() != format) fail(otherwise);
  if (at("version").number() != version) fail(fmt::format("version is not {}", version));
}

bool Checked::has(std::string_view key) const {
  return element_of(value_).at_key(key).error() == simdjson::SUCCESS;  // of what is no object, too
}

bool Checked::is_null() const {
  return element_of(value_).is_null();
}

std::string Checked::text() const {
  expect(element_of(value_).is_string(), "a text");
  return std::string(std::string_view(element_of(value_).get_string()));
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
  expect(element_of(value_).is_number(), "a number");
  const double number = element_of(value_).get_double();
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
  std::uint64_t found = 0;
  const bool is_whole =
      element_of(value_).type() == element_type::UINT64 || element_of(value_).type() == element_type::INT64;
  expect(is_whole && element_of(value_).get_uint64().get(found) == simdjson::SUCCESS,
         "a whole number that is not negative");
  return found;
}

bool Checked::truth() const {
  expect(element_of(value_).is_bool(), "true or false");
  return element_of(value_).get_bool();
}

Status read_document(std::string_view text, std::string_view source,
                     const std::function<void(const Checked& document)>& read) {
  if (trimmed(text).empty()) {
    return unreadable(source, "the file is empty", "measure again");
  }
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root); error != simdjson::SUCCESS) {
    return not_json(text, source, simdjson::error_message(error));
  }
  try {
    read(Checked(kept(root), Place()));
    return Done{};
  } catch (const BadInput& problem) {
    return unreadable(source, problem.what(), {});
  } catch (const std::exception& problem) {
    return unreadable(source, problem.what(), "measure again");
  }
}

struct PartReader::Parser {
  simdjson::dom::parser parser;
};

PartReader::PartReader() : parser_(std::make_unique<Parser>()) {}

PartReader::~PartReader() = default;

bool PartReader::read(std::string_view text, const Place& place,
                      const std::function<void(const Checked& part)>& read) {
  element root;
  if (parser_->parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return false;
  try {
    read(Checked(kept(root), place));
    return true;
  } catch (const BadInput&) {
    return false;
  }
}

}  // namespace probebench::document
