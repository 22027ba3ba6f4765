# SPDX-License-Identifier: MIT
"""What each view shows. A view is data; how it is set as a page or as JSON is elsewhere."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ReportError
from ..history.changes import exact_steps, steps_in
from ..history.trends import kernel_in, leading, leading_metrics
from ..load import metrics_before
from ..store.answers import CellRow, Point, TargetRow
from ..store.questions import (cells_of, facts_of, names, newest, runs, target_of_key, targets, targets_of_run, trends)
from ..store.store import Store
from .address import Asked, address
from .grid import Column, Grid, said

MOST_CELLS = 20_000  # on a page
MOST_NAMES = 50      # of cells whose histories are shown together


class NotThere(ReportError):
    """What an address names is not in the store."""


@dataclass(frozen=True)
class View:
    title: str
    finding: str
    grids: Sequence[Grid] = ()            # the first is searched and sorted
    figures: Sequence[tuple[str, str]] = ()  # address, text alternative
    links: Sequence[tuple[str, str]] = ()    # text, address
    fields: Sequence[tuple[str, str, str]] = ()  # of the form: name, label, what it may hold
    kept: dict[str, str] = field(default_factory=dict)  # asked, too, and not in the form


WHERE = ("where", "Targets", "kernel=6.12* cpu=max")
SEARCH = ("q", "Search", "words in a row")
CELL = ("cell", "Cell", "kprobe-optimized/*")


def to_target(place: int) -> Any:
    return lambda row: address(f"/targets/{row[place]}")


def target_columns(key: int) -> tuple[Column, ...]:
    return (Column("target", "target", href=to_target(key)), Column("kernel", "kernel"),
            Column("flavour", "flavour"), Column("arguments", "arguments"), Column("cpu", "CPU"),
            Column("accel", "accel"), Column("started", "measured"),
            Column("node", "node"), Column("cells", "cells", True), Column("measured", "of them measured", True),
            Column("key", "key"))


def target_row(row: TargetRow) -> tuple[Any, ...]:
    return (row.name, row.release, row.flavour, row.arguments, row.cpu, row.accel, row.started, row.node, row.cells,
            row.measured, row.key)


def targets_view(store: Store, asked: Asked) -> View:
    everything = targets(store, asked.where)
    rows = everything if asked.get("all") else newest(everything)
    grid = Grid("Targets", target_columns(10), [target_row(row) for row in rows], pick=lambda row: row[10])
    of_them = "of all runs" if asked.get("all") else "the newest run of each"
    other = ("newest runs only", asked.with_(all=None)) if asked.get("all") else ("all runs", asked.with_(all=1))
    return View("Targets", f"{len(rows)} targets, {of_them}.", [grid], links=[other], fields=(WHERE, SEARCH),
                kept={"all": asked.get("all")})


def runs_view(store: Store, _asked: Asked) -> View:
    columns = (Column("run", "run", True, href=lambda row: address(f"/runs/{row[0]}")), Column("started", "started"),
               Column("complete", "complete"), Column("targets", "targets", True), Column("cells", "cells", True),
               Column("source", "file"))
    rows = [(row.number, row.started, row.complete, row.targets, row.cells, row.source)
            for row in reversed(runs(store))]
    return View("Runs", f"{len(rows)} runs.", [Grid("Runs", columns, rows, pick=lambda row: str(row[0]))],
                fields=(SEARCH,))


def run_view(store: Store, _asked: Asked, number: int) -> View:
    rows = targets_of_run(store, number)
    if not rows:
        raise NotThere(f"run {number}: it is not in the store, or has no targets")
    grid = Grid("Targets", target_columns(10), [target_row(row) for row in rows], pick=lambda row: row[10])
    return View(f"Run {number}", f"{rows[0].started}, {len(rows)} targets.", [grid], fields=(SEARCH,),
                links=[("results.json", address(f"/runs/{number}/results.json"))])


def metric_of(rows: Sequence[CellRow]) -> str:
    """Of what may lead the first that as many cells have as any other."""
    ranked = leading_metrics()[::-1]
    counts = {name: sum(row.metric == name for row in rows) for name in ranked}
    return max(ranked, key=lambda name: counts[name])


def figures_of(rows: Sequence[CellRow], metric: str) -> list[CellRow]:
    """Each cell once, with this metric or none."""
    found: dict[tuple[str, str], CellRow] = {}
    for row in rows:
        known = found.get((row.key, row.name))
        if known is None or row.metric == metric:
            found[row.key, row.name] = row if row.metric == metric else without_figure(row)
    return list(found.values())


def without_figure(row: CellRow) -> CellRow:
    from dataclasses import replace
    return replace(row, metric=None, value=None, low=None, high=None, exact=None)


@functools.cache
def unit_of(metric: str) -> str:
    return next((unit.short for unit in metrics_before() if unit.metric == metric), metric.replace("_", " "))


def interval(row: CellRow) -> str | None:
    return None if row.value is None else "exact" if row.exact else f"{said(row.low)} to {said(row.high)}"


def to_history(place: int, series: str | None = None) -> Any:
    return lambda row: address("/history", cell=row[place], series=series)


def target_view(store: Store, _asked: Asked, key: str) -> View:
    row = known_target(store, key)
    cells = cells_of(store, [key], leading_metrics())
    metric = metric_of(cells)
    columns = (Column("cell", "cell", href=to_history(0, row.series)), Column("value", unit_of(metric), True),
               Column("interval", "interval"), Column("state", "state"),
               Column("armed", "bytes at the site", code=True), Column("hits", "hits", True),
               Column("missed", "missed", True), Column("status", "status"),
               Column("reason", "why not", prose=True))
    rows = [(one.name, one.value, interval(one), one.state if one.state != "unknown" else None, one.armed, one.counted,
             one.missed, one.status, one.reason) for one in figures_of(cells, metric)]
    facts = Grid("Facts", (Column("fact", "fact"), Column("value", "value", prose=True)), facts_of(store, row))
    return View(row.name, f"{row.measured} of {row.cells} cells measured on {row.started}.",
                [Grid("Cells", columns, rows), facts], fields=(SEARCH,),
                links=[("its report", address(f"/targets/{key}/report")),
                       ("compare with another target", address("/compare", a=key)),
                       (f"run {row.run}", address(f"/runs/{row.run}"))])


def known_target(store: Store, key: str) -> TargetRow:
    row = target_of_key(store, key)
    if row is None:
        raise NotThere(f"target {key}: it is not in the store")
    return row


def cells_view(store: Store, asked: Asked) -> View:
    """Of the newest run of each target."""
    chosen = newest(targets(store, asked.where))
    label = {row.key: row.name for row in chosen}
    pattern = asked.get("cell")
    rows = cells_of(store, list(label), leading_metrics(), pattern and f"*{pattern}*", MOST_CELLS)
    columns = (Column("target", "target", href=to_target(7)), Column("cell", "cell", href=to_history(1)),
               Column("value", "cost of a hit", True), Column("metric", "figure"), Column("interval", "interval"),
               Column("state", "state"), Column("status", "status"))
    listed = [(label[one.key], one.name, one.value, one.metric and unit_of(one.metric), interval(one), one.state,
               one.status, one.key) for one in first_figures(rows)]
    more = " There are more: choose fewer targets or cells." if len(rows) == MOST_CELLS else ""
    return View("Cells", f"{len(listed)} cells of {len(chosen)} targets.{more}", [Grid("Cells", columns, listed)],
                fields=(WHERE, CELL, SEARCH))


def first_figures(rows: Sequence[CellRow]) -> list[CellRow]:
    """Each cell once, with the first of its metrics that leads."""
    rank = {name: place for place, name in enumerate(leading_metrics())}
    found: dict[tuple[str, str], CellRow] = {}
    for row in rows:
        known = found.get((row.key, row.name))
        if known is None or rank.get(row.metric or "", -1) > rank.get(known.metric or "", -1):
            found[row.key, row.name] = row
    return list(found.values())


def history_view(store: Store, asked: Asked) -> View:
    cell, series = asked.get("cell"), asked.get("series")
    if not cell:
        return cell_names_view(store, asked)
    known = names(store, cell)
    if len(known) > MOST_NAMES:
        raise ReportError(f"cell {cell}: {len(known)} cells are called so, a view is of {MOST_NAMES} at most")
    where = [*asked.where, *([f"series={series}"] if series else [])]
    lines = leading(trends(store, known, leading_metrics(), where)) if known else {}
    if not lines:
        raise NotThere(f"cell {cell}: nothing of it is in the store; /history lists the cells")
    if series and len(lines) == 1:
        (name, _series, metric), points = next(iter(lines.items()))
        return line_view(asked, name, metric, points)
    return lines_view(asked, cell, lines)


def cell_names_view(store: Store, asked: Asked) -> View:
    columns = (Column("cell", "cell", href=to_history(0)),
               Column("matrix", "kernel by CPU", href=lambda row: address("/matrix", cell=row[0]),
                      show=lambda _value: "matrix"))
    rows = [(name, None) for name in names(store).values()]
    return View("Cells over time", f"{len(rows)} cells.", [Grid("Cells", columns, rows)], fields=(SEARCH,))


def lines_view(asked: Asked, cell: str, lines: dict[tuple[str, str, str], list[Point]]) -> View:
    columns = (Column("cell", "cell"), Column("target", "target, newest run", href=lambda row: address(
        "/history", cell=row[0], series=row[8])), Column("first", "first", True), Column("last", "last", True),
        Column("change", "change", True, show=lambda value: "–" if value is None else f"{value:+.1%}"),
        Column("runs", "runs", True), Column("exact_changes", "exact changes", True), Column("figure", "figure"))
    rows = [(name, points[-1].target, points[0].value, points[-1].value, ratio(points[0].value, points[-1].value),
             len(points), len(exact_steps(points)) if points[-1].exact else None, unit_of(metric), series)
            for (name, series, metric), points in lines.items()]
    return View(f"{cell} over time", f"{len(rows)} series.", [Grid("Series", columns, rows)],
                fields=(CELL, WHERE, SEARCH), links=[("kernels and CPUs", address("/matrix", cell=cell))])


def ratio(before: float, now: float) -> float | None:
    return now / before - 1 if before else None


def line_view(asked: Asked, name: str, metric: str, points: list[Point]) -> View:
    steps = {step.place: step for step in steps_in(points)}
    columns = (Column("started", "measured"), Column("target", "target"), Column("value", unit_of(metric), True),
               Column("low", "low", True), Column("high", "high", True), Column("state", "state"),
               Column("change", "change", True, show=lambda value: "–" if value is None else f"{value:+g}"),
               Column("run", "run", True, href=lambda row: address(f"/runs/{row[7]}")))
    rows = [(point.started, point.target, point.value, point.low, point.high, point.state,
             steps[place].now - steps[place].before if place in steps else None, point.run)
            for place, point in enumerate(points)]
    what = "exact count differs" if points[-1].exact else "time changed beyond chance"
    drawn = address("/figures/trend.svg", cell=name, series=asked.get("series"), where=asked.get("where"))
    return View(f"{name} on {kernel_in(points[-1].target)}",
                f"{len(points)} runs; at {len(steps)} of them the {what}.", [Grid("Runs", columns, rows)],
                figures=[(drawn, f"{unit_of(metric)} of {name} over {len(points)} runs")], fields=(SEARCH,),
                kept={"cell": name, "series": asked.get("series"), "where": asked.get("where")})


def matrix_view(store: Store, asked: Asked) -> View:
    """The newest figure of a cell for each kernel and CPU."""
    cell = asked.get("cell")
    if not cell:
        return cell_names_view(store, asked)
    known = names(store, cell)
    if len(known) != 1:
        raise NotThere(f"cell {cell}: {len(known) or 'no'} cells are called so; a matrix is of one")
    lines = leading(trends(store, known, leading_metrics(), asked.where))
    rows_of = {(row.series, row.release): row for row in targets(store, asked.where)}
    found: dict[tuple[str, str], dict[str, float]] = {}
    for (_cell, series, _metric), points in lines.items():
        for point in points:
            row = rows_of[series, point.release]
            found.setdefault((row.kernel, row.arguments), {})[row.cpu] = point.value
    return matrix(cell, found, sorted({metric for _cell, _series, metric in lines}))


def matrix(cell: str, found: dict[tuple[str, str], dict[str, float]], metrics: list[str]) -> View:
    cpus = sorted({cpu for row in found.values() for cpu in row})
    columns = (Column("kernel", "kernel"), Column("arguments", "arguments"),
               *(Column(cpu, cpu or "–", True) for cpu in cpus), Column("spread", "largest / smallest", True))
    rows = [(*place, *(row.get(cpu) for cpu in cpus), max(row.values()) / min(row.values()) if min(row.values()) > 0
             else None) for place, row in sorted(found.items())]
    middle = statistics.median(value for row in found.values() for value in row.values()) if found else None
    return View(f"{cell}, kernel by CPU", f"{', '.join(map(unit_of, metrics)) or 'No figure'}; median {said(middle)}.",
                [Grid("Newest figures", columns, rows)], fields=(CELL, WHERE, SEARCH),
                links=[("over time", address("/history", cell=cell))])
