# SPDX-License-Identifier: MIT
"""Cost of a hit by probe type, cheapest first, with intervals."""

from __future__ import annotations

from typing import Any

from ..model import Cell, Run, Target, Unit
from ..table import table
from ..wording import interval, labels, lead_handler, number, target_title, unit_of
from .figure import GRID, STATES, Figure, one_axis

FEW = 3
WIDE = 10  # times: figures that are farther apart need a logarithmic scale


def drawn_cells(run: Run, target: Target, unit: Unit, exact: bool) -> list[Cell]:
    cells = [cell for cell in run.cells_of(target) if (metric := cell.metric(unit.metric)) and metric.exact == exact]
    handler = lead_handler(cells)
    one = [cell for cell in cells if cell.handler == handler and cell.threads == 1]
    return sorted(one, key=lambda cell: (cell.metrics[unit.metric].value, cell.name))


def draw(canvas: Any, cells: list[Cell], names: dict[str, str], unit: Unit) -> None:
    from .style import above
    axes = canvas.add_subplot()
    seen = {}
    for row, cell in enumerate(cells):
        metric = cell.metrics[unit.metric]
        told, colour, mark = STATES.get(cell.state, STATES["unknown"])
        if metric.low < metric.high:
            axes.plot([metric.low, metric.high], [row, row], color=colour, linewidth=2.4, solid_capstyle="round")
        seen[told], = axes.plot([metric.value], [row], mark, color=colour)
        axes.annotate(number(metric.value), (max(metric.value, metric.high), row), xytext=(7, 0),
                      textcoords="offset points", va="center", fontsize=8)
    low = min(cell.metrics[unit.metric].low for cell in cells)
    high = max(cell.metrics[unit.metric].high for cell in cells)
    if low > 0 and high > WIDE * low:
        axes.set_xscale("log")
        axes.set_xlim(right=high * 1.6)
    else:
        axes.margins(x=0.25)
    axes.set_yticks(range(len(cells)), [names[cell.name] for cell in cells], fontsize=8)
    axes.set_ylim(len(cells) - 0.4, -0.6)
    axes.hlines(range(len(cells)), *axes.get_xlim(), color=GRID, linewidth=0.4, zorder=0)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(axis="x")
    axes.set_xlabel(unit.long)
    above(axes, seen)


def cost_figure(run: Run, target: Target, number_of_target: int, exact: bool) -> Figure | None:
    unit = unit_of(run, target)
    cells = drawn_cells(run, target, unit, exact)
    of_other_kind = drawn_cells(run, target, unit, not exact)
    if not cells or len(cells) < FEW <= len(of_other_kind):
        return None  # a stray one has its row in the table
    one_axis([target], [cell.metrics[unit.metric].exact for cell in cells])
    names = labels(cells)
    first, last = cells[0], cells[-1]
    rows = [(names[cell.name], cell.state, number(cell.metrics[unit.metric].value),
             interval(cell.metrics[unit.metric])) for cell in cells]
    kind = "exact" if exact else "noisy"
    return Figure(
        f"cost-{kind}-{number_of_target}", "cost", f"Cost of a hit, {target_title(target)}",
        f"Handler {cells[0].handler}; each mark is what one hit adds to one call"
        + (", the same number in every round." if exact else "; the line is the interval of the median.")
        + " Colour and mark: what was observed at the site.",
        f"Dot plot of {len(cells)} probe types by {unit.long}. The cheapest is {names[first.name]} with "
        f"{number(first.metrics[unit.metric].value)}, the dearest {names[last.name]} with "
        f"{number(last.metrics[unit.metric].value)}.",
        1.3 + 0.155 * len(cells), lambda canvas: draw(canvas, cells, names, unit),
        table(("probe type", "state", unit.short, "interval"), rows, numeric=(2,)), narrow=1.6 + 0.155 * len(cells))
