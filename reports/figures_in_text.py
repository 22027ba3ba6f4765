# SPDX-License-Identifier: MIT
"""The figures of a text: its numbers, without those that are part of a name, a version, a date, a command or code."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "hundred",
         "thousand")
VALUES = dict(zip((*range(2, 13), 100, 1000), WORDS))
# In words a number is a figure where a unit is behind it.
UNITS = r"instructions|exceptions|times|clocks|nanoseconds|milliseconds|seconds|minutes|per cent|workloads|points|bytes"
NUMBER = re.compile(r"\d+(?:\.\d+)?(?: 000\b)*|\b(?:" + "|".join(WORDS) + r")(?=\s+(?:to \w+ )?(?:" + UNITS + r")\b)",
                    re.IGNORECASE)

UNIT_BEHIND = r"(?!\.?\d|\s?(?:x|%|ns|us|ms|s|k|M)\b|\s?%)"
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# What no measurement gives, and a reader does not take for one: (what it is, how it looks).
NEVER = (
    ("a comment", r"<!--.*?-->"),
    ("a fence", r"(?m:^```[^\n]*$)"),
    ("code", r"`[^`]+`"),
    ("where a link leads", r"\]\([^)]*\)"),
    ("a heading", r"(?m:^#+ [^\n]*$)"),
    ("the number of an item", r"(?m:^ *\d+\. )"),
    ("a name", r"\b[A-Za-z_][\w.+-]*\d(?:[\w.+-]*[\w+])?"),
    ("2N calls, T(2N)", r"\b\d[NT]\b"),
    ("a version", r"\b(?:Linux|QEMU|Debian|GCC|clang|kernel)(?:'s| before)?\s+\d+(?:\.\d+)*(?:-\d+)?\b" + UNIT_BEHIND),
    ("a release", r"\b\d+\.\d+\.\d+(?:-\d+)?\b"),
    ("a commit", r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b"),
    ("a date", r"\b(?:\d{1,2} )?(?:" + MONTHS + r") \d{4}\b|\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b"),
    ("an exit code", r"\bexit(?:s with| codes?(?: is)?)?\s+\d+\b"),
    ("a value that is written", r"\bwrites\s+[01]\b"),
    ("a machine", r"\b\d+(?:\.\d+)? [MG]Hz\b|\b\d+(?![KMGT])[A-Z]\b|\bPID 1\b|\b\d+-bit\b"),
    ("a standard, a paper", r"\bISO \d+\b|\bdraft \d{4}-\d\d\b|\bmode 0\d{3}\b|\bOSDI \d{4}\b"),
)
NEVER_IN_PROSE = re.compile("|".join(f"(?:{look})" for _what, look in NEVER), re.DOTALL)
# A line of a block that is typed: a command, or a comment behind or above one.
TYPED = re.compile(r"^\s*(?:\./|ci/|build/|/usr/|#|PROBEBENCH_|[A-Z_]+=)")


@dataclass(frozen=True)
class Figure:
    start: int  # in the document's text
    end: int
    text: str


@dataclass(frozen=True)
class Block:
    """A fenced block, or a table: the lines [begin, end), without the fences."""
    begin: int
    end: int
    language: str | None  # of a fence; None: a table


class Document:
    """A text with its lines, blocks and figures."""

    def __init__(self, name: str, text: str, kernels: frozenset[str] = frozenset()):
        self.name, self.text = name, text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.blocks = list(blocks_of(self.lines))
        self.figures = list(self.find_figures(kernels))

    def line_of(self, place: int) -> int:
        """Counted from 0."""
        return bisect.bisect_right(self.starts, place) - 1

    def span(self, block: Block) -> tuple[int, int]:
        return self.starts[block.begin], self.starts[block.end]

    def find_figures(self, kernels: frozenset[str]) -> Iterator[Figure]:
        seen = masked(self)
        for found in NUMBER.finditer(seen):
            if found[0] not in kernels or re.match(r"\s?(?:x\b|%)", seen[found.end():]):
                yield Figure(found.start(), found.end(), found[0])


def blanks(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def masked(document: Document) -> str:
    """The text with blanks for what holds no figures; every place stays where it was."""
    parts, at = [], 0
    for block in document.blocks:
        begin, end = document.span(block)
        parts.append(NEVER_IN_PROSE.sub(blanks, document.text[at:begin]))
        parts.append(masked_block(document, block))
        at = end
    return "".join([*parts, NEVER_IN_PROSE.sub(blanks, document.text[at:])])


def masked_block(document: Document, block: Block) -> str:
    begin, end = document.span(block)
    text = document.text[begin:end]
    if block.language:
        return re.sub(r"[^\n]", " ", text)  # an example of a file
    lines = ["" if block.language == "" and TYPED.match(line) else line for line in text.split("\n")]
    kept = "\n".join(line or " " * len(old) for line, old in zip(lines, text.split("\n")))
    return NEVER_IN_PROSE.sub(blanks, kept)


def blocks_of(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        if lines[at].startswith("```"):
            end = next((end for end in range(at + 1, len(lines)) if lines[end].startswith("```")), len(lines))
            yield Block(at + 1, end, lines[at][3:].strip())
            at = end + 1
        elif lines[at].startswith("|"):
            end = next((end for end in range(at, len(lines)) if not lines[end].startswith("|")), len(lines))
            yield Block(at, end, None)
            at = end
        else:
            at += 1
