# SPDX-License-Identifier: MIT
"""Counts against time: the same probes in the order of the one and of the other."""

from __future__ import annotations

from typing import Any

from ..counts_time import PUBLISHED_WITHIN, Point, Series, all_series
from ..model import Run
from ..table import table
from ..wording import number
from .figure import INT3, MUTED, Figure


def draw(canvas: Any, series: list[Series]) -> None:
    from .style import is_narrow
    heights = [len(one.points) + 3 for one in series]
    panels = canvas.subplots(len(series), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, one in zip(panels, series):
        draw_panel(axes, one)
        if is_narrow(canvas):  # the names have the room of the lines
            axes.set_xlim(-1.4, 2.4)
            axes.set_title(one.title.replace(", counts: ", ",\ncounts: "), fontsize=8.5, loc="left", x=-0.02)


def draw_panel(axes: Any, series: Series) -> None:
    """Two columns and a line for each probe: where lines cross, the two orders differ."""
    by_count = sorted(series.points, key=lambda point: (point.count, point.time))
    by_time = sorted(series.points, key=lambda point: (point.time, point.count))
    moved = {point for pair in series.flips() for point in pair}
    for place, point in enumerate(by_count):
        colour = INT3 if point in moved else MUTED
        axes.plot([0, 1], [place, by_time.index(point)], marker="o" if point in moved else ".", color=colour)
        axes.text(-0.03, place, f"{point.name}  {number(point.count)}", ha="right", va="center", fontsize=8)
        axes.text(1.03, by_time.index(point), f"{number(point.time)}  {point.name}", ha="left", va="center", fontsize=8)
    axes.text(-0.03, -1, "instructions of a hit", ha="right", va="center", fontsize=8, color=MUTED)
    axes.text(1.03, -1, "ns of a hit", ha="left", va="center", fontsize=8, color=MUTED)
    axes.set_xlim(-0.9, 1.9)
    axes.set_ylim(len(by_count) - 0.5, -1.6)
    axes.set_title(series.title, fontsize=9, loc="left")
    axes.set_axis_off()


def rows_of(series: Series) -> list[tuple[str, ...]]:
    def time_of(point: Point) -> str:
        return number(point.time) + ("" if point.published else f" ({number(point.low)} to {number(point.high)})")
    return [(series.title, point.name, number(point.count), time_of(point))
            for point in sorted(series.points, key=lambda point: point.count)]


def counts_time_figure(run: Run) -> Figure | None:
    series = all_series(run)
    if not series:
        return None
    return Figure(
        "counts-time", "counts-time", "The same probes in the order of their counts and of their times",
        "Left the shortest path on top, right the one that takes least time. Dots and a line stand for a probe that "
        "takes less time than one with a shorter path, or more than one with a longer path, beyond the intervals; a "
        f"published time is taken to hold within {PUBLISHED_WITHIN:.0%}.",
        f"Two columns of ranks for each of {len(series)} sets of probes; the rank correlation of counts and times is "
        + ", ".join(f"{one.correlation():.2f}" for one in series) + ".",
        0.22 * sum(len(one.points) + 3 for one in series), lambda canvas: draw(canvas, series),
        table(("what", "probe type", "instructions", "ns"), [row for one in series for row in rows_of(one)],
              numeric=(2, 3)), narrow=0.22 * sum(len(one.points) + 4 for one in series))
