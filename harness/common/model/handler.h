// SPDX-License-Identifier: MIT
// What runs on a hit. Values are those of enum pb_handler.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probebench::inline model {

enum class Handler { nop, count, map, record, stack, string, delay, checklist };

struct HandlerInfo {
  Handler id;
  std::string_view name;
  std::string_view summary;
};

inline constexpr std::array kHandlers{
    HandlerInfo{Handler::nop, "nop", "returns at once"},
    HandlerInfo{Handler::count, "count", "increments a per-CPU counter"},
    HandlerInfo{Handler::map, "map", "looks an address up in a hash map and increments"},
    HandlerInfo{Handler::record, "record", "writes one event into a ring buffer"},
    HandlerInfo{Handler::stack, "stack", "saves the kernel stack"},
    HandlerInfo{Handler::string, "string", "copies a string from user memory"},
    HandlerInfo{Handler::delay, "delay", "spins for delay:NS nanoseconds"},
    HandlerInfo{Handler::checklist, "checklist", "looks the address up in a list of 32"},
};

constexpr const HandlerInfo& info_of(Handler id) {
  return kHandlers[static_cast<size_t>(id)];
}

// A handler and its argument, as --handler takes it: "count", "delay:500".
struct HandlerChoice {
  Handler id = Handler::nop;
  std::uint32_t delay_ns = 0;  // Handler::delay only

  auto operator<=>(const HandlerChoice&) const = default;
};

inline constexpr std::uint32_t kMaxDelayNs = 100'000;

constexpr std::optional<Handler> handler_from_name(std::string_view name) {
  for (const auto& info : kHandlers) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

std::string name_of(const HandlerChoice& choice);
// The inverse; nothing for an unknown name or a delay that is missing, not a number or out of bounds.
std::optional<HandlerChoice> handler_choice_from(std::string_view text);

}  // namespace probebench::inline model
