# SPDX-License-Identifier: MIT
"""How text from elsewhere is set, once, where it goes out. What cannot be shown, or acts on who reads it, becomes a
visible escape, as in the harness (base/escape.h)."""

from __future__ import annotations

import re

# Controls but for line ends and tabs, what changes the direction or is not seen, and what XML does not allow.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]")
COMMAND = re.compile(r"^([ \t]*):(?=:)", re.MULTILINE)


def escape_of(found: re.Match[str]) -> str:
    value = ord(found[0])
    return f"\\x{value:02x}" if value < 0x20 else f"\\u{value:04x}" if value <= 0xffff else f"\\U{value:08x}"


def visible(text: str) -> str:
    """For formats that escape what is their own."""
    return UNSEEN.sub(escape_of, text)


def terminal(text: str) -> str:
    """No line is a workflow command of GitHub's, which has blanks before "::" and its older form anywhere."""
    return COMMAND.sub(r"\1\\u003a", visible(text)).replace("##[", r"\u0023#[")


def markdown(text: str) -> str:
    """Prose or a cell of a table, on one line: no HTML, no link, no code, no end of the cell."""
    text = visible(text.replace("\n", " ")).replace("\\", "\\\\")
    return text.replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`").replace("](", "]\\(")


def fenced(text: str) -> str:
    """Inside a block between fences, which a line of backquotes would end."""
    return visible(text).replace("`", "'")
