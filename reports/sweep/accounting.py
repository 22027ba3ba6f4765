# SPDX-License-Identifier: MIT
"""What Slurm itself says of a sweep's jobs: those in its queue, and those that have ended, by its accounting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UNAVAILABLE, ReportError
from .slurm import settings, slurm

LIVE = ("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "REQUEUED", "SUSPENDED", "REQUEUE_HOLD", "SPECIAL_EXIT")
FIELD = re.compile(r"(\w+)=(.*?)(?= \w+=|$)")  # of jobcomp/filetxt


@dataclass(frozen=True)
class Job:
    """One element of an array."""
    array: int
    element: int
    index: int  # of its target
    state: str
    node: str
    why: str = ""  # of a pending one, Slurm's word

    @property
    def live(self) -> bool:
        return self.state in LIVE


# Names of arrays, and the target that the element 0 of each stands for.
Names = dict[str, int]


def job(array: str, element: str, first: int, *told: str) -> Job:
    return Job(int(array), int(element), first + int(element), *told)


def exit_words(code: str) -> str:
    number = code.partition(":")[0]
    return f"exit code {number}" if number not in ("", "0") else ""


def queued(text: str, names: Names) -> Iterator[Job]:
    for line in text.splitlines():
        array, element, state, node, why, name = line.split("|", 5)
        if element.isdigit():  # what is no array is the job that prepares
            yield job(array, element, names[name], state, node, "" if why == "None" else why)


def from_sacct(text: str, names: Names) -> Iterator[Job]:
    for line in text.splitlines():
        identity, state, exit_code, node, name = line.split("|", 4)
        array, _, element = identity.partition("_")
        if element.isdigit():
            yield job(array, element, names[name], state.split()[0], node, exit_words(exit_code))


def from_jobcomp(text: str, names: Names) -> Iterator[Job]:
    """A line for each job, and for each time that it was begun."""
    for line in text.splitlines():
        told = dict(FIELD.findall(line))
        if told.get("Name") in names and told.get("ArrayTaskId", "").isdigit():
            yield job(told["ArrayJobId"], told["ArrayTaskId"], names[told["Name"]], told["JobState"],
                      told["NodeList"], exit_words(told.get("ExitCode", "")))


def ended(names: Names) -> Iterator[Job]:
    """By slurmdbd where there is one, else by the file that Slurm writes of jobs that have ended."""
    config = settings()
    if config.get("AccountingStorageType", "").endswith("slurmdbd"):
        yield from from_sacct(slurm(["sacct", "--noheader", "--parsable2", "--allocations", "--starttime=now-90days",
                                     f"--name={','.join(names)}", "--format=JobID,State,ExitCode,NodeList,JobName"]),
                              names)
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


def jobs_of(names: Names) -> dict[int, Job]:
    """By index of the target: what is in the queue, else what was begun last."""
    latest: dict[int, Job] = {}
    for one in ended(names):
        known = latest.get(one.index)
        if known is None or one.array >= known.array:
            latest[one.index] = one
    text = slurm(["squeue", "--noheader", "--array", "--states=PD,R,CF,CG,S,RQ,RH", f"--name={','.join(names)}",
                  "--format=%F|%K|%T|%N|%r|%j"])
    latest.update({one.index: one for one in queued(text, names)})
    return latest
