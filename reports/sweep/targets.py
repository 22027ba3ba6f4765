# SPDX-License-Identifier: MIT
"""A lab's axes to its targets: what one run of run-bench measures."""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ReportError
from .lab import MOST_TARGETS, OF_PLANS, PLAIN, Lab

EXACT = "exact"  # instructions: any node will do
TIME = "time"    # needs a kind of machine, and all of it


@dataclass(frozen=True)
class Target:
    kind: str
    kernel: str       # a name of the catalog, or a path
    kernel_args: str
    cpu: str          # QEMU's model; empty: the default one
    machine: str      # a feature of the node's; empty: any
    accel: str        # tcg, kvm, native
    cost: str         # a suite of recipes; empty: cells
    probe_types: tuple[str, ...]
    handlers: tuple[str, ...]
    rounds: int | None
    seed: int

    @property
    def title(self) -> str:
        """How people are told of it."""
        kernel = Path(self.kernel).name if "/" in self.kernel else self.kernel
        parts = (kernel, self.kernel_args, self.cpu and f"cpu={self.cpu}", self.cost and f"cost={Path(self.cost).stem}",
                 self.kind == TIME and f"time@{self.machine or self.accel}")
        return " ".join(part for part in parts if part)

    @property
    def label(self) -> str:
        """Of its files: readable, and no other target's."""
        readable = "".join(one if one.isalnum() or one in "+-_.=,@" else "_" for one in self.title)
        return f"{readable[:80]}-{hashlib.sha256(repr(self).encode()).hexdigest()[:8]}"

    def plan(self) -> list[str]:
        """Options that say what is measured, whatever is measured on."""
        if self.cost:
            return ["--suite", self.cost]
        given = (("--probe-type", ",".join(self.probe_types)), ("--handler", ",".join(self.handlers)),
                 ("--rounds", self.rounds and str(self.rounds)), ("--seed", str(self.seed)))
        return [word for option, value in given if value for word in (option, value)]

    def machine_options(self) -> list[str]:
        if self.accel == "native":
            return ["--target", "native"]
        words = ["--kernel", self.kernel, "--accel", self.accel]
        if self.kernel_args:
            words += ["--no-plain", "--kernel-arg", self.kernel_args]
        return words + (["--cpu", self.cpu] if self.cpu else [])

    def command(self) -> list[str]:
        """Behind the program's name."""
        return [*(["cost"] if self.cost else []), *self.machine_options(), *self.plan()]


def config_names(file: str) -> list[str]:
    """As `configs --config-axis` reads it, and says what is wrong with it."""
    try:
        return [str(one["name"]) for one in tomllib.loads(Path(file).read_text(encoding="utf-8"))["config"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReportError(f"axes.configs {file}: cannot be read ({error}); docs/kernel-developers.md has the "
                          "form of --config-axis") from error


def builds_of(lab: Lab, folder: Path) -> dict[str, tuple[str, str]]:
    """Build directories of own trees: (tree, file of configurations) of each, below the sweep's folder."""
    builds = {}
    for tree in lab.axes.get("trees", ()):
        for file in lab.axes["configs"]:
            tree, file = (str((lab.file.parent / Path(one).expanduser()).resolve()) for one in (tree, file))
            work = work_of(folder, tree, file)
            builds.update({f"{work / name}/": (tree, file) for name in config_names(file)})
    return builds


def work_of(folder: Path, tree: str, file: str) -> Path:
    return folder / "trees" / f"{Path(tree).name}-{hashlib.sha256(f'{tree} {file}'.encode()).hexdigest()[:8]}"


def combinations(lab: Lab, kernels: list[str]) -> Iterator[dict[str, str]]:
    arguments = lab.axes.get("kernel_args", PLAIN)
    suites = lab.axes.get("cost", [])
    exact = {"kind": EXACT, "kernel_args": "", "cpu": "", "cost": "", "machine": "", "accel": "tcg"}
    if not suites or any(axis in lab.axes for axis in OF_PLANS):
        for kernel, args, cpu in itertools.product(kernels, arguments, lab.axes.get("cpus", PLAIN)):
            yield {**exact, "kernel": kernel, "kernel_args": args, "cpu": cpu}
    for kernel, suite in itertools.product(kernels, suites):  # `cost` takes a kernel as it is, on the usual CPU
        yield {**exact, "kernel": kernel, "cost": suite}
    if lab.timed:
        check_running(lab, kernels)
        # A CPU that is there has one model, and a running kernel the arguments that it was booted with.
        native = lab.timed.accel == "native"
        for kernel, args, machine in itertools.product(kernels, PLAIN if native else arguments, lab.timed.machines):
            yield {**exact, "kind": TIME, "kernel": kernel, "kernel_args": args, "machine": machine,
                   "accel": lab.timed.accel}


def check_running(lab: Lab, kernels: list[str]) -> None:
    """A kernel that a node runs is a feature of it, and Slurm takes no other characters in one."""
    for kernel in kernels:
        if lab.timed.accel == "native" and not re.fullmatch(r"[A-Za-z0-9._]+", kernel):
            raise ReportError(f"{lab.file}: kernel '{kernel}': where time.accel is native, expected the beginning of a "
                              "release, such as 6.12")


OF_AXIS = {"kernels": "kernel", "kernel_args": "kernel_args", "cpus": "cpu", "cost": "cost", "machines": "machine"}


def matches(exclude: dict[str, list[str]], point: dict[str, str]) -> bool:
    """Whether it names the target, or part of its plan."""
    return all(any(fnmatch.fnmatchcase(point[OF_AXIS[axis]], pattern) for pattern in patterns)
               for axis, patterns in exclude.items() if axis in OF_AXIS)


def plan_left(lab: Lab, point: dict[str, str]) -> dict[str, tuple[str, ...]] | None:
    """The axes of the target's plan without what is excluded; None: the target itself is."""
    plan = {axis: tuple(lab.axes.get(axis, ())) for axis in OF_PLANS}
    for exclude in (one for one in lab.excludes if matches(one, point)):
        cut = next((axis for axis in OF_PLANS if axis in exclude), None)
        if cut is None:
            return None
        if point["cost"]:
            continue
        if not plan[cut]:
            raise ReportError(f"{lab.file}: an exclude names {cut}, and the lab has no such axis; name the axis, or "
                              "leave it out of the exclude")
        plan[cut] = tuple(one for one in plan[cut]
                          if not any(fnmatch.fnmatchcase(one, pattern) for pattern in exclude[cut]))
        if not plan[cut]:
            return None
    return plan


def targets_of(lab: Lab, folder: Path) -> list[Target]:
    kernels = [lab.folder_of("kernels", one) for one in lab.axes.get("kernels", ())] + list(builds_of(lab, folder))
    made = []
    for point in combinations(lab, kernels):
        plan = plan_left(lab, point)
        if plan is None:
            continue
        cost = lab.folder_of("cost", point["cost"]) if point["cost"] else ""
        made.append(Target(**{**point, "cost": cost}, **plan, rounds=lab.rounds, seed=lab.seed))
        if len(made) > MOST_TARGETS:
            raise ReportError(f"{lab.file}: more than {MOST_TARGETS} targets; make it several labs")
    if not made:
        raise ReportError(f"{lab.file}: an empty matrix: every target is excluded; take an exclude out")
    return made
