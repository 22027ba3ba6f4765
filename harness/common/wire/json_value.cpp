// SPDX-License-Identifier: MIT
#include "wire/json_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <stdexcept>

namespace probebench::wire {
namespace {

constexpr std::size_t kLineWidth = 320;                      // a window fits
constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53

std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void put(std::string& out, const Json& value, std::size_t indent) {
  std::string line = compact(value);
  if (!value.is_structured() || line.size() + indent <= kLineWidth) {
    out += line;
    return;
  }
  const std::string margin(indent + 2, ' ');
  char separator = value.is_object() ? '{' : '[';
  for (const auto& [key, member] : value.items()) {
    out += separator;
    out += '\n' + margin;
    if (value.is_object()) out += compact(key) + ": ";
    put(out, member, indent + 2);
    separator = ',';
  }
  out += '\n' + std::string(indent, ' ') + (value.is_object() ? '}' : ']');
}

}  // namespace

void throw_no_whole_number(const Json& value) {
  throw std::out_of_range(fmt::format("{:.40} is no whole number of the wanted size", compact(value)));
}

Json json_of_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (std::trunc(value) == value && std::abs(value) < kLargestExactInteger)
    return static_cast<std::int64_t>(value);
  return value;
}

Json json_of_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return nullptr;
  return fmt::format("{:02x}", fmt::join(bytes, " "));
}

Bytes bytes_from(const Json& value) {
  Bytes bytes;
  if (value.is_null()) return bytes;
  const auto text = value.get<std::string>();
  for (std::size_t at = 0; at < text.size(); at += 3) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

Json json_of_address(std::uint64_t address) {
  if (address == 0) return nullptr;
  return fmt::format("{:#018x}", address);
}

std::uint64_t address_from(const Json& value) {
  return value.is_null() ? 0 : std::stoull(value.get<std::string>(), nullptr, 16);
}

Json json_of_text(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string text_from(const Json& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

HandlerChoice handler_from(const Json& value) {
  const auto choice = handler_choice_from(value.get<std::string>());
  if (!choice) throw std::out_of_range("unknown handler " + value.dump());
  return *choice;
}

std::string pretty(const Json& value) {
  return pretty_part(value, 0) + '\n';
}

std::string pretty_part(const Json& value, std::size_t indent) {
  std::string out;
  put(out, value, indent);
  return out;
}

}  // namespace probebench::wire
