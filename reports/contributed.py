# SPDX-License-Identifier: MIT
"""The section of what others contributed: each machine by itself, for times of two are never compared."""

from __future__ import annotations

from pathlib import Path

from .contribution import Contribution
from .counts_time import measured_series
from .model import Cell, Target
from .page import Section
from .table import Table, table
from .tables import INTERVAL, by_cost, labels
from .wording import interval, number, target_title, unit_of

TEXT = ("Measured by ./run-bench contribute: medians of several processes with the interval over processes, and what "
        "one hit executes in the same state under emulation. Compare within a machine only.")


def counts_beside(given: Contribution) -> dict[str, Cell]:
    return {cell.name: cell for target in given.run.targets[1:] for cell in given.run.cells_of(target)}


def times_table(given: Contribution, target: Target) -> Table | None:
    cells = [cell for cell in given.run.cells_of(target) if cell.measured]
    if not cells:
        return None
    unit, counts, names = unit_of(given.run, target, cells), counts_beside(given), labels(cells)
    rows = []
    for cell in by_cost(cells, unit):
        beside = counts.get(cell.name)
        count = beside.metric("instructions_per_hit") if beside and beside.state == cell.state else None
        metric, time = cell.metric(unit.metric), cell.metric("ns_per_hit")
        rows.append((names[cell.name], number(metric.value if metric else None), interval(metric),
                     number(time.value if time else None), number(count.value if count else None), cell.state))
    return table(("probe type", unit.short, INTERVAL, "ns/hit", "insns/hit", "state"), rows, numeric=(1, 2, 3, 4))


def machine_text(given: Contribution, target: Target) -> str:
    source = given.run.sources[0]
    said = [f"{target_title(target)}, {target.facts.get('cpu.model', 'CPU unknown')}: {given.processes} processes, "
            f"{source.started[:10]}; {Path(source.path).name}, SHA-256 {source.sha256}."]
    if given.unfit:
        said.append(f"Before it was tuned, the machine was noisy by: {', '.join(given.unfit)}.")
    said += [f"Not measured: {one}." for one in given.missing]
    series = [one for one in measured_series(given.run) if len(one.points) > 2]
    said += [f"Over {len(one.points)} probes the rank correlation of count and time is {one.correlation():.2f}."
             for one in series]
    return " ".join(said)


def contributed_section(contributions: list[Contribution]) -> Section | None:
    if not contributions:
        return None
    texts, tables = [], []
    for given in contributions:
        target = given.run.targets[0]
        texts.append(machine_text(given, target))
        if made := times_table(given, target):
            tables.append((f"Times of {target_title(target)}", made))
    return Section("contributed", "Times that others contributed", (TEXT, *texts), (), tuple(tables))
