# SPDX-License-Identifier: MIT
"""One cell over many runs; where an exact count changed is marked and said."""

from __future__ import annotations

from typing import Any

from ..history.changes import Step, steps_in
from ..store.answers import Point
from ..table import table
from ..wording import number
from .figure import GRID, INT3, JUMP, Figure

MOST_DATES = 40  # on the axis


def change_text(step: Step, exact: bool) -> str:
    return f"{step.now - step.before:+g}" if exact or not step.before else f"{step.now / step.before - 1:+.1%}"


def draw(canvas: Any, points: list[Point], steps: list[Step], unit: str) -> None:
    axes = canvas.add_subplot()
    places = range(len(points))
    exact = any(point.exact for point in points)
    axes.vlines(places, [point.low for point in points], [point.high for point in points], color=JUMP, linewidth=2)
    axes.plot(places, [point.value for point in points], marker="o", color=JUMP, drawstyle="steps-post")
    for step in steps:
        place, now = step.place, points[step.place]
        axes.plot([place], [now.value], "D", color=INT3, markersize=8)
        axes.axvline(place, color=GRID, zorder=0)
        axes.annotate(change_text(step, exact), (place, now.value), xytext=(7, 7), textcoords="offset points",
                      fontsize=8.5, color=INT3)
    told = places[::len(points) // MOST_DATES + 1]
    axes.set_xticks(list(told), [points[place].started[:10] for place in told], rotation=30, ha="right", fontsize=8)
    axes.margins(x=0.05, y=0.25)
    axes.grid(axis="y")
    axes.set_ylabel(unit)


def trend_figure(cell: str, metric: str, points: list[Point], ordinal: int) -> Figure:
    steps = steps_in(points)
    mark = ("an exact count that differs from the run before" if any(point.exact for point in points) else
            "where the level changed, beyond chance")
    unit = metric.replace("_", " ")
    name = cell.removesuffix("/threads:1")
    rows = [(point.started, point.target, number(point.value), "exact" if point.exact else
             f"{number(point.low)} to {number(point.high)}", point.state) for point in points]
    made = table(("run", "target", unit, "interval", "state"), rows, numeric=(2,))
    return Figure(
        f"trend-{ordinal}", "trend", f"{name}, {points[-1].target}",
        f"{len(points)} runs, oldest first. Diamonds: {mark}.",
        f"{unit} of {cell} over {len(points)} runs, last {number(points[-1].value)}; {len(steps)} changes.",
        2.8, lambda canvas: draw(canvas, points, steps, unit), made)
