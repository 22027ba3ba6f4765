# SPDX-License-Identifier: MIT
"""Counts against time: each probe where its count and its time put it."""

from __future__ import annotations

from typing import Any

from ..counts_time import Point, Series, all_series
from ..model import Run
from ..table import table
from ..wording import number
from .figure import GRID, SERIES, Figure


def draw(canvas: Any, series: list[Series]) -> None:
    panels = canvas.subplots(len(series), 1, squeeze=False)[:, 0]
    for axes, one, (colour, mark) in zip(panels, series, SERIES):
        draw_panel(axes, one, colour, mark)


def draw_panel(axes: Any, series: Series, colour: str, mark: str) -> None:
    from matplotlib.ticker import LogLocator, NullLocator
    for longer, shorter in series.flips():
        axes.plot([shorter.count, longer.count], [shorter.time, longer.time], color=GRID, linewidth=1, zorder=1)
    for point in series.points:
        axes.plot([point.count] * 2, [point.low, point.high], color=colour, linewidth=2)
        axes.plot([point.count], [point.time], mark, color=colour)
        axes.annotate(point.name, (point.count, point.time), xytext=(6, 0), textcoords="offset points", fontsize=8,
                      va="center")
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter("{x:g}")
    axes.margins(x=0.15, y=0.15)
    axes.grid()
    axes.set_title(series.title, fontsize=9, loc="left")
    axes.set_xlabel("executed instructions of a hit")
    axes.set_ylabel("ns of a hit")


def rows_of(series: Series) -> list[tuple[str, ...]]:
    def time_of(point: Point) -> str:
        return number(point.time) if point.low == point.high else \
            f"{number(point.time)} ({number(point.low)} to {number(point.high)})"
    return [(series.title, point.name, number(point.count), time_of(point))
            for point in sorted(series.points, key=lambda point: point.count)]


def counts_time_figure(run: Run) -> Figure | None:
    series = all_series(run)
    if not series:
        return None
    return Figure(
        "counts-time", "counts-time", "The same probes by count and by time",
        "Upwards is dearer in time, rightwards longer in instructions; both scales are logarithmic. A line joins two "
        "probes of which the longer path takes less time.",
        f"Scatter plots of {len(series)} sets of probes; the rank correlation of counts and times is "
        + ", ".join(f"{one.correlation():.2f}" for one in series) + ".",
        0.4 + 2.9 * len(series), lambda canvas: draw(canvas, series),
        table(("what", "probe type", "instructions", "ns"), [row for one in series for row in rows_of(one)],
              numeric=(2, 3)))
