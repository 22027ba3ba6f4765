# SPDX-License-Identifier: MIT
"""Blocks and tables of the text that carry one id: what the reference run has for each of their rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .model import Anatomy, Cell, Step, Target
from .quantities import Reference, Wrong, as_stated, merged, quantity, symbol_of, value_of, with_called
from .wording import labels, number

Statement = dict[str, Any]
Lines = list[str]

RUN_ROW = re.compile(r"^(\S+)\s+([a-z0-9-]+)\s+((?:[0-9a-f]{2} )+)\s*(\d+)\s+([\d.]+)x\s+(\d+)\s+(\d+)$")
GATE_ROW = re.compile(r"^(\S+)\s+(\d+)\s+(\d+)\s+([+-]\d+)\s+([+-][\d.]+) %$")
KERNEL = re.compile(r"\b\d+\.\d+[\w.-]*")
LISTED = re.compile(r"^\s*(\d+)\s{2}([a-z]+)\s+(?:[!<] )?(\S.*)$")
CHANGED = re.compile(r"^\s*(\d+)\s+(\d+)\s+([+-]\d+)\s+(\S+)$")
NUMBER = re.compile(r"\d+(?:\.\d+)?[kM]?")
ABSENT = ("–", "-")


@dataclass(frozen=True)
class Row:
    """What a row says and what it has to say. Every figure of its lines is among the words."""
    line: int  # of the block
    stated: list[str]
    measured: list[str] | None  # none: the run has no such row
    what: str
    named: tuple[str, str] | None = None  # the state that is said, and the one that was observed
    lines: int = 1


def target_of(reference: Reference, kernel: str) -> Target:
    target = reference.target(kernel)
    if target is None:
        raise Wrong(f"unmeasured: no kernel {kernel} in the reference run")
    return target


def by_label(reference: Reference, target: Target, handler: str) -> dict[str, Cell]:
    cells = [cell for cell in reference.run.cells_of(target) if cell.handler == handler and cell.threads == 1]
    short = labels(cells)
    return {name: cell for cell in cells for name in (short[cell.name], f"{cell.probe_type}/{cell.site}")}


def run_table(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """The table of a run on one kernel, as the terminal shows it."""
    cells = by_label(reference, target_of(reference, statement["kernel"]), statement["handler"])
    cheapest = min(value for cell in cells.values() if (value := value_of(cell)))
    for at, line in enumerate(lines):
        if not RUN_ROW.match(line.strip()):
            continue
        stated = line.split()
        cell = cells.get(stated[0])
        value = value_of(cell)
        if cell is None or value is None or cell.hits is None:
            yield Row(at, stated, None, stated[0])
            continue
        yield Row(at, stated, [stated[0], cell.state, *(cell.armed or "").split()[:5], number(value),
                               f"{value / cheapest:.1f}x", str(cell.hits.counted), str(cell.hits.missed)],
                  stated[0], (stated[1], cell.state))


def columns_of(reference: Reference, lines: Lines) -> list[Target]:
    heading = next((line for line in lines if len(KERNEL.findall(line)) > 1), "")
    targets = [reference.target(kernel) for kernel in KERNEL.findall(heading)]
    if len(targets) < 2 or None in targets:
        raise Wrong("unmeasured: a kernel of the table is not in the reference run")
    return targets  # type: ignore[return-value]


def words_of(line: str) -> tuple[str, list[str]]:
    """Name and words of a row, without the letters of footnotes."""
    if line.startswith("|"):
        name, *words = [text.strip() for text in line.strip().strip("|").split("|")]
        return name, words
    words = line.split()
    return words[0] if words else "", [word for word in words[1:] if len(word) > 1 or not word.isalpha()]


def with_changes(values: list[float | None]) -> Iterator[str]:
    """As the terminal has them: behind a figure the difference to the nearest one to the left."""
    before = None
    for value in values:
        if value is None:
            yield "-"
            continue
        yield number(value)
        if before is not None:
            yield f"{value - before:+g}"
        before = value


def kernel_table(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """Probe types by kernel; in Markdown the figures alone."""
    targets = columns_of(reference, lines)
    known = [by_label(reference, target, statement["handler"]) for target in targets]
    found = 0
    for at, line in enumerate(lines):
        name, stated = words_of(line)
        values = [value_of(cells.get(name)) for cells in known]
        if not any(value is not None for value in values):
            continue
        found += 1
        plain = line.startswith("|")
        yield Row(at, stated, [number(value) for value in values] if plain else list(with_changes(values)), name)
    if found < statement["rows"]:
        raise Wrong(f"unmeasured: {found} rows of the table are cells of the reference run, {statement['rows']} were "
                    "expected")


def sums_of(one: Anatomy) -> dict[str, int]:
    sums: dict[str, int] = {}
    for step in one.steps:
        sums[symbol_of(step)] = sums.get(symbol_of(step), 0) + step.instructions
    return sums


def differences(reference: Reference, statement: Statement, path: str) -> dict[str, tuple[int, int]]:
    """By function, the largest first."""
    base, head = (sums_of(reference.path(statement[side], path)) for side in ("base", "head"))
    both = {name: (base.get(name, 0), head.get(name, 0)) for name in (base | head)}
    return dict(sorted(((name, pair) for name, pair in both.items() if pair[0] != pair[1]),
                       key=lambda item: -abs(item[1][1] - item[1][0])))


def gate_row(reference: Reference, statement: Statement, at: int, line: str) -> Row:
    name, *_figures = line.split()
    probe_type, site, handler = name.split("/")
    base, head = (value_of(reference.cell(statement[side], f"{probe_type}/module/{site}/{handler}"))
                  for side in ("base", "head"))
    if base is None or head is None:
        return Row(at, line.split(), None, name)
    return Row(at, line.split(), [name, number(base), number(head), f"{head - base:+g}",
                                  f"{100 * (head - base) / base:+.1f}", "%"], name)


def functions_row(reference: Reference, statement: Statement, at: int, lines: Lines) -> Row:
    """By function, of the cell on the line before, whose path was recorded with an empty handler."""
    probe_type, site, _handler = lines[at - 1].split()[0].split("/")
    path = f"{probe_type}/module/{site}/nop"
    end = next((end for end in range(at, len(lines)) if ")" in lines[end]), at)
    text = " ".join(" ".join(lines[at:end + 1]).split())
    changes = differences(reference, statement, path)
    named = re.findall(r"[\w.]+ [+-]\d+", text)
    of_call = (sum(head - base for base, head in changes.values())
               - quantity(reference, {"kernel": statement["head"], "path": path})
               + quantity(reference, {"kernel": statement["base"], "path": path}))
    measured = "by function: " + "".join(f"{name} {changes[name][1] - changes[name][0]:+d}, " for name in
                                         (one.split()[0] for one in named) if name in changes)
    measured += f"and {len(changes) - len(named)} more ({of_call:+g} of it in the call itself, not counted)"
    return Row(at, text.split(), measured.split(), f"{path}, by function", lines=end + 1 - at)


def outcome(base: Cell | None, head: Cell | None) -> str:
    was, now = value_of(base), value_of(head)
    if was is None:
        return "skipped" if now is None else "added"
    if now is None:
        return "incomplete"
    return "regression" if now > was else "improvement" if now < was else "pass"


def summary_row(reference: Reference, statement: Statement, at: int, line: str) -> Row:
    """Over the helper module's own cells with this handler."""
    sides = [{cell.name: cell for cell in reference.run.cells_of(target_of(reference, statement[side]))
              if cell.driver == "module" and cell.handler == statement["handler"] and cell.threads == 1
              and cell.probe_type.startswith(tuple(statement["types"]))} for side in ("base", "head")]
    words = [outcome(sides[0].get(name), sides[1].get(name)) for name in sides[0] | sides[1]]
    told = ", ".join(f"{words.count(word)} {word}" for word in ("regression", "incomplete", "improvement", "added",
                                                                "pass", "skipped") if word in words)
    return Row(at, line.split(), f"{len(words)} cells: {told}".split(), "the number of cells")


