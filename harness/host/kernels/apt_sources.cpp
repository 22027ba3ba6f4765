// SPDX-License-Identifier: MIT
#include "kernels/apt_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "base/text.h"

namespace probebench::kernels {
namespace {

constexpr const char* kDebian = "debian";
constexpr const char* kUbuntu = "ubuntu";

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

void apply_option(AptSource& source, std::string_view option) {
  const auto equals = option.find('=');
  if (equals == std::string_view::npos) return;
  const auto value = option.substr(equals + 1);
  const auto key = lower(option.substr(0, equals));
  if (key == "signed-by") source.signed_by = value;
  if (key == "trusted") source.trusted = value == "yes";
}

// deb [signed-by=/k arch=amd64] http://mirror/debian bookworm main contrib
std::optional<AptSource> parse_list_line(std::string_view line) {
  line = line.substr(0, line.find('#'));
  AptSource source;
  std::string rest(line);
  const auto open = line.find('[');
  const auto close = line.find(']');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    for (const auto& option : words_of(line.substr(open + 1, close - open - 1))) apply_option(source, option);
    rest.erase(open, close - open + 1);
  }
  const auto words = words_of(rest);
  if (words.size() < 4 || words[0] != "deb") return std::nullopt;
  if (std::find(words.begin() + 3, words.end(), "main") == words.end()) return std::nullopt;
  source.uri = words[1];
  source.suite = words[2];
  return source;
}

using Stanza = std::map<std::string, std::string>;

void append_stanza(std::vector<AptSource>& sources, Stanza& stanza) {
  const bool enabled = lower(stanza["enabled"]) != "no";
  if (enabled && contains(words_of(stanza["types"]), "deb") &&
      contains(words_of(stanza["components"]), "main")) {
    for (const auto& uri : words_of(stanza["uris"])) {
      for (const auto& suite : words_of(stanza["suites"])) {
        sources.push_back({uri, suite, stanza["signed-by"], lower(stanza["trusted"]) == "yes"});
      }
    }
  }
  stanza.clear();
}

// VERSION_CODENAME=bookworm; empty: it is not said.
std::string os_release(const fs::path& root, std::string_view key) {
  const auto text = read_file(root / "etc/os-release");
  if (!text) return {};
  std::istringstream stream(*text);
  const std::string begin = std::string(key) + "=";
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(begin)) continue;
    std::erase(line, '"');
    return line.substr(begin.size());
  }
  return {};
}

bool is_security(const std::string& suite) {
  return suite.ends_with("-security") || suite.ends_with("/updates");
}

// Third parties name their suites after a distribution's releases too; its own archive says so in its
// address.
bool is_own(const AptSource& source, const std::string& distribution, const std::string& codename) {
  static const std::vector<std::string> kAliases{"stable", "oldstable", "testing", "unstable", "sid"};
  static const std::vector<std::string> kPockets{"",           "-updates", "-security",
                                                 "-backports", "/updates", "-proposed-updates"};
  if (source.uri.starts_with("cdrom:") || lower(source.uri).find(distribution) == std::string::npos)
    return false;
  const std::string base = source.suite.substr(0, source.suite.find_first_of("-/"));
  const std::string pocket = source.suite.substr(base.size());
  return (base == codename || contains(kAliases, base)) && contains(kPockets, pocket);
}

std::vector<fs::path> source_files(const fs::path& root) {
  std::vector<fs::path> files{root / "etc/apt/sources.list"};
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(root / "etc/apt/sources.list.d", failure)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<AptSource> read_sources(const fs::path& path) {
  const auto extension = path.extension();
  if (extension != ".list" && extension != ".sources") return {};
  const auto text = read_file(path);
  if (!text) return {};  // a file that this user may not read cannot be followed
  return extension == ".list" ? parse_list_file(*text) : parse_sources_file(*text);
}

// The mirror for a suite: the host's security mirror for a security suite, else its main one.
std::optional<AptSource> mirror_for(const std::vector<AptSource>& host, bool security) {
  const auto same = [&](const AptSource& source) { return is_security(source.suite) == security; };
  const auto found = std::ranges::find_if(host, same);
  if (found != host.end()) return *found;
  if (!security || host.empty()) return std::nullopt;
  // No security mirror configured: it lies beside the main archive on every mirror of Debian's, and in it on
  // those of others.
  AptSource guess = host.front();
  if (lower(guess.uri).find(kDebian) == std::string::npos) return guess;
  while (guess.uri.ends_with('/')) guess.uri.pop_back();
  guess.uri += "-security";
  return guess;
}

}  // namespace

