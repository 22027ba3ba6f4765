# SPDX-License-Identifier: MIT
"""The report's figures, of what a view shows. Each is a picture with an address of its own: a page is there before its
figures are drawn."""

from __future__ import annotations

import functools
import threading
from dataclasses import replace

from ..figures.comparison import SHOWN, changes_of, comparison_table, draw, unit_of_both
from ..figures.figure import Figure
from ..figures.trend import trend_figure
from ..history.trends import leading, leading_metrics
from ..merge import merge, renamed
from ..page import figures_of, html_of
from ..sections import page_of
from ..store.load import run_in
from ..store.questions import names, target_of_key, trends
from ..store.store import Store
from .address import Asked
from .views import NotThere

DRAWING = threading.Lock()  # matplotlib's settings are the process's


def svg(figure: Figure) -> str:
    from ..figures.style import for_file, svg_of
    with DRAWING:
        return for_file(svg_of(figure))


def report_html(store: Store, key: str) -> str:
    """The report of a target, as a run of it alone would have it."""
    row = target_of_key(store, key)
    if row is None:
        raise NotThere(f"target {key}: it is not in the store")
    from ..figures.style import for_page, svgs_of
    page = page_of(merge([run_in(store, row.run, {row.name})]))
    with DRAWING:
        return html_of(replace(page, svgs={one.id: for_page(one, *svgs_of(one)) for one in figures_of(page)}))


def trend_svg(store: Store, asked: Asked) -> str:
    cell = asked.get("cell")
    where = [*asked.where, f"series={asked.get('series')}"]
    lines = leading(trends(store, names(store, cell), leading_metrics(), where))
    if len(lines) != 1:
        raise NotThere(f"cell {cell}: there is no such line in the store")
    (name, _series, metric), points = next(iter(lines.items()))
    return svg(trend_figure(name, metric, points, 1))


def comparison_svg(store: Store, asked: Asked) -> str:
    """Two targets, of which the report compares only such as have one name."""
    rows = [target_of_key(store, asked.get(side)) for side in ("b", "a")]
    if None in rows:
        raise NotThere("there is no such target in the store")
    run, other = (renamed(run_in(store, row.run, {row.name}), {row.name: "target"}) for row in rows if row)
    now, before = run.targets[0], other.targets[0]
    other = replace(other, targets=[replace(before, kind=now.kind, accel=now.accel, clock=now.clock, facts=now.facts)])
    unit = unit_of_both(run, now, other)
    moved = [change for change in changes_of(run, now, other, unit) if change.relative][:SHOWN]
    if not moved:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'
    return svg(Figure("comparison", "comparison", "Comparison", "", "", 1.0 + 0.2 * len(moved),
                      functools.partial(draw, changes=moved, against="the first"), comparison_table(moved, unit)))
