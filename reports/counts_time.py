# SPDX-License-Identifier: MIT
"""Counts against time: where the same probes have both, measured or published, how well the one tells the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from .claim_tests import obstacle, release_of
from .claims import ledger
from .model import Cell, Run, Target, counts_instructions
from .quantities import Reference, Wrong, quantity, value_of
from .wording import lead_target, target_title

LEAST = 3  # points; fewer have no order worth a number
PUBLISHED_WITHIN = 0.05  # of a time that was published without an interval


@dataclass(frozen=True)
class Point:
    name: str
    count: float
    low: float  # of the time, in ns
    time: float
    high: float
    published: bool = False


@dataclass(frozen=True)
class Series:
    title: str   # whose times, and whose counts
    points: list[Point]

    def flips(self) -> list[tuple[Point, Point]]:
        """Pairs of which the longer path takes less time, beyond the intervals: (longer, shorter), the widest first."""
        pairs = [sorted(pair, key=lambda point: -point.count) for pair in combinations(self.points, 2)]
        found = [(longer, shorter) for longer, shorter in pairs
                 if longer.count > shorter.count and longer.high < shorter.low]
        return sorted(found, key=lambda pair: pair[0].time / pair[1].time)

    def correlation(self) -> float:
        """Spearman's, of the ranks; equal values share theirs."""
        return pearson(ranks([point.count for point in self.points]), ranks([point.time for point in self.points]))


def ranks(values: list[float]) -> list[float]:
    return [sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values]


def pearson(xs: list[float], ys: list[float]) -> float:
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    both = sum((a - x) * (b - y) for a, b in zip(xs, ys))
    spread = (sum((a - x) ** 2 for a in xs) * sum((b - y) ** 2 for b in ys)) ** 0.5
    return both / spread if spread else 0.0


def nearest(target: Target, others: list[Target]) -> Target | None:
    """Of the machines that count, the one with the most similar kernel."""
    def distance(other: Target) -> float:
        a, b = release_of(target.release), release_of(other.release)
        return abs((a[0] - b[0]) * 100 + a[1] - b[1]) if len(a) == len(b) == 2 else 1e9
    return min(others, key=distance, default=None)


def point_of(name: str, counted: Cell | None, timed: Cell) -> Point | None:
    """Only where both were armed in the same way: another state is another path."""
    if counted is None or counted.state != timed.state:
        return None
    count, time = value_of(counted), timed.metric("ns_per_hit")
    if count is None or time is None or count <= 0 or time.low <= 0:
        return None
    return Point(name, count, time.low, time.value, time.high)


def measured_series(run: Run) -> Iterator[Series]:
    """Times of each machine that has them, and the counts of the same cells."""
    reference = Reference(run)
    counting = [target for target in run.targets if counts_instructions(target.clock)]
    for target in run.targets:
        near = nearest(target, counting)
        if near is None or obstacle(target):
            continue
        cells = [cell for cell in run.cells_of(target) if cell.threads == 1 and cell.handler == "nop"]
        points = [point_of(f"{cell.probe_type}/{cell.site}", reference.cells.get((near.id, cell.name)), cell)
                  for cell in cells]
        yield Series(f"Times: {target_title(target)}, counts: Linux {near.label}", [one for one in points if one])


def published_series(run: Run, rows: list[dict[str, Any]]) -> Iterator[Series]:
    """Times that others published, and the counts of the lead machine."""
    lead, reference = lead_target(run), Reference(run)
    if lead is None or not counts_instructions(lead.clock):
        return
    for row in rows:
        counted = [(point["name"], value_of(reference.cells.get((lead.id, point["cell"] + "/threads:1"))), point["ns"])
                   for point in row["points"]]
        yield Series(f"Times: {row['claim']}, counts: Linux {lead.label}",
                     [Point(name, count, ns * (1 - PUBLISHED_WITHIN), ns, ns * (1 + PUBLISHED_WITHIN), True)
                      for name, count, ns in counted if count])


def all_series(run: Run) -> list[Series]:
    found = [*measured_series(run), *published_series(run, ledger().get("times", []))]
    return [series for series in found if len(series.points) >= LEAST]


@dataclass(frozen=True)
class Change:
    """What one change did to the times that were published, and what it does to the counts."""
    claim: str
    what: str
    name: str
    counts: tuple[float, float]
    times: tuple[float, float]

    @property
    def of_counts(self) -> float:
        return self.counts[1] / self.counts[0] - 1

    @property
    def of_times(self) -> float:
        return self.times[1] / self.times[0] - 1

    @property
    def flipped(self) -> bool:
        return self.of_counts * self.of_times < 0


def changes(run: Run) -> list[Change]:
    reference, found = Reference(run), []
    for row in ledger().get("change", []):
        try:
            counts = tuple(quantity(reference, {**row["counts"], **row[side].get("counts", {})})
                           for side in ("before", "after"))
        except Wrong:
            continue  # this run has not measured it
        times = tuple(1 / row[side]["rate"] if "rate" in row[side] else row[side]["ns"] for side in ("before", "after"))
        found.append(Change(row["claim"], row["what"], row["name"], counts, times))
    return found
