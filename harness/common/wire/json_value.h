// SPDX-License-Identifier: MIT
// How single values look in results.json. The *_from functions throw what the JSON library and the standard
// library throw on a value of another kind; read_results() catches it.
#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "model/sample.h"

namespace probebench::wire {

using Json = nlohmann::ordered_json;

[[noreturn]] void throw_no_whole_number(const Json& value);

// Integral values without ".0"; null for what is no number.
Json json_of_number(double value);

// nlohmann would take -1 for 2^64 - 1 and 2.5 for 2: what does not fit is refused.
template <std::integral T>
T whole_from(const Json& value) {
  if (value.is_number_unsigned()) {
    if (const auto number = value.get<std::uint64_t>(); std::in_range<T>(number))
      return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    if (const auto number = value.get<std::int64_t>(); std::in_range<T>(number))
      return static_cast<T>(number);
  }
  throw_no_whole_number(value);
}

// "e9 62 31"; null for no bytes.
Json json_of_bytes(std::span<const std::uint8_t> bytes);
Bytes bytes_from(const Json& value);

// "0xffffffffc0201000" (a JavaScript number cannot hold it); null for 0.
Json json_of_address(std::uint64_t address);
std::uint64_t address_from(const Json& value);

// null for an empty text.
Json json_of_text(const std::string& text);
std::string text_from(const Json& value);

template <typename T, typename ToJson>
Json json_of_optional(const std::optional<T>& value, ToJson to_json) {
  return value ? to_json(*value) : Json(nullptr);
}

template <typename FromJson>
auto optional_from(const Json& value, FromJson from_json) -> std::optional<decltype(from_json(value))> {
  if (value.is_null()) return std::nullopt;
  return from_json(value);
}

// The id of a row of one of the model's tables, by the name in `value`.
template <typename Table>
auto id_from(const Table& table, const Json& value) {
  Json ids;
  for (const auto& row : table) ids[std::string(row.name)] = static_cast<int>(row.id);
  return static_cast<decltype(table[0].id)>(ids.at(value.get<std::string>()).template get<int>());
}

// "count", "delay:500"
HandlerChoice handler_from(const Json& value);

// One line as long as it fits, else one line per member. Text that is not UTF-8 is replaced, not refused.
std::string pretty(const Json& value);

// The same as a part of such a text, `indent` columns deep and without the last newline.
std::string pretty_part(const Json& value, std::size_t indent);

}  // namespace probebench::wire
