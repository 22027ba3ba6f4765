# SPDX-License-Identifier: MIT
"""Several runs as one: targets by fingerprint, cells by target and name."""

from __future__ import annotations

from dataclasses import replace

from .model import Cell, Run, Target


def renamed(run: Run, names: dict[str, str]) -> Run:
    if all(old == new for old, new in names.items()):
        return run
    return replace(run, targets=[replace(target, id=names[target.id]) for target in run.targets],
                   cells=[replace(cell, target=names[cell.target]) for cell in run.cells],
                   anatomies=[replace(one, target=names.get(one.target, one.target)) for one in run.anatomies],
                   reproductions=[{**one, "target": names.get(one["target"], one["target"])}
                                  for one in run.reproductions])


def free_name(wanted: str, taken: set[str]) -> str:
    ordinal = 2
    while f"{wanted}#{ordinal}" in taken:
        ordinal += 1
    return f"{wanted}#{ordinal}"


def names_in(merged: dict[str, Target], targets: list[Target]) -> dict[str, str]:
    """The same id with another fingerprint is another machine and gets a name of its own, which no other target of
    this run has either: runs number kernels of one release themselves."""
    names = {}
    taken = merged.keys() | {target.id for target in targets}
    for target in targets:
        known = merged.get(target.id)
        alike = known is None or known.fingerprint == target.fingerprint
        names[target.id] = target.id if alike else free_name(target.id, taken)
        taken.add(names[target.id])
    return names


def differing(old: Cell, new: Cell) -> str | None:
    """Two measurements of one cell on one machine: exact counts that differ are said."""
    for name, metric in old.metrics.items():
        other = new.metrics.get(name)
        if metric and other and metric.exact and other.exact and metric.value != other.value:
            return f"{old.name} on {old.target}: {name} is {metric.value:g} in one run and {other.value:g} in another"
    return None


def fuller(old: Cell, new: Cell) -> Cell:
    """The one that was measured; of two, the first, with the metrics that only the second has."""
    if not old.measured or not new.measured:
        return new if new.measured else old
    return replace(old, metrics={name: old.metrics.get(name) or new.metrics.get(name)
                                 for name in old.metrics | new.metrics})


def merge(runs: list[Run]) -> Run:
    targets: dict[str, Target] = {}
    cells: dict[tuple[str, str], Cell] = {}
    notes = [note for run in runs for note in run.notes]
    named = []
    for run in runs:
        run = renamed(run, names_in(targets, run.targets))
        named.append(run)
        targets.update({target.id: target for target in run.targets if target.id not in targets})
        for cell in run.cells:
            key = (cell.target, cell.name)
            if key in cells and (difference := differing(cells[key], cell)):
                notes.append(difference)
            cells[key] = fuller(cells[key], cell) if key in cells else cell
    order = list(targets)
    return Run([source for run in runs for source in run.sources], list(targets.values()),
               sorted(cells.values(), key=lambda cell: order.index(cell.target)),
               [one for run in named for one in run.anatomies],
               [one for run in named for one in run.reproductions], notes,
               max((run.metrics for run in runs), key=len))
