# SPDX-License-Identifier: MIT
"""The claims ledger against a run: confirmed, refuted, or not comparable and why."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import claim_tests
from .errors import ReportError
from .model import Run
from .table import Table, table

LEDGER = Path(__file__).with_name("claims.toml")
MEMBERS = {"id", "says", "figure", "conditions", "source", "read", "url", "test"}
OPTIONAL = {"conditions": "", "url": ""}
READ = ("read", "abstract", "slides", "derived", "text")


@dataclass(frozen=True)
class Claim:
    id: str
    says: str
    figure: str
    conditions: str
    source: str
    read: str
    url: str  # of the source, where it has one
    test: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    claim: Claim
    verdict: claim_tests.Verdict


def ledger(path: Path = LEDGER) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ReportError(f"{path}: not TOML: {error}") from error


def claim_of(path: Path, row: dict[str, Any]) -> Claim:
    name = row.get("id", "a claim without an id")
    if missing := MEMBERS - OPTIONAL.keys() - row.keys():
        raise ReportError(f"{path}: {name}: {', '.join(sorted(missing))} is missing")
    if unknown := row.keys() - MEMBERS:
        raise ReportError(f"{path}: {name}: unknown member {', '.join(sorted(unknown))}")
    if row["read"] not in READ:
        raise ReportError(f"{path}: {name}: read: expected one of {', '.join(READ)}, found {row['read']!r}")
    if row["test"].get("kind") not in TESTS:
        raise ReportError(f"{path}: {name}: test.kind: expected one of {', '.join(TESTS)}, found "
                          f"{row['test'].get('kind')!r}")
    return Claim(**{**OPTIONAL, **row})


def claims(path: Path = LEDGER) -> list[Claim]:
    rows = [claim_of(path, row) for row in ledger(path).get("claim", [])]
    names = [claim.id for claim in rows]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ReportError(f"{path}: {', '.join(sorted(twice))}: this id is there twice")
    return rows


# One function for each kind of test: (run, the test's members) -> verdict.
TESTS: dict[str, Callable[[Run, dict[str, Any]], claim_tests.Verdict]] = {
    "none": claim_tests.none, "time": claim_tests.time, "ratio": claim_tests.ratio, "rate": claim_tests.rate,
    "order": claim_tests.order, "exceptions": claim_tests.exceptions, "path": claim_tests.path,
    "interrupts": claim_tests.interrupts, "misses": claim_tests.misses, "optimizable": claim_tests.optimizable,
    "workload-gain": claim_tests.workload_gain, "pruned": claim_tests.pruned, "state": claim_tests.state,
}


def judge(run: Run, path: Path = LEDGER) -> list[Judged]:
    return [Judged(claim, TESTS[claim.test["kind"]](run, claim.test)) for claim in claims(path)]


def source_of(claim: Claim) -> str:
    return f"{claim.source} [{claim.read}]"


def claims_table(judged: list[Judged]) -> Table:
    """Decided ones first."""
    judged = sorted(judged, key=lambda one: claim_tests.WORDS.index(one.verdict.word))
    rows = [(one.claim.id, one.verdict.word, one.claim.figure,
             one.claim.says + (f" ({one.claim.conditions})" if one.claim.conditions else ""), one.verdict.here,
             one.verdict.why, source_of(one.claim)) for one in judged]
    made = table(("claim", "verdict", "its figure", "what it says", "this run", "why", "source"), rows)
    return replace(made, links={source_of(one.claim): one.claim.url for one in judged if one.claim.url})


def tally(judged: list[Judged]) -> str:
    words = [one.verdict.word for one in judged]
    counts = ", ".join(f"{words.count(word)} {word}" for word in claim_tests.WORDS)
    return f"{len(words)} published claims: {counts}."
