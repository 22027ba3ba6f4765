# SPDX-License-Identifier: MIT
"""This project's own statements against its reference run: what is stale, unmeasured, or of another mechanism."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .claims import ledger
from .documents import Place
from .errors import ReportError
from .model import Anatomy, Cell, Run, Target
from .wording import labels, number

Statement = dict[str, Any]

RUN_ROW = re.compile(r"^(\S+)\s+([a-z0-9-]+)\s+((?:[0-9a-f]{2} )+)\s*(\d+)\s+([\d.]+)x\s+(\d+)\s+(\d+)$")
GATE_ROW = re.compile(r"^(\S+)\s+(\d+)\s+(\d+)\s+([+-]\d+)\s+([+-][\d.]+) %$")
KERNEL = re.compile(r"\b\d+\.\d+[\w.-]*")
ABSENT = ("–", "-")


def target_of(run: Run, kernel: str) -> Target | None:
    return next((target for target in run.targets if target.label == kernel
                 or target.label.startswith((kernel + ".", kernel + "-"))), None)


def cell_of(run: Run, kernel: str, name: str) -> Cell | None:
    target = target_of(run, kernel)
    cells = run.cells_of(target) if target else []
    return next((cell for cell in cells if cell.name == f"{name}/threads:1"), None)


def value_of(cell: Cell | None) -> float | None:
    metric = cell.metric("instructions_per_hit") if cell else None
    return metric.value if metric else None


def differs(what: str, stated: object, measured: object) -> str:
    return f"stale: {what} is stated as {stated}, the reference run has {measured}"


def check_value(run: Run, statement: Statement, place: Place) -> Iterator[str]:
    """One number: a cell's cost, less that of another cell or kernel where `less` names it."""
    cell = cell_of(run, statement["kernel"], statement["cell"])
    measured = value_of(cell)
    if cell is None or measured is None:
        yield f"unmeasured: the reference run has no figure of {statement['cell']} on {statement['kernel']}"
        return
    if cell.state != statement["state"]:
        yield f"mislabelled: {statement['cell']} is said to be {statement['state']} and was observed {cell.state}"
    if less := statement.get("less"):
        other = value_of(cell_of(run, less.get("kernel", statement["kernel"]), less.get("cell", statement["cell"])))
        if other is None:
            yield f"unmeasured: the reference run has no figure of {less}"
            return
        measured = abs(measured - other)
    if place.number is None:
        yield "there is no number before the mark"
    elif float(place.number) != measured:
        yield differs(statement["cell"], place.number, number(measured))


def check_count(run: Run, statement: Statement, place: Place) -> Iterator[str]:
    """How many cells were measured with a handler."""
    target = target_of(run, statement["kernel"])
    cells = [cell for cell in run.cells_of(target) if cell.measured and cell.threads == 1
             and cell.handler == statement["handler"]] if target else []
    if place.number != str(len(cells)):
        yield differs(f"the number of cells measured on {statement['kernel']}", place.number, len(cells))


def by_label(run: Run, target: Target, handler: str) -> dict[str, Cell]:
    cells = [cell for cell in run.cells_of(target) if cell.handler == handler and cell.threads == 1]
    return {name: cell for cell in cells for name in {labels(cells)[cell.name], f"{cell.probe_type}/{cell.site}"}}


def check_run_row(row: re.Match[str], cells: dict[str, Cell], cheapest: float) -> Iterator[str]:
    name, state, armed, cost, ratio, _hits, missed = row.groups()
    cell = cells.get(name)
    measured = value_of(cell)
    if cell is None or measured is None:
        yield f"unmeasured: the reference run has no figure of {name}"
        return
    if cell.state != state or (cell.armed or "")[:2] != armed[:2]:
        yield f"mislabelled: {name} is shown as {state} ({armed[:2]}), the reference run observed {cell.state}"
    if float(cost) != measured:
        yield differs(name, cost, number(measured))
    elif ratio != f"{measured / cheapest:.1f}":
        yield differs(f"{name}, ratio", ratio, f"{measured / cheapest:.1f}")
    if cell.hits and int(missed) != cell.hits.missed:
        yield differs(f"{name}, missed", missed, cell.hits.missed)


def check_run_table(run: Run, statement: Statement, place: Place) -> Iterator[str]:
    """The table of a run on one kernel, as the terminal shows it."""
    target = target_of(run, statement["kernel"])
    rows = [row for line in place.block if (row := RUN_ROW.match(line.strip()))]
    if target is None or not rows:
        yield f"unmeasured: no kernel {statement['kernel']} in the reference run, or no rows in the block"
        return
    cells = by_label(run, target, statement["handler"])
    cheapest = min(value for cell in cells.values() if (value := value_of(cell)))
    for row in rows:
        yield from check_run_row(row, cells, cheapest)


def columns_of(run: Run, block: tuple[str, ...]) -> list[Target | None]:
    heading = next((line for line in block if len(KERNEL.findall(line)) > 1), "")
    return [target_of(run, kernel) for kernel in KERNEL.findall(heading)]


def figures_of(line: str) -> tuple[str, list[str]]:
    """Name and figures of a row, without the changes and footnotes between them."""
    if line.startswith("|"):
        name, *figures = [text.strip() for text in line.strip().strip("|").split("|")]
        return name, figures
    words = line.split()
    return words[0] if words else "", [word for word in words[1:] if word.isdigit() or word in ABSENT]


