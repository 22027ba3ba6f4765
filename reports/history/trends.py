# SPDX-License-Identifier: MIT
"""Runs into a store, and tables of what is in it: the runs, and the points where exact counts changed."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..files import run_named
from ..load import metrics_before, parse, read_bytes
from ..store.answers import Change, Point, RunRow
from ..store.many import Files, add_many
from ..store.rows import ANATOMY, CONTRIBUTION, REPRODUCE, as_bytes
from ..store.store import Store
from ..table import Table, table
from ..wording import number
from .changes import Step, steps_in

MOST_RUNS = 40  # in a list for a terminal
MANY = 8        # runs, of which it is worth to read them on all processors
Lines = dict[tuple[str, str, str], list[Point]]


@functools.cache
def leading_metrics() -> tuple[str, ...]:
    """Those that may be the figure of a hit, the first of them last."""
    return tuple(unit.metric for leads in ("timed", "counted") for unit in metrics_before() if unit.leads == leads)


def results_of(given: str) -> Path:
    path = run_named(given)
    return path / "results.json" if path.is_dir() else path


def of_contribution(content: bytes, file: Path) -> Files:
    """What another machine contributed has its results inside."""
    document = parse(file, content)
    return Files(as_bytes(document.member("results").raw), str(file), {CONTRIBUTION: content})


def files_of(given: str) -> Files:
    """A run's results.json and what stands beside it."""
    results = results_of(given)
    content, beside = read_bytes(results), {}
    if b'"kind":"contribution"' in content[:200].replace(b" ", b""):
        return of_contribution(content, results)
    for name in (ANATOMY, REPRODUCE):
        other = results.with_name(name)
        if results.name.startswith("results.json") and (other.exists() or other.with_name(name + ".gz").exists()):
            beside[name] = read_bytes(other)
    return Files(content, str(results), beside)


def add_runs(store: Store, given: Sequence[str]) -> list[str]:
    """What is said of each."""
    added = add_many(store, files_of, given, None if len(given) >= MANY else 1)
    return [f"{results_of(one)}: {'added' if new else 'is there already'}" for one, new in zip(given, added)]


def without_build(release: str) -> str:
    """6.12.117+deb12-cloud-amd64 as a column has room for it: 6.12.117; 6.12.117-rt of a flavour that is rarer."""
    return re.sub(r"\+deb\d+|-cloud-amd64$|-amd64$", "", release)


def kernel_in(target: str) -> str:
    """vm-tcg-6.12.117+deb12-cloud-amd64: what tells kernels apart in a column."""
    release, plus, rest = re.sub(r"^(vm-[a-z]+|native)-", "", target).partition("+cpu=")
    return without_build(release) + plus + rest


def runs_table(runs: list[RunRow]) -> Table:
    rows = [(run.started, run.targets, run.cells, "yes" if run.complete else "no", run.source or f"run {run.number}")
            for run in runs]
    return table(("started", "machines", "cells", "complete", "file"), rows, numeric=(1, 2))


def changes_table(changes: Iterable[Change]) -> Table:
    rows = [(change.started[:10], kernel_in(change.target), change.cell.removesuffix("/threads:1"),
             number(change.before), number(change.value), f"{change.value - change.before:+g}",
             "same" if change.same_build else "another kernel or module") for change in changes]
    return table(("run", "kernel", "cell", "before", "after", "change", "build"), sorted(rows), numeric=(3, 4, 5))


def times_table(lines: Lines) -> Table:
    """Where times changed, of lines that somebody asked for."""
    def row(cell: str, metric: str, points: list[Point], step: Step) -> tuple[str, ...]:
        now = points[step.place]
        return (now.started[:10], kernel_in(now.target), cell.removesuffix("/threads:1"), number(step.before),
                number(step.now), f"{(step.now - step.before) / step.before:+.1%}" if step.before else "–",
                metric.replace("_", " "))
    rows = [row(cell, metric, points, step) for (cell, _series, metric), points in lines.items()
            if not any(point.exact for point in points) for step in steps_in(points)]
    return table(("run", "kernel", "cell", "before", "after", "change", "figure"), sorted(rows), numeric=(3, 4, 5))


def leading(lines: Lines) -> Lines:
    """Of one cell in one series the first metric that leads; the others say the same once more."""
    ranks = leading_metrics()
    by_rank = sorted(lines, key=lambda key: ranks.index(key[2]))
    last = {key[:2]: key for key in by_rank}
    return {key: lines[key] for key in sorted(last.values())}


def plain(made: Table, columns: int) -> str:
    """For a terminal: the first columns, as wide as what is in them."""
    rows = [row[:columns] for row in (made.columns, *made.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(columns)]
    lines = ["  ".join(text.rjust(width) if at in made.numeric else text.ljust(width)
                       for at, (text, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join(lines) + "\n"
