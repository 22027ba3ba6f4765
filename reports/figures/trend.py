# SPDX-License-Identifier: MIT
"""One cell over many runs; where an exact count changed is marked and said."""

from __future__ import annotations

from typing import Any

from ..history import Point, changes_in
from ..table import table
from ..wording import number
from .figure import GRID, INT3, JUMP, Figure


def draw(canvas: Any, points: list[Point], unit: str) -> None:
    axes = canvas.add_subplot()
    places = range(len(points))
    axes.vlines(places, [point.low for point in points], [point.high for point in points], color=JUMP, linewidth=2)
    axes.plot(places, [point.value for point in points], marker="o", color=JUMP, drawstyle="steps-post")
    for before, now in changes_in(points):
        place = points.index(now)
        axes.plot([place], [now.value], "D", color=INT3, markersize=8)
        axes.axvline(place, color=GRID, zorder=0)
        axes.annotate(f"{now.value - before.value:+g}", (place, now.value), xytext=(7, 7), textcoords="offset points",
                      fontsize=8.5, color=INT3)
    axes.set_xticks(list(places), [point.started[:10] for point in points], rotation=30, ha="right", fontsize=8)
    axes.margins(x=0.05, y=0.25)
    axes.grid(axis="y")
    axes.set_ylabel(unit)


def trend_figure(cell: str, metric: str, points: list[Point], ordinal: int) -> Figure:
    changes = changes_in(points)
    unit = metric.replace("_", " ")
    name = cell.removesuffix("/threads:1")
    rows = [(point.started, point.target, number(point.value), "exact" if point.exact else
             f"{number(point.low)} to {number(point.high)}", point.state) for point in points]
    return Figure(
        f"trend-{ordinal}", "trend", f"{name}, {points[-1].target}",
        f"{len(points)} runs, oldest first. Diamonds: an exact count that differs from the run before.",
        f"{unit} of {cell} over {len(points)} runs, last {number(points[-1].value)}; {len(changes)} changes.",
        2.8, lambda canvas: draw(canvas, points, unit), table(("run", "target", unit, "interval", "state"), rows,
                                                              numeric=(2,)))
