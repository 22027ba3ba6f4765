# SPDX-License-Identifier: MIT
"""The history as a page: what changed and when, and a trend of each cell that did or was asked for."""

from __future__ import annotations

import fnmatch
import sqlite3

from .errors import ReportError
from .figures.figure import Figure
from .figures.trend import trend_figure
from .history import changes_in, changes_table, lines_of, runs_table
from .load import metrics_before
from .model import Run
from .page import Page, Section

MOST = 40  # figures on one page


def chosen_trends(base: sqlite3.Connection, pattern: str | None) -> list[Figure]:
    """Those that match; without a pattern those that changed."""
    leading = tuple(unit.metric for leads in ("timed", "counted") for unit in metrics_before() if unit.leads == leads)
    lines = lines_of(base, leading)
    if pattern:
        lines = {key: points for key, points in lines.items() if fnmatch.fnmatch(key[0], f"*{pattern}*")}
        if not lines:
            raise ReportError(f"--cell {pattern}: no cell of the history has that in its name; leave --cell out to see "
                              "which changed")
    else:
        lines = {key: points for key, points in lines.items() if changes_in(points)}
    # of one cell on one machine the first that leads; the others say the same once more
    by_rank = sorted(lines.items(), key=lambda line: leading.index(line[0][2]), reverse=True)
    shown = {key[:2]: (key[2], points) for key, points in by_rank}
    return [trend_figure(cell, *shown[cell, machine], ordinal)
            for ordinal, (cell, machine) in enumerate(sorted(shown)[:MOST], 1)]


def history_page(base: sqlite3.Connection, pattern: str | None) -> Page:
    runs, changes, figures = runs_table(base), changes_table(base), chosen_trends(base, pattern)
    finding = (f"{len(changes.rows)} exact counts changed between {len(runs.rows)} runs." if changes.rows else
               f"No exact count changed between {len(runs.rows)} runs.")
    sections = [Section("runs", "Runs", tables=(("What is in the history", runs),))]
    if changes.rows:
        sections.insert(0, Section("changes", "Where exact counts changed", tables=(("Each change", changes),)))
    if figures:
        sections.append(Section("trend", "Trends", figures=tuple(figures)))
    return Page("probebench history", finding, "Each line is one machine and one kernel series.", None, (), (),
                tuple(sections), Run([], [], [], [], [], [], []))
