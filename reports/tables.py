# SPDX-License-Identifier: MIT
"""The tables of the page: cost of a hit, several kernels side by side, what was not measured, environments."""

from __future__ import annotations

from dataclasses import replace

from .figures.figure import MEANINGS
from .model import Cell, Run, Target, Unit
from .table import MOST_ROWS, Table, table
from .wording import interval, labels, lead_handler, no_figure, number, unit_of


REP_ONCE = "rep once"
INTERVAL = "interval"
STATE_PLACES = {state: f"#state-{state}" for state in MEANINGS}


def ratio_text(cell: Cell, cheapest: Cell | None, unit: Unit) -> str:
    """To the cheapest figure of the table; of times the interval that both intervals leave."""
    metric = cell.metric(unit.metric)
    base = cheapest.metric(unit.metric) if cheapest else None
    if metric is None or base is None or base.low <= 0:
        return "–"
    if metric.exact and base.exact:
        return f"{metric.value / base.value:.1f}x"
    if cell is cheapest:
        return "1x"
    return f"{metric.low / base.high:.1f}x to {metric.high / base.low:.1f}x"


def cheapest_of(cells: list[Cell], unit: Unit) -> Cell | None:
    measured = [cell for cell in cells if cell.metric(unit.metric) and cell.metrics[unit.metric].value > 0]
    return min(measured, key=lambda cell: cell.metrics[unit.metric].value, default=None)


def repeated_once(run: Run, target: Target) -> dict[str, int]:
    """Cell -> what a CPU's counter would show of a hit, where the path was recorded: emulation counts each repetition
    of a string instruction."""
    return {one.cell: one.per_hit - one.repetitions for one in run.anatomies
            if one.target == target.id and one.repetitions is not None}


def cost_row(cell: Cell, name: str, unit: Unit, cheapest: Cell | None) -> tuple[str, ...]:
    shown = cell.state if cell.state != "unknown" else "–"
    armed = " ".join(cell.armed.split()[:5]) if cell.armed else "–"
    metric = cell.metric(unit.metric)
    cost = number(metric.value) if metric else no_figure(cell, unit)
    hits, missed = (cell.hits.counted, cell.hits.missed) if cell.hits else ("–", "–")
    return (name, cost, interval(cell.interval_of(unit.metric)), ratio_text(cell, cheapest, unit), shown, armed,
            str(hits), str(missed))


def is_lead(cell: Cell, handler: str) -> bool:
    return cell.handler == handler and cell.threads == 1


def by_cost(cells: list[Cell], unit: Unit) -> list[Cell]:
    """The cheapest first, as in the figure; what has no cost last."""
    def place(cell: Cell) -> tuple[bool, float, str]:
        metric = cell.metric(unit.metric)
        return metric is None, metric.value if metric else 0, cell.name
    return sorted(cells, key=place)


def without(made: Table, column: int) -> Table:
    """A column that would say the same in each row says nothing."""
    def kept(places: frozenset[int]) -> frozenset[int]:
        return frozenset(place - (place > column) for place in places if place != column)
    return replace(made, columns=made.columns[:column] + made.columns[column + 1:],
                   rows=tuple(row[:column] + row[column + 1:] for row in made.rows), numeric=kept(made.numeric),
                   code=kept(made.code))


def state_table(run: Run) -> Table | None:
    """What the states that were observed mean."""
    seen = {cell.state for cell in run.cells}
    rows = [(state, text) for state, text in MEANINGS.items() if state in seen]
    return replace(table(("state", "what it means"), rows), key="state") if rows else None


def cost_table(run: Run, target: Target, lead: bool) -> Table | None:
    """What was tried on one machine, by cost: with the lead handler and one caller, or the rest. Skipped cells stand
    elsewhere."""
    handler = lead_handler(run.cells_of(target))
    cells = [cell for cell in run.cells_of(target) if cell.status != "skipped" and is_lead(cell, handler) == lead]
    if not cells:
        return None
    unit = unit_of(run, target, cells)
    counter = repeated_once(run, target)
    cheapest = cheapest_of(cells, unit)
    left_out = max(0, len(cells) - MOST_ROWS)
    cells = by_cost(cells, unit)[:MOST_ROWS]
    names = labels(cells)
    rows = [cost_row(cell, names[cell.name], unit, cheapest) for cell in cells]
    rows = [(*row[:2], number(counter.get(cell.name)), *row[2:]) for cell, row in zip(cells, rows)]
    columns = ("probe type", unit.short, REP_ONCE, INTERVAL, "ratio", "state", "bytes at the site", "hits", "missed")
    made = replace(table(columns, rows, numeric=(1, 2, 4, 7, 8), code=(6,)), links=STATE_PLACES, tips=MEANINGS,
                   key=f"{'cell' if lead else 'more'}-{run.targets.index(target) + 1}", left_out=left_out)
    if all(metric.exact for cell in cells if (metric := cell.interval_of(unit.metric))):
        made = without(made, columns.index(INTERVAL))
    return made if any(cell.name in counter for cell in cells) else without(made, columns.index(REP_ONCE))