def gate_table(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """Two kernels side by side, as the gate prints them."""
    found = 0
    for at, line in enumerate(lines):
        if GATE_ROW.match(line.strip()):
            found += 1
            yield gate_row(reference, statement, at, line)
        elif line.lstrip().startswith("by function:"):
            yield functions_row(reference, statement, at, lines)
        elif re.match(r"\d+ cells: ", line):
            yield summary_row(reference, statement, at, line)
    if found < statement["rows"]:
        raise Wrong(f"unmeasured: {found} rows in the block, {statement['rows']} were expected")


def paths_by_label(reference: Reference, target: Target) -> dict[str, Anatomy]:
    found = {}
    for one in reference.run.anatomies:
        if one.target == target.id:
            probe_type, _driver, site, *_rest = one.cell.split("/")
            found[f"{probe_type} ({site})"] = one
            found.setdefault(probe_type, one)
    return found


def phase_table(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """Instructions of a hit by phase."""
    paths = paths_by_label(reference, target_of(reference, statement["kernel"]))
    heading = words_of(lines[0])[1] if lines else []
    for at, line in enumerate(lines[2:], 2):
        name, stated = words_of(line)
        one = paths.get(name)
        known = {"per hit": one.per_hit, "exceptions": one.exceptions, **one.phases} if one else {}
        measured = [str(known.get(column, 0) or ("0" if column == "exceptions" else "–")) for column in heading]
        yield Row(at, stated, measured if one else None, name)


def listed_step(steps: list[Step], begin: int, phase: str, text: str) -> int | None:
    """A name in the listing has no owner, and blanks may be in it."""
    return next((at for at in range(begin, len(steps)) if steps[at].phase == phase
                 and re.match(re.escape(symbol_of(steps[at])) + r"(\s|$)", text)), None)


def path_listing(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """The path of a hit, in order, some of its lines left out; "..." is with what the function calls."""
    steps, cursor = reference.path(statement["kernel"], statement["path"]).steps, 0
    for at, line in enumerate(lines):
        if not (row := LISTED.match(line)):
            continue
        count, phase, text = row.groups()
        step = listed_step(steps, cursor, phase, text)
        if step is None:
            yield Row(at, [count], None, f"{text} in the phase {phase}, on the path of {statement['path']}")
            continue
        called = text[len(symbol_of(steps[step])):].lstrip().startswith("...")
        measured = with_called(steps, step) if called else steps[step].instructions
        yield Row(at, [count], [str(measured)], f"{symbol_of(steps[step])} on the path of {statement['path']}")
        cursor = step + 1


def change_listing(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """Two kernels' paths by function."""
    changes = differences(reference, statement, statement["path"])
    for at, line in enumerate(lines):
        if row := CHANGED.match(line):
            name = row[4]
            base, head = changes.get(name, (0, 0))
            yield Row(at, line.split(), [str(base), str(head), f"{head - base:+d}", name] if name in changes else None,
                      name)


def listed(reference: Reference, spec: Statement, stated: list[str]) -> list[str]:
    return [as_stated(quantity(reference, spec), next(iter(stated), "0"))]


def table(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """Any table in Markdown: each figure is that of the statement with what its row and its column add to it."""
    base = {key: value for key, value in statement.items() if key not in ("row", "column", "heading")}
    yield Row(0, NUMBER.findall(KERNEL.sub("", lines[0])) if "heading" in statement else [],
              statement.get("heading", []), "the heading")
    for at, (line, row) in enumerate(zip(lines[2:], statement["row"]), 2):
        name, cells = words_of(line)
        measured, stated = [], [figure for cell in cells for figure in NUMBER.findall(cell)]
        for column in row.get("column", statement.get("column", [])):
            measured += listed(reference, merged(merged(base, row), column), stated[len(measured):])
        yield Row(at, stated, measured, name)


def text_of(reference: Reference, statement: Statement) -> str:
    """What the experiment wrote itself."""
    written: Any = reference.experiment(statement["kernel"])
    for name in statement["member"].split("."):
        written = written[name] if isinstance(written, dict) and name in written else None
    if not isinstance(written, str):
        raise Wrong(f"unmeasured: the experiment on {statement['kernel']} has no text {statement['member']}")
    return written


def generated(reference: Reference, statement: Statement, lines: Lines) -> Iterator[Row]:
    """A text that the experiment wrote itself, broken into lines."""
    written = text_of(reference, statement)
    yield Row(0, " ".join(lines).split(), written.split(), statement["member"], lines=len(lines))


# By form: what it has for the rows of a block, and the members that a statement of this form needs.
BLOCKS: dict[str, tuple[Callable[[Reference, Statement, Lines], Iterator[Row]], tuple[str, ...]]] = {
    "run-table": (run_table, ("kernel", "handler")), "kernel-table": (kernel_table, ("handler", "rows")),
    "gate-table": (gate_table, ("base", "head", "rows", "handler", "types")), "phase-table": (phase_table, ("kernel",)),
    "path-listing": (path_listing, ("kernel", "path")), "change-listing": (change_listing, ("base", "head", "path")),
    "table": (table, ("row",)), "generated": (generated, ("kernel", "member")),
}
