// SPDX-License-Identifier: MIT
#include "plan/probe_language.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "plan/selection.h"

namespace probebench::plan {
namespace {

constexpr std::string_view kOffsetForm = "a whole number, decimal or 0x and hexadecimal";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Compilers put dots into names ("finish_task_switch.isra.0").
bool is_name(std::string_view text, std::string_view more = ".") {
  const auto fits = [&](char c) { return is_letter(c) || is_digit(c) || more.find(c) != more.npos; };
  return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, fits);
}

// All of the text, or nothing: from_chars alone takes "5x" for 5.
std::optional<std::uint64_t> number_in(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "name+offset" in its parts.
struct Split {
  std::string_view name;
  std::optional<std::string_view> offset;
};

Split at_plus(std::string_view text, std::size_t plus) {
  if (plus == text.npos) return {text, {}};
  return {text.substr(0, plus), text.substr(plus + 1)};
}

Error bad_offset(const std::string& text, std::string_view offset) {
  return bad_probe(text, fmt::format("'{}' is no offset", offset), std::string(kOffsetForm));
}

// What people write in other tools, and where it is said here.
Error bad_function(const std::string& text, std::string_view name) {
  const auto odd = name.find_first_of("%@:*?-+ ");
  const auto problem = fmt::format("'{}' is no function", name);
  if (odd == name.npos) return bad_probe(text, problem, "for example vfs_read, or vfs_read+0x10");
  switch (name[odd]) {
    case '%':
      return bad_probe(text, problem, "return probes have types of their own: kretprobe:FUNCTION");
    case '@':
      return bad_probe(text, problem, "source files are not known here: FUNCTION+OFFSET");
    case '*':
    case '?':
      return bad_probe(text, problem, "name one function: patterns are not taken");
    default:
      return bad_probe(text, problem, "FUNCTION+OFFSET; the offset is " + std::string(kOffsetForm));
  }
}

Status read_function(const std::string& text, std::string_view place, PredictSite& site) {
  const auto colon = place.find(':');
  if (colon != place.npos) {
    site.module = place.substr(0, colon);
    place.remove_prefix(colon + 1);
    if (!is_name(site.module, "-")) return bad_probe(text, fmt::format("'{}' is no module", site.module));
  }
  const auto parts = at_plus(place, place.find('+'));
  if (!is_name(parts.name)) {
    const auto line = std::ranges::all_of(parts.name, is_digit);
    if (colon != place.npos && line) {
      return bad_probe(text, fmt::format("'{}' is no function", parts.name),
                       "lines of the source are not known here: FUNCTION+OFFSET");
    }
    return bad_function(text, parts.name);
  }
  site.name = parts.name;
  if (!parts.offset) return Done{};
  site.offset = number_in(*parts.offset);
  if (!site.offset) return bad_offset(text, *parts.offset);
  if (takes_offset(site.probe_type) || *site.offset == 0) return Done{};
  return bad_probe(text,
                   fmt::format("{} is attached to whole functions, not to +{}", info_of(site.probe_type).name,
                               *parts.offset),
                   "kprobe:FUNCTION+OFFSET can be anywhere in one");
}

Status read_event(const std::string& text, std::string_view place, PredictSite& site) {
  const auto parts = split(place, ':');
  if (parts.size() == 2 && is_name(parts[0], "-") && is_name(parts[1], "-")) {
    site.name = place;
    return Done{};
  }
  return bad_probe(text, "its place is a trace event", "GROUP:EVENT, for example sched:sched_switch");
}

constexpr const char* kFileForms =
    "FILE:FUNCTION, or FILE+OFFSET with the offset in the file; for example /bin/ls+0x4000";

// FILE+OFFSET and FILE:OFFSET.
Result<SpelledPlace> at_offset(const std::string& text, std::string_view file, std::string_view offset) {
  const auto number = number_in(offset);
  if (number) return SpelledPlace{.file = std::string(file), .offset = number};
  auto error = bad_offset(text, offset);
  if (is_name(offset, ".@$")) error.hint = fmt::format("of a function: {}:{}", file, offset);
  return error;
}

Result<SpelledPlace> at_symbol(const std::string& text, std::string_view file, std::string_view symbol) {
  if (!symbol.empty() && is_digit(symbol.front())) return at_offset(text, file, symbol);
  const auto parts = at_plus(symbol, symbol.find('+'));
  if (!is_name(parts.name, ".@$")) return bad_function(text, parts.name);
  SpelledPlace place{.file = std::string(file), .symbol = std::string(parts.name)};
  if (!parts.offset) return place;
  place.offset = number_in(*parts.offset);
  if (place.offset) return place;
  return bad_offset(text, *parts.offset);
}

// The last colon is the language's, unless a path goes on behind it.
std::size_t last_colon(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon != text.npos && text.find('/', colon) != text.npos ? text.npos : colon;
}

Result<SpelledPlace> read_marker(const std::string& text, std::string_view place, std::size_t colon) {
  const auto name = place.substr(colon + 1);
  const auto rest = place.substr(0, colon);
  const auto before = last_colon(rest);
  constexpr const char* kForm = "FILE:PROVIDER:NAME, for example libc.so.6:libc:setjmp";
  if (before == rest.npos || before == 0) return bad_probe(text, "its place is a USDT marker", kForm);
  const auto provider = rest.substr(before + 1);
  if (!is_name(provider, "-") || !is_name(name, "-")) return bad_probe(text, "its marker is no name", kForm);
  return SpelledPlace{.file = std::string(rest.substr(0, before)),
                      .provider = std::string(provider),
                      .marker = std::string(name)};
}

Result<SpelledPlace> read_file_place(const std::string& text, std::string_view place, ProbeType probe_type) {
  const auto colon = last_colon(place);
  const auto plus = place.rfind('+');
  if (colon != place.npos && colon > 0) {
    return probe_type == ProbeType::usdt ? read_marker(text, place, colon)
                                         : at_symbol(text, place.substr(0, colon), place.substr(colon + 1));
  }
  if (plus == place.npos || plus == 0) {
    return bad_probe(text, "its place is in a file",
                     probe_type == ProbeType::usdt ? "FILE:PROVIDER:NAME" : kFileForms);
  }
  return at_offset(text, place.substr(0, plus), place.substr(plus + 1));
}

std::optional<ProbeType> type_of(std::string_view word) {
  const auto* known = std::ranges::find(kProbeWords, word, &ProbeWord::word);
  if (known != std::end(kProbeWords)) return known->probe_type;
  return probe_type_from_name(word);
}

Error unknown_type(const std::string& text, std::string_view word) {
  std::vector<std::string_view> known;
  for (const auto& info : kProbeTypes) {
    if (!info.among_all) known.push_back(info.name);
  }
  for (const auto& one : kProbeWords) {
    if (one.word.size() > 2) known.push_back(one.word);
  }
  return bad_probe(text, fmt::format("unknown probe type '{}'", word),
                   did_you_mean(word, known, "./run-bench list has the probe types"));
}

Status read_place(const std::string& text, std::string_view place, AskedProbe& asked) {
  auto& site = asked.site;
  switch (place_kind(site.probe_type)) {
    case PlaceKind::function:
      return read_function(text, place, site);
    case PlaceKind::event:
      return read_event(text, place, site);
    case PlaceKind::file:
      break;
  }
  asked.in_file = TRY(read_file_place(text, place, site.probe_type));
  const bool inside = !asked.in_file->symbol.empty() && asked.in_file->offset.value_or(0) != 0;
  if (!inside || takes_offset(site.probe_type)) return Done{};
  return bad_probe(text, "a return probe is attached to a function, not to a place in it",
                   "leave the offset out");
}

}  // namespace

Error bad_probe(std::string_view text, std::string_view problem, std::string hint) {
  return {Fault::usage, fmt::format("--probe {}: {}", text, problem), 0, std::move(hint)};
}

Result<AskedProbe> read_probe(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return bad_probe(text, "a probe is TYPE:PLACE", "for example kprobe:vfs_read");
  }
  const auto word = std::string_view(text).substr(0, colon);
  const auto type = type_of(word);
  if (!type) return unknown_type(text, word);
  if (info_of(*type).among_all) {
    return bad_probe(text, "a prediction is of a few probes, not of all functions",
                     "./run-bench --probe-type all-functions has what a hit costs among them");
  }
  AskedProbe asked{.text = text, .site = {.probe_type = *type, .place = text.substr(colon + 1)}};
  TRY(read_place(text, asked.site.place, asked));
  return asked;
}

}  // namespace probebench::plan
