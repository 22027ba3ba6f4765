# SPDX-License-Identifier: MIT
"""What a handler adds to the mechanism that calls it."""

from __future__ import annotations

from typing import Any

from ..model import Cell, Run, Target, Unit
from ..table import table
from ..wording import labels, number, target_title, unit_of
from .figure import GRID, SERIES, Figure, one_axis

EMPTY = "nop"


def by_probe(cells: list[Cell]) -> dict[str, dict[str, Cell]]:
    """Probe type and site -> handler -> cell, of those that were measured with the empty handler and another."""
    grouped: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for cell in cells:
        grouped.setdefault((cell.probe_type, cell.driver, cell.site), {})[cell.handler] = cell
    kept = {key: handlers for key, handlers in grouped.items() if EMPTY in handlers and len(handlers) > 2}
    names = labels([handlers[EMPTY] for handlers in kept.values()])
    return {names[handlers[EMPTY].name]: handlers for handlers in kept.values()}


def draw(canvas: Any, probes: dict[str, dict[str, Cell]], handlers: list[str], unit: Unit) -> None:
    from .style import above, is_narrow
    axes = canvas.add_subplot()
    seen: dict[str, Any] = {}
    for row, cells in enumerate(probes.values()):
        values = [cell.metrics[unit.metric].value for cell in cells.values()]
        axes.plot([min(values), max(values)], [row, row], color=GRID, linewidth=2, zorder=1)
        for handler, (colour, mark) in zip(handlers, SERIES):
            if handler in cells:
                seen[handler], = axes.plot([cells[handler].metrics[unit.metric].value], [row], mark, color=colour)
    axes.set_yticks(range(len(probes)), probes, fontsize=8 if is_narrow(canvas) else None)
    axes.set_ylim(len(probes) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(axis="x", which="both")
    axes.set_xlabel(unit.long)
    above(axes, {handler: seen[handler] for handler in handlers if handler in seen}, columns=4)


def handlers_figure(run: Run, target: Target, ordinal: int) -> Figure | None:
    unit = unit_of(run, target)
    cells = [cell for cell in run.cells_of(target)
             if (metric := cell.metric(unit.metric)) and metric.value > 0 and cell.threads == 1]
    exact = [cell for cell in cells if cell.metrics[unit.metric].exact]
    cells = exact or cells
    probes = by_probe(cells)
    if not probes:
        return None
    one_axis([target], [cell.metrics[unit.metric].exact for cell in cells])
    handlers = list(dict.fromkeys(cell.handler for known in probes.values() for cell in known.values()))

    def shown(known: dict[str, Cell], handler: str) -> str:
        if handler not in known:
            return "–"
        value, empty = known[handler].metrics[unit.metric].value, known[EMPTY].metrics[unit.metric].value
        return number(value) if handler == EMPTY else f"{number(value)} (+{number(value - empty)})"
    rows = [(name, *(shown(known, handler) for handler in handlers)) for name, known in probes.items()]
    return Figure(
        f"handlers-{ordinal}", "handlers", f"Mechanism and handler, {target_title(target)}",
        "The leftmost mark is the mechanism with an empty handler; the distance from it to another mark is what that "
        "handler adds. The scale is logarithmic. In the table, the difference to the empty handler in brackets.",
        f"Dot plot of {len(rows)} probe types with up to {len(handlers)} handlers each, by {unit.long}.",
        1.3 + 0.24 * len(rows), lambda canvas: draw(canvas, probes, handlers, unit),
        table(("probe type", *handlers), rows, numeric=range(1, len(handlers) + 1)), narrow=1.8 + 0.24 * len(rows))
