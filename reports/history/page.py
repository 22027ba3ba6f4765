# SPDX-License-Identifier: MIT
"""The history as a page: what changed and when, and a trend of each cell that did or was asked for."""

from __future__ import annotations

from ..figures.trend import trend_figure
from ..model import Run
from ..page import Page, Section
from ..store.answers import Change, RunRow
from .trends import Lines, changes_table, runs_table, times_table

MOST = 40  # figures on one page


def history_page(runs: list[RunRow], changes: list[Change], lines: Lines) -> Page:
    """`lines`: those that are drawn."""
    listed, changed, times = runs_table(runs), changes_table(changes), times_table(lines)
    figures = [trend_figure(cell, metric, points, ordinal)
               for ordinal, ((cell, _series, metric), points) in enumerate(list(lines.items())[:MOST], 1)]
    finding = (f"{len(changed.rows)} exact counts changed between {len(listed.rows)} runs." if changed.rows else
               f"No exact count changed between {len(listed.rows)} runs.")
    sections = [Section("runs", "Runs", tables=(("What is in the history", listed),))]
    if times.rows:
        sections.insert(0, Section("times", "Where times changed", tables=(("Each change", times),)))
    if changed.rows:
        sections.insert(0, Section("changes", "Where exact counts changed", tables=(("Each change", changed),)))
    if figures:
        sections.append(Section("trend", "Trends", figures=tuple(figures)))
    return Page("probebench history", finding, "Each line is one machine and the builds of one flavour of a kernel.",
                None, (), (), tuple(sections), Run([], [], [], [], [], [], []))
