# SPDX-License-Identifier: MIT
"""A baseline of the gate as a run: one target with exact counts, of the day when it was last updated."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..checked import Value
from ..load import parse
from .packed import packed
from .rows import Rows, add_counts, add_target, count, identity, text

BASELINE = "baseline.json"
FORMAT = "probebench-baseline"
VERSION = 1
COUNT = "instructions_per_hit"


def is_baseline(content: bytes) -> bool:
    return FORMAT.encode() in content[:200]


def as_target(document: Value) -> Value:
    """As results.json has it."""
    facts = document.member("facts").texts()
    about = {name: facts.pop(name, None) for name in ("kind", "accel", "clock")}
    return Value(document.file, "", {
        "id": document.member("target").text(), **about, "kind": about["kind"] or "", "clock_unit": None,
        "fingerprint": document.member("fingerprint").text(), "ended": None, "not_run": [], "host": {},
        "environment": {"facts": facts}})


def add_baseline_cell(rows: Rows, place: int, name: str, cell: Value) -> None:
    parts = name.split("/")
    if len(parts) != 5 or not parts[4].removeprefix("threads:").isdecimal():
        raise cell.fail("a name as PROBE-TYPE/DRIVER/SITE/HANDLER/threads:N")
    known = identity(name)
    rows.names[known] = [(known, text(name), *map(text, parts[:4]), int(parts[4].removeprefix("threads:")))]
    state = cell.optional("state").text_or_none() or "unknown"
    shown = (text(state), None, None, None, None)
    evidence = identity(*shown)
    rows.evidence[evidence] = [(evidence, *shown)]
    rows.cells.append((place, 0, known, cell.member("status").text(), text(cell.optional("reason").text_or_none()),
                       evidence, None, None, None, None))
    figure = cell.optional(COUNT)
    if figure.raw is not None:
        value = count(figure.count())
        rows.metrics.append((known, COUNT, place, 0, evidence, value, value, value, 0, 1, True, None))


def rows_of_baseline(content: bytes, source: str) -> Rows:
    document = parse(Path(source), content)
    if document.member("version").raw != VERSION:
        raise document.member("version").fail(f"{VERSION}")
    updates = list(document.member("updates").elements())
    if not updates:
        raise document.member("updates").fail("an update")
    last = updates[-1]
    rows = Rows({"digest": hashlib.sha256(content).hexdigest(), "started": last.member("when").text(),
                 "complete": True, "ended": None, "rounds": None,
                 "tool": text(f"probebench {last.member('tool_version').text()}")}, {BASELINE: packed(content)})
    add_target(rows, 0, as_target(document))
    cells = document.member("cells")
    if not isinstance(cells.raw, dict):
        raise cells.fail("an object")
    for place, name in enumerate(cells.raw):
        add_baseline_cell(rows, place, name, cells.member(name))
    add_counts(rows)
    return rows
