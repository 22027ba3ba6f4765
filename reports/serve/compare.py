# SPDX-License-Identifier: MIT
"""Two targets, or two runs, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..history.trends import leading_metrics
from ..model import is_too_noisy
from ..store.answers import CellRow, TargetRow
from ..store.questions import cells_of, facts_of, target_of_key, targets_of_run
from ..store.store import Store
from .address import Asked, address
from .grid import Column, Grid
from .views import SEARCH, NotThere, View, figures_of, metric_of, targets_view, unit_of

Pair = tuple[TargetRow, TargetRow]


def side(store: Store, key: str) -> list[TargetRow]:
    """RUN.TARGET, or RUN: all of its targets."""
    if "." in key:
        row = target_of_key(store, key)
        rows = [row] if row else []
    else:
        rows = targets_of_run(store, int(key)) if key.isdecimal() and len(key) < 10 else []
    if not rows:
        raise NotThere(f"{key}: there is no such target or run in the store")
    return rows


def pairs_of(ours: list[TargetRow], theirs: list[TargetRow]) -> list[Pair]:
    """Two targets whatever they are; of two runs those that are the same, by their series, else by their name."""
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    known = {row.name: row for row in theirs} | {row.series: row for row in theirs}
    return [(row, other) for row in ours if (other := known.get(row.series) or known.get(row.name))]


def compare_view(store: Store, asked: Asked) -> View:
    keys = asked.get("a"), asked.get("b")
    if not all(keys):
        return choice_view(store, asked)
    ours, theirs = (side(store, key) for key in keys)
    pairs = pairs_of(ours, theirs)
    if not pairs:
        raise NotThere(f"runs {keys[0]} and {keys[1]}: no target of the one is in the other")
    rows = [row for pair in pairs for row in rows_of_pair(store, pair)]
    moved = sum(row[4] not in (None, 0) for row in rows)
    grids = [Grid("Cells", columns_of(pairs), rows)]
    if len(pairs) == 1:
        grids.append(facts_grid(store, pairs[0]))
    return View(f"{pairs[0][0].name} and {pairs[0][1].name}" if len(pairs) == 1 else f"Runs {keys[0]} and {keys[1]}",
                f"{len(rows)} cells in both, {moved} of them with another figure.{caution(pairs)}", grids,
                figures=drawing(pairs, asked), fields=(SEARCH,), kept={"a": keys[0], "b": keys[1]},
                links=[("the other way round", asked.with_(a=keys[1], b=keys[0]))])


def choice_view(store: Store, asked: Asked) -> View:
    """The one is known or none: the other is chosen here."""
    view = targets_view(store, asked)
    first = asked.get("a")
    named = f"{side(store, first)[0].name} is the first; choose the second." if first else "Choose two."
    return View("Compare", named, view.grids, fields=view.fields, kept={"a": first})


def caution(pairs: Sequence[Pair]) -> str:
    one, other = pairs[0]
    if one.clock != other.clock:
        return " Their clocks differ: the one counts instructions, the other takes time."
    return ""


def columns_of(pairs: Sequence[Pair]) -> tuple[Column, ...]:
    many = len(pairs) > 1
    return (Column("target", "target", href=lambda row: address("/compare", a=row[9], b=row[10]) if many else ""),
            Column("cell", "cell", href=lambda row: address("/history", cell=row[1])),
            Column("a", "first", True), Column("b", "second", True),
            Column("change", "change", True, show=lambda value: "–" if value is None else f"{value:+.6g}"),
            Column("percent", "percent", True, show=lambda value: "–" if value is None else f"{value:+.1f}"),
            Column("apart", "beyond the intervals"), Column("figure", "figure"), Column("states", "state"))


def metric(row: CellRow) -> CellRow | None:
    """None where the cell has no figure."""
    return None if row.value is None or is_too_noisy(row.value, row.low, row.high, row.exact) else row


def rows_of_pair(store: Store, pair: Pair) -> list[tuple[Any, ...]]:
    one, other = pair
    cells = cells_of(store, [one.key, other.key], leading_metrics())
    unit = metric_of(cells)
    by_key: dict[str, dict[str, CellRow]] = {one.key: {}, other.key: {}}
    for row in figures_of(cells, unit):
        by_key[row.key][row.name] = row
    return [row_of(one, other, unit, mine, by_key[other.key][name]) for name, mine in by_key[one.key].items()
            if name in by_key[other.key]]


def row_of(one: TargetRow, other: TargetRow, unit: str, mine: CellRow, theirs: CellRow) -> tuple[Any, ...]:
    before, now = metric(mine), metric(theirs)
    change = percent = apart = None
    if before and now:
        change = now.value - before.value
        percent = 100 * change / before.value if before.value else None
        apart = now.low > before.high or now.high < before.low
    states = mine.state if mine.state == theirs.state else f"{mine.state}, {theirs.state}"
    return (one.label, mine.name, before and before.value, now and now.value, change, percent, apart, unit_of(unit),
            states, one.key, other.key)


def facts_grid(store: Store, pair: Pair) -> Grid:
    """Those that differ."""
    mine, theirs = (dict(facts_of(store, row)) for row in pair)
    rows = [(name, mine.get(name), theirs.get(name)) for name in sorted({*mine, *theirs})
            if mine.get(name) != theirs.get(name)]
    return Grid("Facts that differ", (Column("fact", "fact"), Column("a", "first", prose=True),
                                      Column("b", "second", prose=True)), rows)


def drawing(pairs: Sequence[Pair], asked: Asked) -> list[tuple[str, str]]:
    if len(pairs) > 1 or pairs[0][0].clock != pairs[0][1].clock:
        return []
    return [(address("/figures/comparison.svg", a=asked.get("a"), b=asked.get("b")),
             f"The cells of {pairs[0][0].name} and {pairs[0][1].name} whose figures differ most")]