def change(value: float, before: float | None, exact: bool) -> str:
    if before is None:
        return ""
    if exact:
        return f" ({value - before:+g})" if value != before else " (=)"
    return f" ({(value - before) / before:+.1%})" if before else ""


def kernel_row(name: str, cells: list[Cell | None], unit: Unit, related: bool = True) -> tuple[str, ...]:
    row, before = [name], None
    for cell in cells:
        metric = cell.metric(unit.metric) if cell else None
        if metric is None:
            row.append("–" if cell is None or cell.status == "skipped" else no_figure(cell, unit))
            continue
        comparable = before is not None and before.exact == metric.exact
        row.append(number(metric.value) + change(metric.value, before.value if comparable else None, metric.exact))
        before = metric if related else None
    return tuple(row)


def kernel_table(run: Run, targets: list[Target], lead: bool) -> Table | None:
    """Machines that differ in the kernel only, or in what they are, one column each; the lead handler, or the others.
    Instructions of two architectures are no change of one another."""
    related = len({target.arch for target in targets}) == 1
    handler = lead_handler([cell for target in targets for cell in run.cells_of(target)])
    by_key = {(cell.target, cell.name): cell for cell in run.cells}
    told = {cell.name: cell for target in targets for cell in run.cells_of(target) if is_lead(cell, handler) == lead}
    shown = dict(list(told.items())[:MOST_ROWS])
    names = labels(list(shown.values()))
    unit = unit_of(run, targets[0], [cell for target in targets for cell in run.cells_of(target)
                                     if cell.name in told])
    rows = [kernel_row(names[name], [by_key.get((target.id, name)) for target in targets], unit, related)
            for name in shown if any((cell := by_key.get((target.id, name))) and cell.status != "skipped"
                                     for target in targets)]
    if not rows:
        return None
    titles = [target.label if related else target.arch or "x86-64" for target in targets]
    made = table((f"{unit.short} (change)" if related else unit.short, *titles), rows,
                 numeric=range(1, len(targets) + 1))
    return replace(made, left_out=len(told) - len(shown))


def kinds(cells: list[Cell]) -> str:
    """Probe types, and where only some sites or handlers are meant, these."""
    types = ", ".join(dict.fromkeys(cell.probe_type for cell in cells))
    handlers = list(dict.fromkeys(cell.handler for cell in cells))
    return types + (f" (handlers {', '.join(handlers)})" if handlers != ["nop"] else "")


def absent_table(run: Run) -> Table | None:
    """What was not measured: one row for each reason, with the cells it holds for."""
    reasons: dict[tuple[str, str, str, str], list[Cell]] = {}
    for cell in run.cells:
        if not cell.measured:
            reason = (run.target(cell.target).label, cell.status, cell.reason or "no reason given", cell.needs or "–")
            reasons.setdefault(reason, []).append(cell)
    rows = [(target, kinds(cells), *rest)
            for (target, *rest), cells in reasons.items()]
    rows += [(target.label, name, "not run", target.ended or "the run ended before it", "–")
             for target in run.targets for name in target.not_run]
    made = table(("kernel", "cells", "status", "why", "what would provide it"), rows[:MOST_ROWS])
    return replace(made, left_out=len(rows) - len(made.rows)) if rows else None


def difference_table(run: Run) -> Table | None:
    """Facts that are not the same on all machines, one column each."""
    rows = [(name, *(target.facts.get(name, "–") for target in run.targets)) for name in facts_of(run)
            if not alike(run, name)]
    return table(("fact", *(target.label for target in run.targets)), rows) if rows else None


def common_table(run: Run) -> Table | None:
    rows = [(name, run.targets[0].facts[name]) for name in facts_of(run) if alike(run, name)]
    return table(("fact", "value"), rows) if rows else None


def facts_of(run: Run) -> list[str]:
    return sorted({name for target in run.targets for name in target.facts})


def alike(run: Run, name: str) -> bool:
    return len({target.facts.get(name) for target in run.targets}) == 1
