# SPDX-License-Identifier: MIT
"""Where this project's text carries a claim's id: <!-- claim:ID --> behind a number, or over a block or table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MARK = re.compile(r"<!-- claim:([a-z0-9.-]+) -->")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
# Headings of the tables that run-bench prints: such a block is a statement, and needs an id.
OUTPUT = re.compile(r"\binsns/hit\b|^\|[^|]*\| per hit \|", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """One use of an id, and the text that it stands for."""
    id: str
    file: str
    line: int
    number: str | None = None  # just before the mark
    block: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.id}"


def block_at(lines: list[str], start: int) -> tuple[str, ...]:
    """The fenced block or table that begins at or behind a line; empty when there is none."""
    while start < len(lines) and not lines[start].strip():
        start += 1
    if start < len(lines) and lines[start].startswith("```"):
        end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("```")), len(lines))
        return tuple(lines[start + 1:end])
    end = start
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    return tuple(lines[start:end])


def places_in(file: str, lines: list[str]) -> list[Place]:
    places = []
    for at, line in enumerate(lines):
        for mark in MARK.finditer(line):
            before = line[:mark.start()]
            if not before.strip():
                places.append(Place(mark[1], file, at + 1, block=block_at(lines, at + 1)))
                continue
            numbers = NUMBER.findall(MARK.sub(" ", before))
            places.append(Place(mark[1], file, at + 1, number=numbers[-1] if numbers else None))
    return places


def blocks_of(lines: list[str]) -> list[tuple[int, tuple[str, ...]]]:
    """Every fenced block and every table, with the line that it begins on."""
    blocks, at = [], 0
    while at < len(lines):
        if lines[at].startswith(("```", "|")):
            block = block_at(lines, at)
            blocks.append((at, block))
            at += len(block) + (2 if lines[at].startswith("```") else 0)
        else:
            at += 1
    return blocks


def unclaimed(file: str, lines: list[str]) -> list[str]:
    """Blocks of output without an id over them."""
    problems = []
    for at, block in blocks_of(lines):
        above = next((line for line in reversed(lines[:at]) if line.strip()), "")
        if OUTPUT.search("\n".join(block)) and not MARK.fullmatch(above.strip()):
            problems.append(f"{file}:{at + 1}: a table of figures without a claim's id over it")
    return problems


def documents(root: Path) -> list[Path]:
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]
