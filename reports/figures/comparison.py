# SPDX-License-Identifier: MIT
"""A second run beside the first: what changed. No verdict; that is the gate's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model import Metric, Run, Target, Unit
from ..table import Table, table
from ..wording import interval, labels, number, target_title, unit_of
from .figure import CALL, GRID, INT3, Figure, one_axis

SHOWN = 40  # largest changes first; the table has all


@dataclass(frozen=True)
class Change:
    name: str
    before: Metric
    now: Metric

    @property
    def relative(self) -> float:
        return (self.now.value - self.before.value) / self.before.value

    @property
    def apart(self) -> bool:
        """Counts that differ, times whose intervals do not meet."""
        return self.now.low > self.before.high or self.now.high < self.before.low


def matching(target: Target, other: Run) -> Target | None:
    """The same machine: a result of another instrument is not put beside it."""
    return next((one for one in other.targets if one.id == target.id and one.instrument == target.instrument), None)


def unit_of_both(run: Run, target: Target, other: Run) -> Unit:
    before = matching(target, other)
    return unit_of(run, target, run.cells_of(target) + (other.cells_of(before) if before else []))


def changes_of(run: Run, target: Target, other: Run, unit: Unit) -> list[Change]:
    before = matching(target, other)
    if before is None:
        return []
    old = {cell.name: cell for cell in other.cells_of(before)}
    names = labels(run.cells_of(target))
    pairs = [(names[cell.name], old[cell.name].metric(unit.metric), cell.metric(unit.metric))
             for cell in run.cells_of(target) if cell.name in old]
    changes = [Change(name, was, now) for name, was, now in pairs
               if was and now and was.exact == now.exact and was.value > 0]
    return sorted(changes, key=lambda change: (-abs(change.relative), change.name))


def draw(canvas: Any, changes: list[Change], against: str = "the second run") -> None:
    from .style import is_narrow
    axes = canvas.add_subplot()
    for row, change in enumerate(changes):
        colour, mark = (INT3, ">") if change.relative > 0 else (CALL, "<")
        axes.plot([0, 100 * change.relative], [row, row], color=colour, linewidth=1.6,
                  linestyle="-" if change.apart else ":")
        axes.plot([100 * change.relative], [row], mark, color=colour)
    axes.set_yticks(range(len(changes)), [change.name for change in changes], fontsize=8)
    axes.set_ylim(len(changes) - 0.4, -0.6)
    axes.axvline(0, color=GRID)
    axes.grid(axis="x")
    axes.margins(x=0.1)
    axes.set_xlabel(f"change against {against}," + ("\n" if is_narrow(canvas) else " ") + "percent")


def comparison_table(changes: list[Change], unit: Unit) -> Table:
    rows = [(change.name, number(change.before.value), interval(change.before), number(change.now.value),
             interval(change.now), f"{change.relative:+.1%}" if change.relative else "=",
             "yes" if change.apart else "no") for change in changes]
    return table(("cell", f"{unit.short}, second run", "interval", "this run", "interval", "change",
                  "beyond the intervals"), rows, numeric=(1, 3, 5))


def comparison_figures(run: Run, other: Run) -> list[Figure]:
    figures = []
    for ordinal, target in enumerate(run.targets, 1):
        unit = unit_of_both(run, target, other)
        changes = changes_of(run, target, other, unit)
        moved = [change for change in changes if change.relative][:SHOWN]
        if not moved:
            continue
        for kind in (True, False):
            own = [change for change in moved if change.now.exact == kind]
            if not own:
                continue
            one_axis([target], [change.now.exact for change in own])
            figures.append(Figure(
                f"comparison-{'exact' if kind else 'noisy'}-{ordinal}", "comparison",
                f"Against the second run, {target_title(target)}",
                "Largest changes first; a dotted line lies within the intervals of both runs. Whether a change matters "
                "is for ./run-bench gate to say.",
                f"Changes of {len(own)} cells; the largest is {own[0].name} with {own[0].relative:+.1%}.",
                1.0 + 0.2 * len(own), lambda canvas, own=own: draw(canvas, own), comparison_table(own, unit),
                narrow=1.0 + 0.2 * len(own)))
    return figures


def comparison_texts(run: Run, other: Run) -> list[str]:
    texts = []
    for target in run.targets:
        unit = unit_of_both(run, target, other)
        if matching(target, other) is None:
            texts.append(f"{target_title(target)}: the second run has no machine like it, so nothing is put beside it.")
            continue
        changes = changes_of(run, target, other, unit)
        old = {cell.name for cell in other.cells_of(matching(target, other)) if cell.metric(unit.metric)}
        new = {cell.name for cell in run.cells_of(target) if cell.metric(unit.metric)}
        moved = sum(bool(change.relative) for change in changes)
        texts.append(f"{target_title(target)}: {len(changes)} cells in both runs, {moved} of them with another figure; "
                     f"{len(new - old)} only in this run, {len(old - new)} only in the second.")
    return texts
