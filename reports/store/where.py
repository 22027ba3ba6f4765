# SPDX-License-Identifier: MIT
"""Which targets a question is about: NAME=PATTERN, as --where and the pages' addresses have it."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ..errors import ReportError
from .schema import fact, run, target

if TYPE_CHECKING:
    from .store import Store

COLUMNS = {"kernel": target.c.release, "flavour": target.c.flavour, "arguments": target.c.arguments,
           "cpu": target.c.cpu, "target": target.c.name, "kind": target.c.kind, "accel": target.c.accel,
           "clock": target.c.clock, "series": target.c.series, "fingerprint": target.c.fingerprint,
           "node": run.c.node, "started": run.c.started, "tool": run.c.tool}


def matching(values: Sequence[Any], pattern: str) -> list[Any]:
    return [value for value in values if fnmatch.fnmatchcase(str(value or ""), pattern)]


def of_column(store: Store, column: Any, pattern: str) -> Any:
    """Patterns are matched here: each database has its own."""
    found = matching([row[0] for row in store.rows(select(column).distinct())], pattern)
    condition = column.in_([value for value in found if value is not None])
    return condition | column.is_(None) if None in found else condition


def of_fact(store: Store, name: str, pattern: str) -> Any:
    rows = store.rows(select(fact.c.environment, fact.c.value).where(fact.c.name == name))
    if not rows:
        facts = [row[0] for row in store.rows(select(fact.c.name).distinct())]
        near = difflib.get_close_matches(name, [*COLUMNS, *facts], 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COLUMNS)} and the facts of the targets"
        raise ReportError(f"--where {name}={pattern}: no target has that; {hint}")
    return target.c.environment.in_([environment for environment, value in rows
                                     if fnmatch.fnmatchcase(value, pattern)])


def split(word: str) -> tuple[str, str]:
    name, equals, pattern = word.partition("=")
    if not equals or not name:
        raise ReportError(f"--where {word}: expected NAME=PATTERN, as in kernel=6.12*")
    return name, pattern


def conditions(store: Store, words: Sequence[str]) -> list[Any]:
    """All of them hold for a target (joined with its run)."""
    return [of_column(store, COLUMNS[name], pattern) if name in COLUMNS else of_fact(store, name, pattern)
            for name, pattern in map(split, words)]
