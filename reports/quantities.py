# SPDX-License-Identifier: MIT
"""What the reference run has to say for a figure of the text: a row of claims.toml names where, this looks it up.

A row has `kernel`, and one of
  cell, state                a cell's figure; `metric` for another one than the cost of a hit
  path                       a cell whose path was recorded: its `phases`, its `symbols` (with what they call, where
                             `called` is true), its `exceptions`, or its whole length, with `call` that of the call, too
  rows, where, member        a member of reproduce.json; `of` makes one figure of several rows
and `less` (the difference to another such row) or `over` (the ratio), which have only what differs; `times`, a factor;
`round`, to a multiple of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from typing import Any

from .figures_in_text import VALUES, WORDS
from .model import Anatomy, Cell, Run, Step, Target
from .wording import number

Spec = dict[str, Any]
OF: dict[str, Callable[[list[float]], float]] = {
    "min": min, "max": max, "median": statistics.median, "sum": sum, "count": len}
PLACES = ("cell", "path", "rows")


class Wrong(Exception):
    """Why a figure cannot be what the text says."""


class Reference:
    """A run, to be asked many times."""

    def __init__(self, run: Run):
        self.run = run
        self.cells = {(cell.target, cell.name): cell for cell in run.cells}
        self.paths = {(one.target, one.cell): one for one in run.anatomies}
        self.experiments = {one["target"]: one for one in run.reproductions}

    def targets(self, kernel: str) -> list[Target]:
        """Runs of one kernel are several machines when the helper module changed between them. A name that ends in a
        slash is the directory of a kernel that was built."""
        if kernel.endswith("/"):
            return [target for target in self.run.targets if target.folder == kernel[:-1]]
        return [target for target in self.run.targets if target.label == kernel
                or target.label.startswith((kernel + ".", kernel + "-", kernel + "#"))]

    def target(self, kernel: str) -> Target | None:
        return next(iter(self.targets(kernel)), None)

    def kernels(self) -> frozenset[str]:
        """As a text may call them: 6.12.117 and 6.12."""
        labels = [target.label for target in self.run.targets]
        return frozenset(labels) | {".".join(label.split(".")[:2]) for label in labels}

    def cell(self, kernel: str, name: str) -> Cell | None:
        target = self.target(kernel)
        return self.cells.get((target.id, f"{name}/threads:1")) if target else None

    def path(self, kernel: str, name: str) -> Anatomy:
        known = next((self.paths[key] for target in self.targets(kernel)
                      if (key := (target.id, f"{name}/threads:1")) in self.paths), None)
        if known is None:
            raise Wrong(f"unmeasured: the path of {name} on {kernel} was not recorded in the reference run")
        return known

    def experiment(self, kernel: str) -> dict[str, Any]:
        known = next((self.experiments[target.id] for target in self.targets(kernel)
                      if target.id in self.experiments), None)
        if known is None:
            raise Wrong(f"unmeasured: the reference run has no experiment on {kernel}")
        return known


def value_of(cell: Cell | None, metric: str = "instructions_per_hit") -> float | None:
    known = cell.metric(metric) if cell else None
    return known.value if known else None


def of_cell(reference: Reference, spec: Spec) -> float:
    cell = reference.cell(spec["kernel"], spec["cell"])
    measured = value_of(cell, spec.get("metric", "instructions_per_hit"))
    if cell is None or measured is None:
        raise Wrong(f"unmeasured: the reference run has no figure of {spec['cell']} on {spec['kernel']}")
    if "state" in spec and cell.state != spec["state"]:
        raise Wrong(f"mislabelled: {spec['cell']} is said to be {spec['state']} and was observed {cell.state}")
    return measured


def symbol_of(step: Step) -> str:
    return step.symbol.split(" [")[0]


def with_called(steps: list[Step], at: int) -> int:
    """Instructions from a step to where its function is left, with what it calls, and what it ends in by a jump."""
    total, depth = steps[at].instructions, steps[at].depth
    for step in steps[at + 1:]:
        if step.depth < depth or step.depth == depth and step.arrival == "call":
            break
        total += step.instructions
    return total


def of_path(reference: Reference, spec: Spec) -> float:
    one = reference.path(spec["kernel"], spec["path"])
    if spec.get("exceptions"):
        return one.exceptions
    if not spec.keys() & {"phases", "symbols"}:
        return one.per_hit + (one.baseline if spec.get("call") else 0)
    if "symbols" not in spec:
        return sum(one.phases.get(phase, 0) for phase in spec["phases"])
    there = [at for at, step in enumerate(one.steps) if symbol_of(step) in spec["symbols"]
             and step.phase in spec.get("phases", [step.phase])]
    if not there:
        raise Wrong(f"unmeasured: {', '.join(spec['symbols'])} is not on the path of {spec['path']}")
    if spec.get("called"):
        return sum(with_called(one.steps, at) for at in there if one.steps[at].arrival == "call")
    return sum(one.steps[at].instructions for at in there)


def rows_of(document: Any, place: str) -> Iterable[dict[str, Any]]:
    """Rows of a list in a list know what stands above them."""
    rows = [document]
    for name in place.split("."):
        below = []
        for row in rows:
            inside = row.get(name) or []
            above = {key: value for key, value in row.items() if not isinstance(value, (list, dict))}
            below += [{**above, **one} for one in (inside if isinstance(inside, list) else [inside])]
        rows = below
    return rows


def of_rows(reference: Reference, spec: Spec) -> float:
    document = reference.experiment(spec["kernel"])
    where = spec.get("where", {})
    chosen = [row for row in rows_of(document, spec["rows"]) if all(row.get(key) == where[key] for key in where)]
    values = [row[spec["member"]] for row in chosen if row.get(spec["member"]) is not None]
    if not values or "of" not in spec and len(values) > 1:
        raise Wrong(f"unmeasured: {len(values)} rows of {spec['rows']} on {spec['kernel']} have {spec['member']} and "
                    f"are {where}")
    return OF[spec.get("of", "min")](values)


def other(spec: Spec, differs: Spec) -> Spec:
    """The second operand: the first one with what differs in it. Another place forgets what the first had there."""
    kept = {key: value for key, value in spec.items() if key not in ("less", "over", "times", "round")}
    if "cell" in differs:
        kept.pop("state", None)
    if differs.keys() & set(PLACES):
        kept = {key: value for key, value in kept.items() if key not in PLACES or key in differs}
    return merged(kept, differs)


def merged(spec: Spec, more: Spec) -> Spec:
    where = {**spec.get("where", {}), **more.get("where", {})}
    return {**spec, **more, **({"where": where} if where else {})}


def quantity(reference: Reference, spec: Spec) -> float:
    if "is" in spec:
        return spec["is"]
    read = next(read for place, read in (("cell", of_cell), ("path", of_path), ("rows", of_rows)) if place in spec)
    measured = read(reference, spec)
    if "less" in spec:
        measured = abs(measured - quantity(reference, other(spec, spec["less"])))
    if "over" in spec:
        measured /= quantity(reference, other(spec, spec["over"]))
    measured *= spec.get("times", 1)
    return round(measured / spec["round"]) * spec["round"] if "round" in spec else measured


SUFFIXES = {"k": 1e3, "M": 1e6}


def as_stated(measured: float, stated: str) -> str:
    """The measured figure with the digits and the suffix of the stated one."""
    if stated.lower() in WORDS:
        shown = VALUES.get(measured, number(measured))
        return shown.capitalize() if stated[0].isupper() else shown
    suffix = stated[-1] if stated[-1] in SUFFIXES else ""
    digits = stated.rstrip("kM").replace(" ", "")
    places = len(digits.partition(".")[2])
    shown = f"{measured / SUFFIXES.get(suffix, 1):.{places}f}"
    return (f"{int(shown):,}".replace(",", " ") if " " in stated else shown) + suffix
