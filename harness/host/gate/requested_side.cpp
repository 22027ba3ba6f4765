// SPDX-License-Identifier: MIT
#include "gate/requested_side.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "plan/selection.h"

namespace probebench::gate {
namespace {

constexpr std::array<std::string_view, 7> kNames{"kernel", "headers", "build", "arg",
                                                 "cpu",    "handler", "probe"};

bool is_name(std::string_view name) {
  return std::ranges::find(kNames, name) != kNames.end();
}

std::string_view name_in(std::string_view word) {
  return word.substr(0, word.find('='));
}

Error side_usage(std::string what, std::string hint) {
  return {Fault::usage, std::move(what), 0, std::move(hint)};
}

// "kernel=A,headers=B" in its parts. What does not begin with a name belongs to the part before it, as the
// features of cpu=MODEL,-FEATURE do.
std::vector<std::string> parts_of(std::string_view word) {
  std::vector<std::string> parts;
  for (const auto part : split(word, ',')) {
    if (parts.empty() || (part.find('=') != part.npos && is_name(name_in(part)))) {
      parts.emplace_back(part);
    } else {
      parts.back() += "," + std::string(part);
    }
  }
  return parts;
}

// A boot line's argument may have commas, and so may a path.
Status check_alone(std::string_view option, std::string_view word) {
  const auto name = name_in(word);
  const auto parts = parts_of(word);
  std::error_code ignored;
  if (parts.size() == 1 || name == "arg" || std::filesystem::exists(word.substr(name.size() + 1), ignored))
    return Done{};
  return side_usage(fmt::format("{} {}: expected one NAME=VALUE", option, word),
                    fmt::format("pass {} {}", option, fmt::join(parts, fmt::format(" {} ", option))));
}

Status check_word(std::string_view option, std::string_view word) {
  const auto name = name_in(word);
  if (is_name(name) && word.size() > name.size() + 1) return check_alone(option, word);
  return side_usage(fmt::format("{} {}: expected kernel=NAME, headers=DIR, build=DIR, arg=ARGS, cpu=MODEL, "
                                "handler=NAME or probe=FILE",
                                option, word),
                    is_name(name) ? fmt::format("for example {}=VALUE", name)
                                  : plan::did_you_mean(name, kNames, "see ./run-bench gate --help"));
}

void take(std::string_view name, const std::string& value, RequestedSide& side) {
  if (name == "kernel") side.kernel = value;
  if (name == "headers") side.headers = value;
  if (name == "build") side.build = value;
  if (name == "arg") side.kernel_args += (side.kernel_args.empty() ? "" : " ") + value;
  if (name == "cpu") side.cpu = value;
  if (name == "handler") side.handler = value;
  if (name == "probe") side.probe = value;
}

Status check_native(const RequestedSide& side) {
  if (side.kernel.empty() && side.headers.empty() && side.kernel_args.empty() && side.cpu.empty())
    return Done{};
  return side_usage("--target native measures the running kernel: a side is a build or a handler",
                    "leave kernel=, arg= and cpu= out, or use --target vm");
}

Status check_headers(std::string_view option, const RequestedSide& side) {
  if (side.headers.empty() || side.kernel.find('/') != std::string::npos) return Done{};
  return side_usage(
      fmt::format("{} headers={}: goes with a kernel= that is a path", option, side.headers.string()),
      "name the kernel by its path");
}

}  // namespace

Result<RequestedSide> requested_side(std::string_view option, const std::vector<std::string>& words,
                                     std::string_view target) {
  RequestedSide side;
  for (const auto& word : words) {
    TRY(check_word(option, word));
    const auto name = name_in(word);
    take(name, word.substr(name.size() + 1), side);
  }
  TRY(check_headers(option, side));
  if (target == "native") TRY(check_native(side));
  return side;
}

}  // namespace probebench::gate
