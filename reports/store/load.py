# SPDX-License-Identifier: MIT
"""Runs out of a store, as a report reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..checked import Value
from ..errors import ReportError
from ..load import anatomies_in, reproductions_in, run_of, source_of
from ..model import Run
from .answers import TargetRow
from .rows import RESULTS
from .store import Store


def only(run: Run, targets: set[str]) -> Run:
    return Run(run.sources, [target for target in run.targets if target.id in targets],
               [cell for cell in run.cells if cell.target in targets],
               [one for one in run.anatomies if one.target in targets],
               [one for one in run.reproductions if one["target"] in targets], run.notes, run.metrics)


def run_in(store: Store, number: int, targets: set[str]) -> Run:
    """Of a run these targets."""
    files = store.export(number)
    place = f"{store.name}: run {number}"
    if RESULTS not in files:
        raise ReportError(f"{place} is a baseline, which has no more than counts; leave it out with --where")
    values = {name: Value(f"{place}: {name}", "", json.loads(content)) for name, content in files.items()}
    results = values[RESULTS]
    source = source_of(Path(place), files[RESULTS], results)
    return only(run_of(source, results, anatomies_in(values.get("anatomy.json")),
                       reproductions_in(values.get("reproduce.json"))), targets)


def runs_in(store: Store, rows: Sequence[TargetRow]) -> list[Run]:
    """Each run once, with those of its targets that were chosen."""
    wanted: dict[int, set[str]] = {}
    for row in rows:
        wanted.setdefault(row.run, set()).add(row.name)
    return [run_in(store, number, targets) for number, targets in wanted.items()]