std::vector<AptSource> parse_list_file(std::string_view text) {
  std::vector<AptSource> sources;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    if (auto source = parse_list_line(line)) sources.push_back(*source);
  }
  return sources;
}

std::vector<AptSource> parse_sources_file(std::string_view text) {
  std::vector<AptSource> sources;
  Stanza stanza;
  std::string key;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with('#')) continue;
    if (trimmed(line).empty()) {
      append_stanza(sources, stanza);
    } else if (line.front() == ' ' || line.front() == '\t') {
      stanza[key].append("\n ").append(trimmed(line));
    } else if (const auto colon = line.find(':'); colon != std::string::npos) {
      key = lower(line.substr(0, colon));
      stanza[key] = trimmed(std::string_view(line).substr(colon + 1));
    }
  }
  append_stanza(sources, stanza);
  return sources;
}

std::string distribution_of(const fs::path& root) {
  return os_release(root, "ID") == kUbuntu ? kUbuntu : kDebian;
}

Result<std::vector<AptSource>> host_sources(const fs::path& root) {
  const auto distribution = distribution_of(root);
  const auto codename = os_release(root, "VERSION_CODENAME");
  std::vector<AptSource> sources;
  for (const auto& path : source_files(root)) {
    for (const auto& source : read_sources(path)) {
      const bool known = std::ranges::find(sources, source) != sources.end();
      if (!known && is_own(source, distribution, codename)) sources.push_back(source);
    }
  }
  if (!sources.empty()) return sources;
  return Error{Fault::infra,
               fmt::format("find a mirror of {}: none is configured under {}", distribution,
                           (root / "etc/apt").string()),
               0, "add one to /etc/apt/sources.list.d, or pass --kernel VMLINUZ --headers DIR"};
}

Result<std::vector<AptSource>> derive_sources(const std::vector<AptSource>& host,
                                              const std::vector<std::string>& suites) {
  std::vector<AptSource> sources;
  for (const auto& suite : suites) {
    auto source = mirror_for(host, is_security(suite));
    if (!source)
      return Error{Fault::infra, "find a mirror for suite " + suite, 0,
                   "add a mirror of the distribution to apt"};
    source->suite = suite;
    sources.push_back(*source);
  }
  return sources;
}

Result<std::vector<AptSource>> archived_sources(const std::vector<AptSource>& host,
                                                const std::vector<std::string>& suites,
                                                const std::string& archive) {
  constexpr std::string_view kPart = "{archive}";
  auto sources = suites.empty() ? host : TRY(derive_sources(host, suites));
  for (auto& source : sources) {
    source.uri = archive;
    source.dated = true;
    if (const auto at = archive.find(kPart); at != std::string::npos)
      source.uri.replace(at, kPart.size(), is_security(source.suite) ? "debian-security" : "debian");
  }
  return sources;
}

std::string render_sources(const std::vector<AptSource>& sources) {
  std::string text;
  for (const auto& source : sources) {
    text += fmt::format("Types: deb\nURIs: {}\nSuites: {}\nComponents: main\n", source.uri, source.suite);
    if (!source.signed_by.empty()) text += fmt::format("Signed-By: {}\n", source.signed_by);
    if (source.trusted) text += "Trusted: yes\n";
    if (source.dated) text += "Check-Valid-Until: no\n";
    text += "\n";
  }
  return text;
}

}  // namespace probebench::kernels
