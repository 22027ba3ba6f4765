// SPDX-License-Identifier: MIT
#include "base/escape.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace probebench::inline base {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};

// The character that `text` begins with; nothing: its first byte begins none (RFC 3629).
std::optional<CodePoint> first_code_point(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t bytes = at(0) < 0x80 ? 1 : at(0) >= 0xf0 ? 4 : at(0) >= 0xe0 ? 3 : at(0) >= 0xc2 ? 2 : 0;
  if (bytes == 0 || bytes > text.size()) return std::nullopt;
  constexpr std::array<unsigned char, 5> kPayload{0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr std::array<char32_t, 5> kLowest{0, 0, 0x80, 0x800, 0x10000};
  char32_t value = at(0) & kPayload[bytes];
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (at(i) & 0x3f);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLowest[bytes] || value > 0x10ffff || surrogate) return std::nullopt;
  return CodePoint{value, bytes};
}

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Controls (C0, DEL, C1), what changes the direction or is not seen, and what XML does not allow.
constexpr std::array kUnseen{
    CodeRange{0x00, 0x1f},     CodeRange{0x7f, 0x9f},     CodeRange{0xad, 0xad},
    CodeRange{0x61c, 0x61c},   CodeRange{0x180e, 0x180e}, CodeRange{0x200b, 0x200f},
    CodeRange{0x2028, 0x202e}, CodeRange{0x2060, 0x206f}, CodeRange{0xfeff, 0xfeff},
    CodeRange{0xfff9, 0xfffb}, CodeRange{0xfffe, 0xffff}, CodeRange{0xe0000, 0xe007f}};

bool is_unseen(char32_t value) {
  for (const auto& range : kUnseen) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

// Printed JSON stays JSON: it knows no \x, but its writer leaves no such byte.
std::string escape_of(char32_t value) {
  if (value < 0x20) return fmt::format("\\x{:02x}", static_cast<unsigned>(value));
  if (value > 0xffff) return fmt::format("\\U{:08x}", static_cast<unsigned>(value));
  return fmt::format("\\u{:04x}", static_cast<unsigned>(value));
}

// Everything unseen as an escape, but for the characters in `kept`.
std::string visible(std::string_view text, std::string_view kept) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const auto bytes = point ? point->bytes : 1;
    if (!point) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (is_unseen(point->value) && kept.find(text[0]) == std::string_view::npos) {
      shown += escape_of(point->value);
    } else {
      shown += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return shown;
}

// Line ends and tabs are blanks, where there is one line.
std::string on_one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return visible(line, {});
}

template <typename Replace>
std::string replaced(std::string_view text, Replace replacement_of) {
  std::string made;
  made.reserve(text.size());
  for (const char c : text) {
    const std::string_view other = replacement_of(c);
    other.empty() ? made += c : made += other;
  }
  return made;
}

// GitHub takes blanks before "::", and "##[" of its older commands anywhere.
void defuse_command(std::string& line) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin != std::string::npos && line.compare(begin, 2, "::") == 0) line.replace(begin, 1, "\\u003a");
  for (auto at = line.find("##["); at != std::string::npos; at = line.find("##["))
    line.replace(at, 1, "\\u0023");
}

std::string_view xml_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    default:
      return {};
  }
}

std::string_view markdown_of(char c) {
  switch (c) {
    case '&':
    case '<':
    case '>':
      return xml_of(c);  // Markdown has HTML in it
    case '\\':
      return "\\\\";
    case '|':
      return "\\|";
    case '`':
      return "\\`";
    case '*':
      return "\\*";
    case '[':
      return "\\[";
    case ']':
      return "\\]";
    default:
      return {};
  }
}

}  // namespace

std::string escaped_for_terminal(std::string_view text) {
  const auto shown = visible(text, "\n\t");
  std::string made;
  made.reserve(shown.size());
  for (std::string_view rest(shown); !rest.empty();) {
    const auto end = rest.find('\n');
    std::string line(rest.substr(0, end));
    defuse_command(line);
    made += line;
    if (end == std::string_view::npos) break;
    made += '\n';
    rest.remove_prefix(end + 1);
  }
  return made;
}

std::string escaped_for_line(std::string_view text) {
  return escaped_for_terminal(on_one_line(text));
}

std::string escaped_for_markdown(std::string_view text) {
  return replaced(on_one_line(text), markdown_of);
}

std::string escaped_for_code_span(std::string_view text) {
  return replaced(on_one_line(text), [](char c) -> std::string_view {
    return c == '`' ? "'" : c == '|' ? "¦" : std::string_view();
  });
}

std::string escaped_for_csv(std::string_view text) {
  std::string field = visible(text, "\n\r\t");
  if (!field.empty() && std::string_view("=+-@\t\r").find(field[0]) != std::string_view::npos) {
    field.insert(field.begin(), '\'');
  }
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return '"' +
         replaced(field, [](char c) -> std::string_view { return c == '"' ? "\"\"" : std::string_view(); }) +
         '"';
}

std::string escaped_for_github(std::string_view text) {
  return replaced(visible(text, "\n\r"), [](char c) -> std::string_view {
    return c == '%' ? "%25" : c == '\n' ? "%0A" : c == '\r' ? "%0D" : std::string_view();
  });
}

std::string escaped_for_xml(std::string_view text) {
  return replaced(on_one_line(text), xml_of);
}

std::string quoted_for_shell(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

}  // namespace probebench::inline base
