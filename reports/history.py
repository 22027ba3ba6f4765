# SPDX-License-Identifier: MIT
"""Runs in an SQLite file: import, list, and the points where exact counts changed."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from .errors import ReportError
from .model import Cell, Run, Target
from .table import Table, table
from .wording import number

VERSION = 1
SCHEMA = """
CREATE TABLE run (id INTEGER PRIMARY KEY, sha256 TEXT UNIQUE NOT NULL, started TEXT NOT NULL, path TEXT NOT NULL,
                  complete INTEGER NOT NULL);
CREATE TABLE point (run INTEGER NOT NULL REFERENCES run(id), machine TEXT NOT NULL, target TEXT NOT NULL,
                    fingerprint TEXT, cell TEXT NOT NULL, metric TEXT NOT NULL, value REAL NOT NULL,
                    low REAL NOT NULL, high REAL NOT NULL, exact INTEGER NOT NULL, state TEXT NOT NULL,
                    PRIMARY KEY (run, target, cell, metric));
"""


@dataclass(frozen=True)
class Point:
    started: str
    target: str
    fingerprint: str
    value: float
    low: float
    high: float
    exact: bool
    state: str


def machine_of(target: Target) -> str:
    """A line of a trend is one machine and one kernel series: a new build of either is a point on it, another
    emulator, CPU or clock is another line."""
    series = ".".join(target.release.split(".")[:2])
    return hashlib.sha256("\n".join((series, *target.instrument)).encode()).hexdigest()[:12]


def open_history(path: Path) -> sqlite3.Connection:
    try:
        base = sqlite3.connect(path)
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            base.executescript(SCHEMA + f"PRAGMA user_version = {VERSION};")
        elif version != VERSION:
            raise ReportError(f"{path}: not a history of this version (it has {version}, expected {VERSION}); "
                              "name another file with --database")
    except sqlite3.Error as error:
        raise ReportError(f"{path}: {error}; --database names the history's file") from error
    return base


def points_of(run: Run, target: Target, cell: Cell) -> list[tuple]:
    return [(machine_of(target), target.id, target.fingerprint, cell.name, name, metric.value, metric.low, metric.high,
             metric.exact, cell.state) for name in cell.metrics if (metric := cell.metric(name))]


def add(base: sqlite3.Connection, run: Run) -> int:
    """The number of figures that were added; 0 when the run is there already."""
    source = run.sources[0]
    with base:
        known = base.execute("SELECT 1 FROM run WHERE sha256 = ?", (source.sha256,)).fetchone()
        if known:
            return 0
        identity = base.execute("INSERT INTO run (sha256, started, path, complete) VALUES (?, ?, ?, ?)",
                                (source.sha256, source.started, source.path, source.complete)).lastrowid
        rows = [(identity, *point) for target in run.targets for cell in run.cells_of(target)
                for point in points_of(run, target, cell)]
        base.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def lines_of(base: sqlite3.Connection, metrics: tuple[str, ...]) -> dict[tuple[str, str, str], list[Point]]:
    """(cell, machine, metric) -> its points, oldest first."""
    lines: dict[tuple[str, str, str], list[Point]] = {}
    marks = ", ".join("?" for _ in metrics)
    query = ("SELECT cell, machine, metric, started, target, coalesce(fingerprint, ''), value, low, high, exact, state "
             f"FROM point JOIN run ON run.id = point.run WHERE metric IN ({marks}) "
             "ORDER BY cell, machine, started, run")
    for cell, machine, metric, *rest in base.execute(query, metrics):
        lines.setdefault((cell, machine, metric), []).append(Point(*rest))
    return lines


def changes_in(points: list[Point]) -> list[tuple[Point, Point]]:
    """Neighbours whose exact counts differ."""
    return [(before, now) for before, now in zip(points, points[1:])
            if before.exact and now.exact and before.value != now.value]


def runs_table(base: sqlite3.Connection) -> Table:
    rows = base.execute("SELECT started, count(DISTINCT target), count(DISTINCT target || cell), complete, path "
                        "FROM run LEFT JOIN point ON point.run = run.id GROUP BY run.id ORDER BY started, run.id")
    return table(("started", "machines", "cells", "complete", "file"),
                 [(*row[:3], "yes" if row[3] else "no", row[4]) for row in rows], numeric=(1, 2))


def kernel_in(target: str) -> str:
    """vm-tcg-6.12.117+deb12-cloud-amd64: what tells kernels apart in a column."""
    return target.split("+deb")[0].removesuffix("-cloud-amd64").split("-", 2)[-1]


def changes_table(base: sqlite3.Connection) -> Table:
    rows = []
    for (cell, _machine, _metric), points in lines_of(base, ("instructions_per_hit",)).items():
        rows += [(now.started[:10], kernel_in(now.target), cell.removesuffix("/threads:1"), number(before.value),
                  number(now.value), f"{now.value - before.value:+g}",
                  "same" if before.fingerprint == now.fingerprint else "another kernel or module")
                 for before, now in changes_in(points)]
    return table(("run", "kernel", "cell", "before", "after", "change", "build"), sorted(rows), numeric=(3, 4, 5))


def plain(made: Table, columns: int) -> str:
    """For a terminal: the first columns, as wide as what is in them."""
    rows = [row[:columns] for row in (made.columns, *made.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(columns)]
    lines = ["  ".join(text.rjust(width) if at in made.numeric else text.ljust(width)
                       for at, (text, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def history(path: Path, runs: list[Run]) -> tuple[sqlite3.Connection, list[str]]:
    base = open_history(path)
    said = []
    for run in runs:
        count = add(base, run)
        source = run.sources[0].path
        said.append(f"{source}: {count} figures added" if count else f"{source}: is there already, or has no figures")
    return base, said
