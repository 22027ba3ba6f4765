// SPDX-License-Identifier: MIT
#include "session/redaction.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "verify/classify.h"
#include "wire/experiment_json.h"

namespace probebench::session {
namespace {

constexpr std::string_view kHiddenName = "[host name]";
constexpr std::string_view kHiddenLine = "[kernel command line]";
constexpr std::string_view kHiddenAddress = "[kernel address]";
constexpr std::array<std::string_view, 3> kProse{"note", "reason", "refusals"};  // of experiments
constexpr std::size_t kDigits = 16;                                              // of an address
constexpr std::size_t kShortestLine = 8;

bool is_hexadecimal(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_part_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

// "ffffffff81f09bf7 T do_getpgid\t[module]" -> "ffffffff81f09bf7 do_getpgid\t[module]"
std::string without_types(std::string_view kallsyms) {
  std::string lines;
  while (!kallsyms.empty()) {
    const auto line = take_line(kallsyms);
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || line.size() < blank + 4) continue;
    lines.append(line.substr(0, blank)).append(line.substr(blank + 2)).push_back('\n');
  }
  return lines;
}

// Names that many machines have; what we write ourselves has most of these words.
constexpr std::array<std::string_view, 10> kCommonNames{"",       "(none)", "localhost", "vm",     "host",
                                                        "kernel", "native", "linux",     "debian", "machine"};

bool tells_anything(std::string_view host_name) {
  return std::ranges::find(kCommonNames, host_name) == kCommonNames.end();
}

std::string own_host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : std::string();
}

// Not where it is a part of a longer name.
void replace_words(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    const auto end = at + what.size();
    const bool inside =
        (at > 0 && is_part_of_name(text[at - 1])) || (end < text.size() && is_part_of_name(text[end]));
    if (!inside) text.replace(at, what.size(), by);
    at = inside ? end : at + by.size();
  }
}

// The kernel's half of the address space begins with these digits, whatever the size of the other.
std::optional<std::uint64_t> kernel_address(std::string_view digits) {
  std::uint64_t address = 0;
  if (digits.size() != kDigits) return std::nullopt;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
  if (read.ec != std::errc() || (address >> 48) != 0xffff) return std::nullopt;
  return address;
}

}  // namespace

HostSecrets HostSecrets::of_this_machine() {
  const auto symbols = read_file("/proc/kallsyms");
  const auto line = read_file("/proc/cmdline");
  return {.kallsyms = symbols ? *symbols : "",
          .host_name = own_host_name(),
          .command_line = line ? std::string(trimmed(*line)) : ""};
}

Redaction::Redaction(const HostSecrets& secrets)
    : host_name_(tells_anything(secrets.host_name) ? secrets.host_name : ""),
      command_line_(secrets.command_line) {
  auto symbols = anatomy::SymbolTable::parse(without_types(secrets.kallsyms));
  if (symbols) symbols_ = *std::move(symbols);
}

std::string Redaction::without_addresses(std::string_view text) const {
  std::string kept;
  while (!text.empty()) {
    const auto begin = std::ranges::find_if(text, is_hexadecimal);
    const auto end = std::find_if_not(begin, text.end(), is_hexadecimal);
    const std::string_view digits(begin, end);
    kept.append(text.begin(), begin);
    // The 0 of "0x" is a run of its own.
    if (const auto address = kernel_address(digits)) {
      if (kept.ends_with("0x")) kept.resize(kept.size() - 2);
      const auto place = symbols_.place_of(*address);
      kept += place.empty() ? kHiddenAddress : std::string_view(place);
    } else {
      kept += digits;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
  return kept;
}

std::string Redaction::without_line(std::string text) const {
  if (command_line_.size() >= kShortestLine) replace_all(text, command_line_, kHiddenLine);
  return text;
}

std::string Redaction::text(std::string_view text) const {
  auto kept = without_line(without_addresses(text));
  replace_words(kept, host_name_, kHiddenName);
  return kept;
}

void Redaction::redact(Environment& environment) const {
  constexpr const char* kLine = "kernel.cmdline";
  for (auto& [name, value] : environment.facts) {
    value = name == kLine ? "redacted, sha256 " + sha256_text(value).substr(0, 8) : text(value);
  }
}

void Redaction::redact(CellResult& result) const {
  auto& evidence = result.evidence;
  for (auto* address : {&evidence.site_address, &evidence.slot_address, &evidence.detour_address}) {
    if (verify::is_kernel_address(*address)) *address = 0;
  }
  // Code that the kernel made for one probe has that probe's address in it, as bytes.
  evidence.slot.clear();
  evidence.detour.clear();
  for (auto* one : {&result.reason, &result.step, &result.provided_by, &evidence.kernel_flags, &evidence.link,
                    &evidence.decoded}) {
    *one = text(*one);
  }
}

// A host may be called like a member, or like a word that a member is one of: its name is looked for in
// prose.
void Redaction::redact_strings(wire::Json& value, bool prose) const {
  if (value.is_string()) {
    const auto& told = value.get_ref<const std::string&>();
    value = prose ? text(told) : without_line(without_addresses(told));
  }
  if (!value.is_structured()) return;
  for (auto& [key, inner] : value.items()) {
    // A place beside it has the name; what is no address any more would not be read as one.
    if (key == "address") inner = nullptr;
    redact_strings(inner, prose || std::ranges::find(kProse, key) != kProse.end());
  }
}

void Redaction::redact(ExperimentRecord& record) const {
  auto json = wire::json_of_experiment(record);
  redact_strings(json, false);
  record = wire::experiment_from(json);
}

// A name may be a word that the file has as a key, so only where the file has the name.
std::string Redaction::benchmark(std::string_view json) const {
  auto kept = without_addresses(json);
  const auto escaped = [](const std::string& value) { return wire::Json(value).dump(); };
  if (command_line_.size() >= kShortestLine) {
    const auto line = escaped(command_line_);
    replace_all(kept, std::string_view(line).substr(1, line.size() - 2), kHiddenLine);
  }
  if (!host_name_.empty()) {
    replace_all(kept, fmt::format("\"host_name\": {}", escaped(host_name_)),
                fmt::format("\"host_name\": \"{}\"", kHiddenName));
  }
  return kept;
}

}  // namespace probebench::session
