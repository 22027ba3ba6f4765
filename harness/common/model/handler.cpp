// SPDX-License-Identifier: MIT
#include "model/handler.h"

#include <charconv>

namespace probebench::inline model {

std::string name_of(const HandlerChoice& choice) {
  std::string name(info_of(choice.id).name);
  return choice.id == Handler::delay ? name + ':' + std::to_string(choice.delay_ns) : name;
}

std::optional<HandlerChoice> handler_choice_from(std::string_view text) {
  const auto colon = text.find(':');
  const auto handler = handler_from_name(text.substr(0, colon));
  const bool takes_delay = handler == Handler::delay;
  if (!handler || takes_delay != (colon != std::string_view::npos)) return std::nullopt;
  HandlerChoice choice{*handler, 0};
  if (!takes_delay) return choice;
  const auto number = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), choice.delay_ns);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  if (!whole || choice.delay_ns == 0 || choice.delay_ns > kMaxDelayNs) return std::nullopt;
  return choice;
}

}  // namespace probebench::inline model
