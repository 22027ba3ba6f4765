# SPDX-License-Identifier: MIT
"""The history as a page: what changed and when, and a trend of each cell that did or was asked for."""

from __future__ import annotations

import fnmatch
import sqlite3

from .errors import ReportError
from .figures.figure import Figure
from .figures.trend import trend_figure
from .history import changes_in, changes_table, lines_of, runs_table
from .model import Run
from .page import Page, Section

METRICS = ("instructions_per_hit", "ns_per_hit", "ticks_per_hit")
MOST = 40  # figures on one page


def chosen_trends(base: sqlite3.Connection, pattern: str | None) -> list[Figure]:
    """Those that match; without a pattern those that changed."""
    lines = lines_of(base, METRICS)
    if pattern:
        lines = {key: points for key, points in lines.items() if fnmatch.fnmatch(key[0], f"*{pattern}*")}
        if not lines:
            raise ReportError(f"--cell {pattern}: no cell of the history has that in its name; leave --cell out to see "
                              "which changed")
    else:
        lines = {key: points for key, points in lines.items() if changes_in(points)}
    timed = {key[:2] for key in lines if key[2] == "ns_per_hit"}  # ticks say the same once more
    lines = {key: points for key, points in lines.items() if key[2] != "ticks_per_hit" or key[:2] not in timed}
    return [trend_figure(cell, metric, points, ordinal)
            for ordinal, ((cell, _machine, metric), points) in enumerate(list(lines.items())[:MOST], 1)]


def history_page(base: sqlite3.Connection, pattern: str | None) -> Page:
    runs, changes, figures = runs_table(base), changes_table(base), chosen_trends(base, pattern)
    finding = (f"{len(changes.rows)} exact counts changed between {len(runs.rows)} runs." if changes.rows else
               f"No exact count changed between {len(runs.rows)} runs.")
    sections = [Section("runs", "Runs", tables=(("What is in the history", runs),))]
    if changes.rows:
        sections.insert(0, Section("changes", "Where exact counts changed", tables=(("Each change", changes),)))
    if figures:
        sections.append(Section("trend", "Trends", figures=tuple(figures)))
    return Page("probebench history", finding, "Each line is one machine and one kernel series.", (), tuple(sections),
                Run([], [], [], [], [], []))
