# SPDX-License-Identifier: MIT
"""A table that is searched and sorted by its address. Rows hold plain values; columns say how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..wording import number

Row = tuple[Any, ...]  # a value for each column, and behind them what its links need


def said(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    numeric: bool = False
    show: Callable[[Any], str] = said
    href: Callable[[Row], str] | None = None
    code: bool = False
    prose: bool = False  # may be long, and is set in lines


@dataclass(frozen=True)
class Grid:
    heading: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    pick: Callable[[Row], str] | None = None  # what names a row that may be chosen to be compared

    @property
    def data(self) -> dict[str, Any]:
        width = len(self.columns)
        return {"heading": self.heading, "columns": [column.key for column in self.columns],
                "rows": [row[:width] for row in self.rows]}


def narrowed(grid: Grid, words: str) -> Grid:
    """Rows in which each of the words stands somewhere."""
    wanted = words.lower().split()
    if not wanted:
        return grid
    width = len(grid.columns)

    def text(row: Row) -> str:
        return "\n".join(column.show(value) for column, value in zip(grid.columns, row[:width])).lower()
    return replace(grid, rows=[row for row in grid.rows if all(word in text(row) for word in wanted)])


def ordered(grid: Grid, key: str, descending: bool) -> Grid:
    """By a column; what has no value comes last either way."""
    place = next((place for place, column in enumerate(grid.columns) if column.key == key), None)
    if place is None:
        return grid
    with_value = [row for row in grid.rows if row[place] is not None]
    kinds = {isinstance(row[place], (int, float)) for row in with_value}
    by_text = len(kinds) > 1
    with_value.sort(key=lambda row: str(row[place]) if by_text else row[place], reverse=descending)
    return replace(grid, rows=[*with_value, *(row for row in grid.rows if row[place] is None)])
