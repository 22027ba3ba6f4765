# SPDX-License-Identifier: MIT
"""A table, before it is HTML or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()  # columns that are aligned to the right
    code: frozenset[int] = frozenset()     # columns in a fixed-width face
    links: dict[str, str] = field(default_factory=dict)  # text of a cell -> where it leads
    tips: dict[str, str] = field(default_factory=dict)   # text of a cell that leads somewhere -> what it means
    key: str | None = None  # of the rows that can be linked to: before their names
    left_out: int = 0       # rows that a page has no room for

    def __post_init__(self) -> None:
        for row in self.rows:
            assert len(row) == len(self.columns), (self.columns, row)


MOST_ROWS = 2000  # more are read by programs, not by people


def titled(heading: str, made: Table) -> tuple[str, Table]:
    """The heading says what is not shown."""
    if made.left_out:
        shown = len(made.rows)
        heading += f" (the first {shown} of {shown + made.left_out} rows; results.json has the others)"
    return heading, made


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], numeric: Sequence[int] = (),
          code: Sequence[int] = ()) -> Table:
    texts = tuple(tuple("–" if value is None else str(value) for value in row) for row in rows)
    return Table(tuple(columns), texts, frozenset(numeric), frozenset(code))
