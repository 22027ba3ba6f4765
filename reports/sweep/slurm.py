# SPDX-License-Identifier: MIT
"""Targets as jobs of Slurm: which are alike make one array. Slurm queues, retries and accounts; this writes what is
submitted."""

from __future__ import annotations

import hashlib
import math
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import UNAVAILABLE, ReportError
from ..escape import terminal
from ..files import project
from .lab import Lab
from .measure import last_line
from .targets import EXACT, TIME, Target

# Of what its commands complain about.
HINTS = (("contact|connect", "; does slurmctld run? sinfo tells"),
         ("dns_srv|slurm.conf", "; Slurm finds no slurm.conf here, docs/fleet.md has its lines"))
# Without an estimate; and how much longer than its estimate a target may take.
MINUTES = 30
PATIENCE = 4
PAIRS = "two-nodes"


@dataclass(frozen=True)
class Kind:
    """What one array has in common."""
    name: str
    options: list[str]

    @property
    def comment(self) -> str:
        """What the prolog checks a node for."""
        return f"probebench:{TIME if self.name.startswith(TIME) else EXACT}"


def need_slurm() -> None:
    if shutil.which("sbatch") is None:
        raise ReportError("--engine slurm: there is no sbatch here; apt-get install slurm-client, or leave --engine "
                          "out", UNAVAILABLE)


def slurm(arguments: list[str], given: str | None = None) -> str:
    """One of its commands; what it complains about is one line of ours."""
    try:
        said = subprocess.run(arguments, input=given, capture_output=True, text=True, check=False)
    except OSError as error:
        raise ReportError(f"{arguments[0]}: {error.strerror}; apt-get install slurm-client", UNAVAILABLE) from error
    if said.returncode != 0:
        why = next((line for line in said.stderr.splitlines() if line.strip()), f"exit code {said.returncode}")
        hint = next((hint for words, hint in HINTS if re.search(words, why)), "")
        raise ReportError(why + hint, UNAVAILABLE)
    return said.stdout


def digest_of(lab: Lab) -> str:
    """An index is a target's as long as the file says the same."""
    return hashlib.sha256(lab.file.read_bytes()).hexdigest()[:8]


def job_name(lab: Lab, kind: str, first: int = 0) -> str:
    """`first`: the target that element 0 of the array stands for."""
    return f"probebench-{lab.name}-{digest_of(lab)}-{kind}" + (f"+{first}" if first else "")


def settings() -> dict[str, str]:
    lines = (line.split("=", 1) for line in slurm(["scontrol", "show", "config"]).splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in lines}


def array_size(config: dict[str, str]) -> int:
    """An element's number is below this, so that a large lab is several arrays."""
    return int(config.get("MaxArraySize", "1001"))


def minutes_of(seconds: Iterable[float | None]) -> int:
    """A job's limit: of the longest target of its array."""
    known = [one for one in seconds if one is not None]
    return max(2, math.ceil(PATIENCE * max(known) / 60)) if known else MINUTES


def in_ranges(numbers: list[int]) -> str:
    """1,2,3,7 -> 1-3,7: a thousand single numbers are more than sbatch takes."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def kind_of(target: Target, sampled: bool) -> Kind:
    if target.kind != TIME:
        return Kind(PAIRS, ["--nodes=2", "--ntasks=2", "--ntasks-per-node=1"]) if sampled else Kind("exact", [])
    wanted = [target.machine] if target.machine else []
    if target.accel == "native":
        wanted.append(f"kernel_{target.kernel}")  # which node_features/helpers boots where it does not run
    constraint = [f"--constraint={'&'.join(wanted)}"] if wanted else []
    return Kind("-".join(["time", *wanted]), ["--exclusive", *constraint])


def command_of(lab: Lab, words: list[str]) -> list[str]:
    """What a node runs. Nothing is installed there."""
    return [str(project() / "run-bench"), "--no-install", "sweep", str(lab.file), "--quiet", *words]


def script_of(lab: Lab, words: list[str], task: str = "") -> str:
    return f"#!/bin/sh\nexec {shlex.join(command_of(lab, words))}{task}\n"


def submit(lab: Lab, kind: Kind, folder: Path, script: str, options: list[str], first: int = 0) -> str:
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    told = slurm(["sbatch", "--parsable", f"--job-name={job_name(lab, kind.name, first)}", "--requeue",
                  f"--chdir={folder}", f"--comment={kind.comment}", *kind.options, *options], script)
    return told.strip().partition(";")[0]


def prepared_by_a_node(lab: Lab, folder: Path, words: list[str], quiet: bool) -> str:
    """The job that the arrays depend on: kernels and modules, once for all of them."""
    if not quiet:
        print(terminal(f"waiting for the job {job_name(lab, 'prepare')}; if this is ended meanwhile, give the same "
                       "command again"), file=sys.stderr, flush=True)
    log = folder / "logs/prepare"
    try:
        return submit(lab, Kind("prepare", ["--wait", "--ntasks=1"]), folder, script_of(lab, [*words, "--prepare"]),
                      [f"--output={log}", "--open-mode=truncate"])
    except ReportError as error:
        why = last_line(log) if log.exists() else ""
        raise ReportError(f"the kernels were not prepared: {why}", UNAVAILABLE) if why else error


@dataclass(frozen=True)
class Task:
    """An element of an array."""
    index: int  # of the target in the lab
    target: Target
    sampled: bool
    seconds: float | None  # what it takes, as far as that is known


def submit_arrays(lab: Lab, tasks: list[Task], folder: Path, words: list[str], limit: int | None,
                  after: str) -> list[str]:
    """A line for each array."""
    size = array_size(settings())
    depends = [f"--dependency=afterok:{after}"] if after else []
    arrays: dict[tuple[str, int], tuple[Kind, list[Task]]] = {}
    for task in tasks:
        kind = kind_of(task.target, task.sampled)
        arrays.setdefault((kind.name, task.index // size * size), (kind, []))[1].append(task)
    said = []
    for (_name, first), (kind, alike) in arrays.items():
        at_once = f"%{limit}" if limit else ""
        role = " --pair" if kind.name == PAIRS else " --task"
        job = submit(lab, kind, folder, script_of(lab, words, f"{role} $((SLURM_ARRAY_TASK_ID + {first}))"),
                     [f"--array={in_ranges([task.index - first for task in alike])}{at_once}", *depends,
                      f"--time={minutes_of(task.seconds for task in alike)}", f"--output={folder}/logs/%A_%a",
                      "--open-mode=append"], first)
        said.append(f"job {job}: {len(alike)} targets, {kind.name}\n")
    return said


def nodes() -> set[str]:
    return set(slurm(["sinfo", "--noheader", "--Node", "--format=%N"]).split())
