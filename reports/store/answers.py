# SPDX-License-Identifier: MIT
"""What a store answers, as plain data: who shows it need not know a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TargetRow:
    """A target of a run."""
    run: int
    place: int
    name: str
    series: str
    accel: str | None
    clock: str | None
    fingerprint: str | None
    release: str
    flavour: str
    arguments: str
    cpu: str
    cells: int
    measured: int
    started: str
    node: str | None
    complete: bool

    @property
    def key(self) -> str:
        """As addresses have it."""
        return f"{self.run}.{self.place}"

    @property
    def kernel(self) -> str:
        """Its release, and its folder where it was given by that."""
        return self.release if self.flavour in self.release else f"{self.release} {self.flavour}"

    @property
    def label(self) -> str:
        """What tells targets apart, in a column."""
        parts = (self.kernel.removesuffix("-amd64").removesuffix("-cloud"), self.arguments.lstrip("+"), self.cpu)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class RunRow:
    number: int
    started: str
    complete: bool
    source: str | None
    targets: int
    cells: int


@dataclass(slots=True)
class CellRow:
    """A cell of a target with one of its metrics, if it has any."""
    key: str  # of its target
    name: str
    status: str
    reason: str | None
    state: str
    armed: str | None
    counted: int | None
    missed: int | None
    metric: str | None
    value: float | None
    low: float | None
    high: float | None
    exact: bool | None


@dataclass(slots=True)  # there are many of them
class Point:
    run: int
    started: str
    target: str
    release: str
    fingerprint: str
    value: float
    low: float
    high: float
    exact: bool
    state: str


@dataclass(frozen=True)
class Change:
    """Of an exact count, from one run to the next of its series."""
    cell: str
    started: str
    target: str
    before: float
    value: float
    same_build: bool
