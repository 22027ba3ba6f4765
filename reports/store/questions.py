# SPDX-License-Identifier: MIT
"""What is asked of a store: targets, cells, trends, changes."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, func, select

from ..errors import ReportError
from ..model import is_too_noisy
from .answers import CellRow, Change, Point, RunRow, TargetRow
from .schema import cell, cell_name, evidence, fact, metric, run, target
from .store import Store
from .where import conditions

COUNT = "instructions_per_hit"


TARGET = (target.c.run, target.c.place, target.c.name, target.c.series, target.c.accel, target.c.clock,
          target.c.fingerprint, target.c.release, target.c.flavour, target.c.arguments, target.c.cpu, target.c.cells,
          target.c.measured, run.c.started, run.c.node, run.c.complete)


def targets(store: Store, where: Sequence[str] = ()) -> list[TargetRow]:
    """Of all runs, oldest first."""
    query = select(*TARGET).join(run, run.c.id == target.c.run).where(*conditions(store, where))
    return [TargetRow(*row) for row in store.rows(query.order_by(run.c.started, target.c.run, target.c.place))]


def newest(rows: Iterable[TargetRow]) -> list[TargetRow]:
    """One of each series."""
    return list({row.series: row for row in rows}.values())


def target_of_key(store: Store, key: str) -> TargetRow | None:
    number, dot, place = key.partition(".")
    if not (dot and number.isdecimal() and place.isdecimal() and max(len(number), len(place)) < 10):
        return None
    query = select(*TARGET).join(run, run.c.id == target.c.run)
    rows = store.rows(query.where(target.c.run == int(number), target.c.place == int(place)))
    return TargetRow(*rows[0]) if rows else None


def runs(store: Store) -> list[RunRow]:
    """Oldest first."""
    counts = select(target.c.run, func.count().label("targets"), func.sum(target.c.cells).label("cells")).group_by(
        target.c.run).subquery()
    query = select(run.c.id, run.c.started, run.c.complete, run.c.source, func.coalesce(counts.c.targets, 0),
                   func.coalesce(counts.c.cells, 0)).join(counts, counts.c.run == run.c.id, isouter=True)
    return [RunRow(*row) for row in store.rows(query.order_by(run.c.started, run.c.id))]


def names(store: Store, pattern: str = "*") -> dict[int, str]:
    """Of cells, by their number."""
    rows = store.rows(select(cell_name.c.id, cell_name.c.name).order_by(cell_name.c.name))
    return {number: name for number, name in rows if name == pattern or fnmatch.fnmatchcase(name, pattern)}


CELL = (cell_name.c.name, cell.c.status, cell.c.reason, evidence.c.state, evidence.c.armed, cell.c.counted,
        cell.c.missed, metric.c.metric, metric.c.value, metric.c.low, metric.c.high, metric.c.exact)


def cells_of(store: Store, keys: Sequence[str], metrics: Sequence[str], pattern: str = "",
             most: int = 100_000) -> list[CellRow]:
    """Of these targets, in the order of the files; a row for each of the metrics that a cell has."""
    of_run: dict[int, set[int]] = {}
    for number, _dot, place in (key.partition(".") for key in keys):
        of_run.setdefault(int(number), set()).add(int(place))
    query = (select(cell.c.run, cell.c.target, *CELL).select_from(cell)
             .join(cell_name, cell_name.c.id == cell.c.name).join(evidence, evidence.c.id == cell.c.evidence)
             .join(metric, and_(metric.c.run == cell.c.run, metric.c.cell == cell.c.place, metric.c.name == cell.c.name,
                                metric.c.metric.in_(metrics)), isouter=True)
             .where(cell.c.run.in_(of_run)).order_by(cell.c.run, cell.c.place).limit(most))
    if pattern:
        query = query.where(cell.c.name.in_(names(store, pattern)))
    return [CellRow(f"{row[0]}.{row[1]}", *row[2:]) for row in store.rows(query) if row[1] in of_run[row[0]]]


def trends(store: Store, cells: dict[int, str], metrics: Sequence[str],
           where: Sequence[str] = ()) -> dict[tuple[str, str, str], list[Point]]:
    """(cell, series, metric) -> its points, oldest first; without those that are too noisy to be a figure."""
    query = (select(metric.c.name, target.c.series, metric.c.metric, metric.c.run, run.c.started, target.c.name,
                    target.c.release, func.coalesce(target.c.fingerprint, ""), metric.c.value, metric.c.low,
                    metric.c.high, metric.c.exact, evidence.c.state)
             .join(target, and_(target.c.run == metric.c.run, target.c.place == metric.c.target))
             .join(run, run.c.id == metric.c.run)
             .join(evidence, evidence.c.id == metric.c.evidence)
             .where(metric.c.name.in_(list(cells)), metric.c.metric.in_(metrics), *conditions(store, where))
             .order_by(run.c.started, metric.c.run))
    lines: dict[tuple[str, str, str], list[Point]] = {}
    for name, series, one, *rest in store.rows(query):
        point = Point(*rest)
        if not is_too_noisy(point.value, point.low, point.high, point.exact):
            lines.setdefault((cells[name], series, one), []).append(point)
    return dict(sorted(lines.items()))


def changes(store: Store, where: Sequence[str] = ()) -> list[Change]:
    """Of exact counts, wherever a series has them; the database compares neighbours, as there may be millions."""
    order = {"partition_by": (metric.c.name, target.c.series), "order_by": (run.c.started, metric.c.run)}
    pairs = (select(metric.c.name.label("cell"), run.c.started, target.c.name.label("target"), target.c.fingerprint,
                    metric.c.value, metric.c.exact, func.lag(metric.c.value).over(**order).label("before"),
                    func.lag(metric.c.exact).over(**order).label("before_exact"),
                    func.lag(target.c.fingerprint).over(**order).label("before_fingerprint"))
             .join(target, and_(target.c.run == metric.c.run, target.c.place == metric.c.target))
             .join(run, run.c.id == metric.c.run)
             .where(metric.c.metric == COUNT, *conditions(store, where)).subquery())
    query = (select(cell_name.c.name, pairs.c.started, pairs.c.target, pairs.c.before, pairs.c.value,
                    func.coalesce(pairs.c.fingerprint == pairs.c.before_fingerprint, False))
             .join(cell_name, cell_name.c.id == pairs.c.cell)
             .where(pairs.c.exact, pairs.c.before_exact, pairs.c.value != pairs.c.before)
             .order_by(pairs.c.started, pairs.c.target, cell_name.c.name))
    return [Change(*row[:5], bool(row[5])) for row in store.rows(query)]


def chosen(store: Store, where: Sequence[str], most: int) -> list[TargetRow]:
    """The newest of each series, for a page that has room for so many."""
    rows = newest(targets(store, where))
    if not rows:
        raise ReportError(f"{store.name}: no target is {' and '.join(where) or 'in it'}; ./run-bench history --store "
                          f"{store.name} lists what there is")
    if len(rows) > most:
        raise ReportError(f"{store.name}: {len(rows)} targets, a page has room for {most}; choose with --where "
                          "kernel=PATTERN, cpu=PATTERN")
    return rows


def targets_of_run(store: Store, number: int) -> list[TargetRow]:
    query = select(*TARGET).join(run, run.c.id == target.c.run).where(target.c.run == number)
    return [TargetRow(*row) for row in store.rows(query.order_by(target.c.place))]


def facts_of(store: Store, row: TargetRow) -> list[tuple[str, str]]:
    query = select(fact.c.name, fact.c.value).join(target, target.c.environment == fact.c.environment)
    rows = store.rows(query.where(target.c.run == row.run, target.c.place == row.place).order_by(fact.c.name))
    return [(name, value) for name, value in rows]
