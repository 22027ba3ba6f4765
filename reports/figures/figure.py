# SPDX-License-Identifier: MIT
"""What a figure is, and the rule of its axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..model import Target
from ..table import Table

WIDTH = 7.2  # inches; the page shows them at 96 dots per inch


@dataclass(frozen=True)
class Figure:
    id: str       # of the element and of the files
    section: str  # under which heading of the page
    title: str
    caption: str
    alt: str
    height: float  # inches
    draw: Callable[[Any], None]  # onto a matplotlib figure
    table: Table
    of: str | None = None  # the machine that alone it is about


def one_axis(targets: Iterable[Target], exact: Iterable[bool]) -> None:
    """Counts and times, and readings of different machines, are never drawn on one axis."""
    if len({target.instrument for target in targets}) > 1:
        raise AssertionError("different machines on one axis")
    if len(set(exact)) > 1:
        raise AssertionError("exact and noisy figures on one axis")
