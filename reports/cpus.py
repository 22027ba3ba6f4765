# SPDX-License-Identifier: MIT
"""The same kernels on several CPU models of the emulator: a section of its own, for the other sections set kernels
side by side and not machines."""

from __future__ import annotations

from dataclasses import replace

from .model import Run, Target
from .page import Section
from .table import Table, table
from .wording import labels, number, unit_of

REQUESTED = "qemu.requested_cpu"

TEXT = (
    "A kernel guards itself for the CPU that it finds, so what it executes differs between models. "
    "Elsewhere on this page the model is the one that Environment names. A dash is a probe that the kernel does not "
    "make on that model.",
)


def is_aside(target: Target) -> bool:
    return REQUESTED in target.facts


def only(run: Run, targets: list[Target]) -> Run:
    names = {target.id for target in targets}
    return replace(run, targets=targets, cells=[cell for cell in run.cells if cell.target in names])


def split(run: Run) -> tuple[Run, Run | None]:
    """The run without its targets of other CPU models, and these alone. A run that has no others is a run."""
    aside = [target for target in run.targets if is_aside(target)]
    if not aside or len(aside) == len(run.targets):
        return run, None
    return only(run, [target for target in run.targets if not is_aside(target)]), only(run, aside)


def by_release(run: Run) -> dict[str, list[Target]]:
    groups: dict[str, list[Target]] = {}
    for target in run.targets:
        groups.setdefault(target.release, []).append(target)
    return groups


def model_table(run: Run, targets: list[Target]) -> Table:
    """A column for each model; a count, or a dash."""
    cells = {(cell.target, cell.name): cell for cell in run.cells}
    told = {cell.name: cell for target in targets for cell in run.cells_of(target)}
    names = labels(list(told.values()))
    unit = unit_of(run, targets[0], run.cells_of(targets[0]))
    rows = []
    for name in told:
        metrics = [cell.metric(unit.metric) if (cell := cells.get((target.id, name))) else None for target in targets]
        if any(metrics):
            rows.append((names[name], *(number(metric.value) if metric else "–" for metric in metrics)))
    return table((unit.short, *(target.facts[REQUESTED] for target in targets)), rows,
                 numeric=range(1, len(targets) + 1))


def reasons(run: Run) -> tuple[str, ...]:
    """Of what one model lets the kernel make and another does not."""
    measured = {(run.target(cell.target).release, cell.name) for cell in run.cells if cell.measured}
    found = {}
    for cell in run.cells:
        target = run.target(cell.target)
        if not cell.measured and (target.release, cell.name) in measured:
            key = (target.facts[REQUESTED], cell.probe_type, cell.reason)
            found.setdefault(key, []).append(target.label.partition("+")[0])
    return tuple(f"{model} has no {probe_type} on {', '.join(dict.fromkeys(kernels))}: {reason}."
                 for (model, probe_type, reason), kernels in found.items())


def cpu_section(run: Run | None) -> Section | None:
    if run is None:
        return None
    tables = tuple((f"Linux {targets[0].label.partition('+')[0]}, by the emulator's CPU model",
                    model_table(run, targets)) for targets in by_release(run).values())
    return Section("cpus", "Other CPU models", (*TEXT, *filter(None, (" ".join(reasons(run)),))), tables)