def check_kernel_row(name: str, figures: list[str], cells: list[Cell | None]) -> Iterator[str]:
    for figure, cell in zip(figures, cells):
        measured = value_of(cell)
        if figure in ABSENT and measured is None:
            continue
        if measured is None:
            yield f"unmeasured: the reference run has no figure of {name} for {figure}"
        elif figure in ABSENT or float(figure) != measured:
            yield differs(f"{name} on {cell.target}", figure, number(measured))


def check_kernel_table(run: Run, statement: Statement, place: Place) -> Iterator[str]:
    """Probe types by kernel."""
    targets = columns_of(run, place.block)
    if len(targets) < 2 or None in targets:
        yield "unmeasured: a kernel of the table is not in the reference run"
        return
    known = [by_label(run, target, statement["handler"]) for target in targets if target]
    found = 0
    for name, figures in map(figures_of, place.block):
        if len(figures) == len(targets) and any(name in cells for cells in known):
            found += 1
            yield from check_kernel_row(name, figures, [cells.get(name) for cells in known])
    if found < statement["rows"]:
        yield f"unmeasured: {found} rows of the table are cells of the reference run, {statement['rows']} were expected"


def check_gate_table(run: Run, statement: Statement, place: Place) -> Iterator[str]:
    """Two kernels side by side, as the gate prints them."""
    rows = [row for line in place.block if (row := GATE_ROW.match(line.strip()))]
    if len(rows) < statement["rows"]:
        yield f"unmeasured: {len(rows)} rows in the block, {statement['rows']} were expected"
    for name, base, head, change, percent in (row.groups() for row in rows):
        probe_type, site, handler = name.split("/")
        cell = f"{probe_type}/module/{site}/{handler}"
        values = [value_of(cell_of(run, statement[side], cell)) for side in ("base", "head")]
        if None in values:
            yield f"unmeasured: {name} on {statement['base']} or {statement['head']}"
            continue
        measured = f"{number(values[0])} {number(values[1])} {values[1] - values[0]:+g} " \
                   f"{100 * (values[1] - values[0]) / values[0]:+.1f}"
        if measured != f"{base} {head} {change} {percent}":
            yield differs(name, f"{base} {head} {change} {percent}", measured)


def anatomies_by_label(run: Run, target: Target) -> dict[str, Anatomy]:
    found = {}
    for one in run.anatomies:
        if one.target == target.id:
            probe_type, _driver, site, *_rest = one.cell.split("/")
            found[f"{probe_type} ({site})"] = one
            found.setdefault(probe_type, one)
    return found


def check_phase_row(heading: list[str], name: str, figures: list[str], one: Anatomy | None) -> Iterator[str]:
    if one is None:
        yield f"unmeasured: the path of {name} was not recorded in the reference run"
        return
    known = {"per hit": one.per_hit, "exceptions": one.exceptions, **one.phases}
    for column, figure in zip(heading, figures):
        measured = known.get(column, 0)
        if (0 if figure in ABSENT else int(figure)) != measured:
            yield differs(f"{name}, {column}", figure, measured)


def check_phase_table(run: Run, statement: Statement, place: Place) -> Iterator[str]:
    """Instructions of a hit by phase."""
    target = target_of(run, statement["kernel"])
    if target is None or len(place.block) < 3:
        yield f"unmeasured: no kernel {statement['kernel']} in the reference run, or no table"
        return
    anatomies = anatomies_by_label(run, target)
    heading = figures_of(place.block[0])[1]
    for line in place.block[2:]:
        name, figures = figures_of(line)
        yield from check_phase_row(heading, name, figures, anatomies.get(name))


# By form; (run, statement, place) -> problems.
FORMS: dict[str, Callable[[Run, Statement, Place], Iterator[str]]] = {
    "value": check_value, "count": check_count, "run-table": check_run_table, "kernel-table": check_kernel_table,
    "gate-table": check_gate_table, "phase-table": check_phase_table,
}
MEMBERS = {"value": ("kernel", "cell", "state"), "count": ("kernel", "handler"),
           "run-table": ("kernel", "handler"),
           "kernel-table": ("handler", "rows"), "gate-table": ("base", "head", "rows"), "phase-table": ("kernel",)}


def statements_of(path: Path) -> list[Statement]:
    statements = ledger(path).get("statement", [])
    for statement in statements:
        name = statement.get("id", "a statement without an id")
        if statement.get("form") not in FORMS:
            raise ReportError(f"{path}: {name}: form: expected one of {', '.join(FORMS)}")
        if missing := {"id", *MEMBERS[statement["form"]]} - statement.keys():
            raise ReportError(f"{path}: {name}: {', '.join(sorted(missing))} is missing")
    return statements


def check(run: Run, statements: list[Statement], places: list[Place]) -> list[str]:
    """Problems of all places; a statement that is used nowhere, or an id that is bound to nothing, is one."""
    bound = {statement["id"]: statement for statement in statements}
    used = {place.id for place in places}
    problems = [f"reports/claims.toml: {name}: no text carries this id" for name in bound if name not in used]
    for place in places:
        statement = bound.get(place.id)
        if statement is None:
            problems.append(f"{place}: not in reports/claims.toml")
            continue
        problems += [f"{place}: {problem}" for problem in FORMS[statement["form"]](run, statement, place)]
    return problems
