# SPDX-License-Identifier: MIT
"""A run's files as rows of the tables. Nothing here knows a database."""

from __future__ import annotations

import collections
import functools
import hashlib
import json
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..checked import Value
from ..errors import ReportError
from ..load import (anatomies_in, check_kind, check_version, parse, reproductions_in, run_of, source_of,
                    target_of)
from .packed import packed
from .series import series_of
from .skim import skimmed, whole

RESULTS, ANATOMY, REPRODUCE, CONTRIBUTION = "results.json", "anatomy.json", "reproduce.json", "contribution.json"
MOST = 2 ** 63
NO_COUNTS = (None, None, None)
# Members of a cell and of what is in it.
named = operator.itemgetter("name", "probe_type", "driver", "site", "handler")
seen = operator.itemgetter("state", "before", "armed", "after", "decoded")
counted = operator.itemgetter("expected", "counted", "missed")
interval = operator.itemgetter("value", "low", "high", "spread")

Row = tuple[Any, ...]


@dataclass
class Rows:
    """Of one run: by table, without the run's number, which nobody has given yet."""
    run: dict[str, Any]
    files: dict[str, bytes]
    # What recurs from run to run, by its key.
    names: dict[int, list[Row]] = field(default_factory=dict)
    evidence: dict[int, list[Row]] = field(default_factory=dict)
    facts: dict[int, list[Row]] = field(default_factory=dict)
    paths: dict[str, list[Row]] = field(default_factory=dict)
    targets: list[Row] = field(default_factory=list)
    cells: list[Row] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
    anatomies: list[Row] = field(default_factory=list)
    request: dict[str, str] = field(default_factory=dict)  # what was asked for, in words


def identity(*parts: str | None) -> int:
    """A number for what recurs. Of a million different ones two agree with a probability of 5e-8."""
    text = "\n".join("-" if part is None else "=" + part for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


name_identity = functools.lru_cache(maxsize=65536)(identity)


def as_bytes(document: Mapping[str, Any] | bytes) -> bytes:
    if isinstance(document, bytes):
        return document
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass")


def text(value: str | None) -> str | None:
    """PostgreSQL has no text with a NUL in it; the file keeps it."""
    if value is None or value.isascii() and "\0" not in value:
        return value
    value.encode()  # half of a character is none
    return value.replace("\0", "\\x00")


def count(value: int | None) -> int | None:
    if value is not None and (type(value) is not int or value >= MOST):
        raise ValueError(value)
    return value


def number(value: float | None) -> float | None:
    if value is not None and type(value) is not float:
        return count(value)
    return value


def add_target(rows: Rows, place: int, value: Value) -> None:
    target = target_of(value)
    series = series_of(target)
    facts = sorted(target.facts.items())
    environment = identity(*(part for fact in facts for part in fact))
    rows.facts[environment] = [(environment, text(name), text(fact)) for name, fact in facts]
    rows.targets.append(tuple(text(part) for part in (
        target.id, series.key, target.kind, target.accel, target.clock, target.fingerprint, target.release,
        series.flavour, series.arguments, series.cpu, target.ended)) + (place, environment))


@functools.lru_cache(maxsize=65536)
def evidence_row(*told: str | None) -> Row:
    shown = tuple(map(text, told))
    return identity(*shown), *shown


def add_cell(rows: Rows, place: int, cell: dict[str, Any], targets: dict[str, int]) -> None:
    name, target = name_identity(cell["name"]), targets[cell["target"]]
    if name not in rows.names:
        rows.names[name] = [(name, *map(text, named(cell)), count(cell["threads"]))]
    shown = evidence_row(*seen(cell["evidence"]))
    evidence = shown[0]
    if evidence not in rows.evidence:
        rows.evidence[evidence] = [shown]
    hits = cell["hits"]
    rows.cells.append((place, target, name, cell["status"], text(cell["reason"]), evidence,
                       *(map(count, counted(hits)) if hits else NO_COUNTS), number(cell["cold_hit"]["overhead"])))
    for metric, figure in cell["metrics"].items():
        if figure is not None:
            rows.metrics.append((name, metric, place, target, evidence, *map(number, interval(figure)),
                                 count(figure["n"]), figure["class"] == "exact", text(figure["note"])))


def add_counts(rows: Rows) -> None:
    """Of each target's cells, which are too many to be counted when somebody asks."""
    cells = collections.Counter(cell[1] for cell in rows.cells)
    measured = collections.Counter(cell[1] for cell in rows.cells if cell[3] == "measured")
    rows.targets = [(*row, cells[place], measured[place]) for place, row in enumerate(rows.targets)]


def add_anatomies(rows: Rows, document: dict[str, Any]) -> None:
    """The document keeps the digests of its paths, which are kept once."""
    for place, one in enumerate(document["anatomies"]):
        steps = as_bytes(one["runs"])
        digest = hashlib.sha256(steps).hexdigest()
        rows.paths[digest] = [(digest, packed(steps))]
        rows.anatomies.append((place, one["target"], identity(one["cell"]), one["instructions_per_hit"], digest))
        one["runs"] = digest


def rows_of_document(content: bytes, document: Any, source: str) -> Rows:
    value = Value(source, "", document)
    check_kind(value)
    check_version(value)
    rows = Rows({"digest": hashlib.sha256(content).hexdigest(), "started": document["started"],
                 "complete": document["complete"], "ended": text(document["ended"]), "rounds": document["rounds"],
                 "tool": text(" ".join((document["tool"]["name"], document["tool"]["version"])))},
                {RESULTS: packed(content)})
    targets = list(value.member("targets").elements())
    for place, target in enumerate(targets):
        add_target(rows, place, target)
    places = {target.raw["id"]: place for place, target in enumerate(targets)}
    for place, cell in enumerate(document["cells"]):
        add_cell(rows, place, cell, places)
    add_counts(rows)
    return rows


def rows_of_results(content: bytes, source: str) -> Rows:
    failed: Exception | None = None
    for read in (skimmed, whole):
        try:
            return rows_of_document(content, read(content), source)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            failed = error
    raise refusal(content, source) from failed


def refusal(content: bytes, source: str) -> ReportError:
    """What is wrong with it: the careful reader names the member."""
    value = parse(Path(source), content)
    check_kind(value)
    check_version(value)
    run_of(source_of(Path(source), content, value), value, [], [])
    return ReportError(f"{source}: a member is missing, or is not what docs/results-schema.md says")


def add_beside(rows: Rows, name: str, content: bytes, source: str) -> None:
    if name in (ANATOMY, REPRODUCE):
        value = parse(Path(source).with_name(name), content)
        check_version(value)
        if name == ANATOMY:
            anatomies_in(value)
            add_anatomies(rows, value.raw)
            content = as_bytes(value.raw)
        else:
            reproductions_in(value)
    rows.files[name] = packed(content)


def rows_of(document: Mapping[str, Any] | bytes, source: str = RESULTS,
            beside: Mapping[str, Mapping[str, Any] | bytes] | None = None) -> Rows:
    """Of results.json and, by their names, of the files beside it."""
    from .baseline import is_baseline, rows_of_baseline
    content = as_bytes(document)
    if is_baseline(content):
        return rows_of_baseline(content, source)
    rows = rows_of_results(content, source)
    for name, other in (beside or {}).items():
        add_beside(rows, name, as_bytes(other), source)
    return rows
