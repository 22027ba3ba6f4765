# SPDX-License-Identifier: MIT
"""Plain data of a run, as the files say it. Nothing here is computed again from samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def is_too_noisy(value: float, low: float, high: float, exact: bool) -> bool:
    """As the program's table decides it (harness/common/model/summary.h)."""
    return not exact and (low <= 0 <= high or high - low > abs(value))


@dataclass(frozen=True, slots=True)
class Metric:
    value: float
    low: float
    high: float
    spread: float
    n: int
    exact: bool
    note: str | None = None

    @property
    def too_noisy(self) -> bool:
        return is_too_noisy(self.value, self.low, self.high, self.exact)


@dataclass(frozen=True)
class Unit:
    """A row of the table of metrics that the run's file has (harness/common/model/summary.h)."""
    metric: str        # member of metrics
    short: str         # in a column's heading
    words: str         # behind a number in a sentence
    long: str          # on an axis
    leads: str | None  # where it may be the figure of a hit: "counted", "timed"


def counts_instructions(clock: str | None) -> bool:
    """A target's clock or its unit."""
    return clock == "instructions"


@dataclass(frozen=True, slots=True)
class Hits:
    expected: int
    counted: int
    missed: int


@dataclass(frozen=True, slots=True)
class Cell:
    name: str
    target: str
    probe_type: str
    driver: str
    site: str
    handler: str
    threads: int
    status: str
    reason: str | None
    needs: str | None  # what would provide it, of a skipped cell
    metrics: dict[str, Metric | None]
    no_metric_reason: str | None
    baseline: Metric | None
    cold_hit: float | None
    hits: Hits | None
    state: str
    armed: str | None
    before: str | None
    decoded: str | None
    samples: list[Any] = field(repr=False, default_factory=list)

    @property
    def measured(self) -> bool:
        return self.status == "measured"

    def interval_of(self, name: str) -> Metric | None:
        """Also where it is too wide to be a figure."""
        return self.metrics.get(name) if self.status == "measured" else None

    def metric(self, name: str) -> Metric | None:
        known = self.interval_of(name)
        return known if known is None or known.exact or not known.too_noisy else None


@dataclass(frozen=True)
class Target:
    id: str
    kind: str
    accel: str | None
    clock: str | None
    clock_unit: str | None
    fingerprint: str | None
    ended: str | None
    not_run: list[str]
    facts: dict[str, str]

    @property
    def release(self) -> str:
        return self.facts.get("kernel.release", self.id)

    @property
    def label(self) -> str:
        """Short enough for a column: 6.12.117, what is not x86-64, and what was added to the boot line."""
        if "kernel.release" not in self.facts:
            return self.id
        return self.version + (f" {self.arch}" if self.arch else "") + self.addition

    @property
    def version(self) -> str:
        """Of the release, without what a distribution adds: 6.12.117."""
        version = self.release.split("+")[0]
        for flavour in ("-cloud-amd64", "-amd64", "-cloud-arm64", "-arm64"):
            version = version.removesuffix(flavour)
        return version

    @property
    def addition(self) -> str:
        """Arguments, a CPU model, which of several alike: +mitigations=off, +cpu=max, #2. Only an id of a kernel by
        path has the architecture among them."""
        addition = self.id.partition(self.release)[2]
        return addition.replace(f"+{self.arch}", "", 1) if self.arch else addition

    @property
    def arch(self) -> str:
        """Empty: x86-64."""
        return self.facts.get("arch", "")

    @property
    def folder(self) -> str:
        """The directory of a kernel that was given by its path; empty: it has a name of the catalog."""
        path = self.facts.get("kernel.name", "")
        return path.rstrip("/").rpartition("/")[2] if "/" in path else ""

    @property
    def instrument(self) -> tuple[str, ...]:
        """What may stand on one axis: the same clock read by the same machine; only the kernel differs."""
        facts = ("arch", "qemu.version", "qemu.cpu_model", "qemu.icount", "cpu.model", "cpu.microcode")
        return (self.kind, self.accel or "", self.clock or "", *(self.facts.get(fact, "") for fact in facts))


@dataclass(frozen=True)
class Source:
    """A results file that a report was made from."""
    path: str
    sha256: str
    started: str
    command: list[str]
    rounds: int
    seed: int
    complete: bool
    ended: str | None
    tool: str  # the program and its version


@dataclass(frozen=True)
class Step:
    """Instructions in a row in one function."""
    symbol: str
    depth: int
    phase: str
    arrival: str
    instructions: int


@dataclass(frozen=True)
class Anatomy:
    cell: str
    target: str
    per_hit: int
    baseline: int
    exceptions: int
    phases: dict[str, int]
    steps: list[Step]
    repetitions: int | None = None  # of string instructions, which a CPU's counter does not count; None: not recorded


@dataclass(frozen=True)
class Run:
    sources: list[Source]
    targets: list[Target]
    cells: list[Cell]
    anatomies: list[Anatomy]
    reproductions: list[dict[str, Any]]  # targets of reproduce.json
    notes: list[str]
    metrics: list[Unit]  # those that lead first

    def target(self, identity: str) -> Target:
        return next(target for target in self.targets if target.id == identity)

    def cells_of(self, target: Target) -> list[Cell]:
        return [cell for cell in self.cells if cell.target == target.id]
