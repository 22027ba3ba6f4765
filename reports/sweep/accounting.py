# SPDX-License-Identifier: MIT
"""What Slurm itself says of a sweep's jobs: those in its queue, and those that have ended, by its accounting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UNAVAILABLE, ReportError
from .slurm import slurm

LIVE = ("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "REQUEUED", "SUSPENDED", "REQUEUE_HOLD", "SPECIAL_EXIT")
FIELD = re.compile(r"(\w+)=(.*?)(?= \w+=|$)")  # of jobcomp/filetxt


@dataclass(frozen=True)
class Job:
    """One element of an array."""
    array: int
    index: int
    state: str
    node: str
    why: str = ""  # of a pending one, Slurm's word

    @property
    def live(self) -> bool:
        return self.state in LIVE


def queued(text: str) -> Iterator[Job]:
    for line in text.splitlines():
        array, index, state, node, why = line.split("|", 4)
        if index.isdigit():  # what is no array is the job that prepares
            yield Job(int(array), int(index), state, node, "" if why == "None" else why)


def from_sacct(text: str) -> Iterator[Job]:
    for line in text.splitlines():
        identity, state, exit_code, node = line.split("|")
        array, _, index = identity.partition("_")
        if index.isdigit():
            code = exit_code.partition(":")[0]
            yield Job(int(array), int(index), state.split()[0], node, f"exit code {code}" if code != "0" else "")


def from_jobcomp(text: str, names: set[str]) -> Iterator[Job]:
    """A line for each job, and for each time that it was begun."""
    for line in text.splitlines():
        told = dict(FIELD.findall(line))
        if told.get("Name") in names and told.get("ArrayTaskId", "").isdigit():
            code = told.get("ExitCode", "").partition(":")[0]
            yield Job(int(told["ArrayJobId"]), int(told["ArrayTaskId"]), told["JobState"], told["NodeList"],
                      f"exit code {code}" if code not in ("", "0") else "")


def settings() -> dict[str, str]:
    lines = (line.split("=", 1) for line in slurm(["scontrol", "show", "config"]).splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in lines}


def ended(names: set[str]) -> Iterator[Job]:
    """By slurmdbd where there is one, else by the file that Slurm writes of jobs that have ended."""
    config = settings()
    if config.get("AccountingStorageType", "").endswith("slurmdbd"):
        yield from from_sacct(slurm(["sacct", "--noheader", "--parsable2", "--allocations", "--starttime=now-90days",
                                     f"--name={','.join(sorted(names))}", "--format=JobID,State,ExitCode,NodeList"]))
    elif config.get("JobCompType", "").endswith("filetxt"):
        file = Path(config["JobCompLoc"])
        try:
            yield from from_jobcomp(file.read_text(encoding="utf-8", errors="replace"), names)
        except OSError as error:
            raise ReportError(f"{file}: {error.strerror}; Slurm's JobCompLoc names it, and it has to be readable here",
                              UNAVAILABLE) from error
    else:
        raise ReportError("Slurm keeps no accounting: neither slurmdbd nor JobCompType=jobcomp/filetxt; docs/fleet.md "
                          "has the lines of slurm.conf", UNAVAILABLE)


def jobs_of(names: set[str]) -> dict[int, Job]:
    """By index of the target: what is in the queue, else what was begun last."""
    latest: dict[int, Job] = {}
    for job in ended(names):
        known = latest.get(job.index)
        if known is None or job.array >= known.array:
            latest[job.index] = job
    # Also what has ended lately: an element that was cancelled before it began is in no jobcomp/filetxt.
    known = slurm(["squeue", "--noheader", "--array", "--states=all", f"--name={','.join(sorted(names))}",
                   "--format=%F|%K|%T|%N|%r"])
    for job in queued(known):
        if job.live or job.index not in latest or latest[job.index].array < job.array:
            latest[job.index] = job
    return latest
