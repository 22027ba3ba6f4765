# SPDX-License-Identifier: MIT
"""Exactness of the fleet: a sample of the exact targets is measured by two nodes, and they have to agree."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FAILED, ReportError
from .measure import MEASURED, Outcome, document_in, handed_in, may_be_handed_in, runs_of
from .prepared import Prepared
from .slurm import slurm
from .targets import EXACT, Target

if TYPE_CHECKING:
    from ..store import Store

SHARE = 0.05


def sampled(keys: dict[str, Target]) -> set[str]:
    """Of the exact targets' keys, the lowest: digests are as good as drawn, and the same in each sweep."""
    exact = sorted(key for key, target in keys.items() if target.kind == EXACT)
    return set(exact[:math.ceil(SHARE * len(exact))])


def second_key(key: str) -> str:
    """Of what the second node measured."""
    return hashlib.sha256(f"{key}, by a second node".encode()).hexdigest()


def figures(document: dict[str, Any]) -> dict[tuple[str, str], tuple]:
    """What has to be the same on every node: each cell's status and its exact metrics."""
    return {(cell["target"], cell["name"]): (
        cell["status"], *((name, metric["value"]) for name, metric in sorted(cell["metrics"].items())
                          if metric and metric["class"] == "exact"))
            for cell in document["cells"]}


def told(figure: tuple | None) -> str:
    if figure is None:
        return "nothing"
    status, *metrics = figure
    return ", ".join(f"{name} {value:g}" for name, value in metrics) or status


def disagreements(one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(cell, what the one measured, what the other did)."""
    ours, theirs = figures(one), figures(other)
    for cell in sorted({*ours, *theirs}):
        if ours.get(cell) != theirs.get(cell):
            yield cell[1], told(ours.get(cell)), told(theirs.get(cell))


def qemu_of(document: dict[str, Any]) -> str:
    return document["targets"][0]["host"].get("qemu.version", "an unknown QEMU")


def alarm(nodes: list[str], documents: list[dict[str, Any]]) -> str | None:
    found = list(disagreements(*documents))
    if not found:
        return None
    cell, one, other = found[0]
    sides = " and ".join(f"{node} ({qemu_of(document)})" for node, document in zip(nodes, documents))
    more = f", and {len(found) - 1} more cells" if len(found) > 1 else ""
    return f"ALARM: nodes {sides} disagree: {cell}: {one} and {other}{more}"


def by_node(folder: Path, target: Target, job: str) -> dict[str, Path]:
    """The runs of this job, see measure.own_run."""
    measured = (file.parent for file in runs_of(folder, target).glob(f"{job}.*@*/{MEASURED}"))
    return {run.name.partition("@")[2]: run for run in sorted(measured)}


def measured_by_two(target: Target, prepared: Prepared, store: Store, folder: Path, job: str,
                    command: list[str]) -> Outcome:
    """`command` measures it and keeps the results; Slurm gave this job two nodes to run it on."""
    key = prepared.key_of(target)
    try:
        slurm(["srun", "--nodes=2", "--ntasks=2", "--ntasks-per-node=1", "--kill-on-bad-exit=0", *command])
    except ReportError as error:
        return Outcome(FAILED, str(error))
    runs = by_node(folder, target, job)
    if len(runs) < 2:
        return Outcome(FAILED, f"{len(runs)} of two nodes measured it")
    nodes = sorted(runs)
    found = alarm(nodes, [json.loads(document_in(runs[node])) for node in nodes])
    if found:
        return Outcome(FAILED, found)  # neither is believed, so neither is handed in
    may_be_handed_in(runs[nodes[0]], key)
    may_be_handed_in(runs[nodes[1]], second_key(key), "second node")
    return handed_in(store, [runs[node] for node in nodes])
