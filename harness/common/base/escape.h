// SPDX-License-Identifier: MIT
// How text from elsewhere is written into what people and programs read: one function for each format, to be
// called once, where the text goes out. What cannot be shown, or acts on who reads it, becomes a visible
// escape:
// "\x1b" for a byte of ASCII or one that is not UTF-8, "\u202e" for other characters.
#pragma once

#include <string>
#include <string_view>

namespace probebench::inline base {

// For a terminal and a log: lines and tabs stay. A line is no command of GitHub's (::error:: and the like).
std::string escaped_for_terminal(std::string_view text);
// The same on a line of its own.
std::string escaped_for_line(std::string_view text);

// Markdown and the HTML in it, also within a table; on one line.
std::string escaped_for_markdown(std::string_view text);
// Between backticks, where no escape counts: a backtick becomes ' and a bar ¦.
std::string escaped_for_code_span(std::string_view text);

// A field of RFC 4180, in quotes where it has to be. A spreadsheet shall not take it for a formula; a number
// is not for this function.
std::string escaped_for_csv(std::string_view text);

// The message of a workflow command.
std::string escaped_for_github(std::string_view text);

// A word as a shell takes it; in quotes where it has to be.
std::string quoted_for_shell(std::string_view word);

// XML 1.0, within an attribute as well; on one line.
std::string escaped_for_xml(std::string_view text);

}  // namespace probebench::inline base
