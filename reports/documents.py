# SPDX-License-Identifier: MIT
"""Where this project's text carries a claim's id: <!-- claim:ID --> behind a figure, or over a block, table or
paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .figures_in_text import Document, Figure

MARK = re.compile(r"<!-- claim:([a-z0-9.-]+) -->")
ALONE = re.compile(rf"\s*(?:{MARK.pattern}\s*)+")
SUFFIX = re.compile(r"([kM]?)(?:x|\s?%)?")


@dataclass(frozen=True)
class Place:
    """One use of an id, and what it stands for."""
    id: str
    line: int  # counted from 0
    figure: Figure | None = None  # just before the mark
    stated: str | None = None     # with its suffix k or M
    begin: int = 0  # or lines
    end: int = 0


def lines_under(document: Document, line: int) -> tuple[int, int]:
    """Of the block, table or paragraph at or behind a line."""
    lines = document.lines
    while line < len(lines) and not lines[line].strip():
        line += 1
    for block in document.blocks:
        if block.begin in (line, line + 1) and block.end > line:
            return block.begin, block.end
    end = next((end for end in range(line, len(lines)) if not lines[end].strip()), len(lines))
    return line, end


def value_at(document: Document, mark: re.Match[str], line: int) -> Place:
    before = MARK.sub(lambda found: " " * len(found[0]), document.text[:mark.start()])
    for figure in reversed([figure for figure in document.figures if figure.end <= mark.start()]):
        if suffix := SUFFIX.fullmatch(before[figure.end:].rstrip(" ")):
            return Place(mark[1], line, figure, figure.text + suffix[1])
        break
    return Place(mark[1], line)


def places_in(document: Document) -> Iterator[Place]:
    for mark in MARK.finditer(document.text):
        line = document.line_of(mark.start())
        if ALONE.fullmatch(document.lines[line]):
            begin, end = lines_under(document, line + 1)
            yield Place(mark[1], line, begin=begin, end=end)
        else:
            yield value_at(document, mark, line)


def documents(root: Path) -> list[Path]:
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def chunks_of(text: str) -> list[str]:
    """A text in pieces that are checked alone as they are together: at blank lines outside fences, an id that stands
    alone with what is under it."""
    chunks: list[str] = []
    piece: list[str] = []
    fenced = False
    for line in text.split("\n"):
        piece.append(line)
        fenced ^= line.startswith("```")
        if not line.strip() and not fenced and not ALONE.fullmatch("\n".join(piece)):
            chunks.append("\n".join(piece) + "\n")
            piece = []
    return [*chunks, "\n".join(piece)] if piece else chunks
