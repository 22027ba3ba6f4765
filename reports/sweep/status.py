# SPDX-License-Identifier: MIT
"""What of a sweep is done, runs, waits and has failed, and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from .accounting import Job, jobs_of
from .lab import Lab
from .measure import LOG, last_line, runs_of
from .prepared import Prepared
from .slurm import array_size, job_name, kind_of, settings
from .targets import Target

DONE, RUNNING, WAITING, FAILED, OPEN = "done", "running", "waiting", "failed", "not begun"


def kinds(targets: list[Target]) -> set[str]:
    return {kind_of(target, sampled).name for target in targets for sampled in (False, True)}


def slurm_jobs(lab: Lab, targets: list[Target]) -> dict[int, Job]:
    firsts = range(0, len(targets), array_size(settings()))
    return jobs_of({job_name(lab, kind, first): first for kind in sorted(kinds(targets)) for first in firsts})


def state_of_job(job: Job, folder: Path) -> tuple[str, str]:
    where = f" on {job.node}" if job.node else ""
    if job.state == "RUNNING":
        return RUNNING, where.strip()
    if job.live:
        return WAITING, job.why
    said = last_line(folder / f"logs/{job.array}_{job.element}")
    parts = [f"{job.state.lower()}{where}", job.why, said]
    return FAILED, ": ".join(part for part in parts if part)


def state_here(target: Target, folder: Path) -> tuple[str, str]:
    """Without Slurm: what the last run of it said at its end."""
    logs = sorted(runs_of(folder, target).glob(f"*/{LOG}"), key=lambda log: log.stat().st_mtime)
    if not logs:
        return OPEN, ""
    return FAILED, last_line(logs[-1]) or "ended before it was measured"


def status(targets: list[Target], prepared: Prepared | None, done: set[str], folder: Path,
           jobs: dict[int, Job]) -> str:
    states = []
    for index, target in enumerate(targets):
        obstacle = prepared.error_of(target) if prepared else None
        if prepared and prepared.knows(target) and prepared.key_of(target) in done:
            states.append((DONE, ""))
        elif index in jobs:
            states.append(state_of_job(jobs[index], folder))
        else:
            states.append((FAILED, obstacle) if obstacle else state_here(target, folder))
    lines = [f"{target.title}: {state}{': ' if why else ''}{why}"
             for target, (state, why) in zip(targets, states) if state != DONE]
    counted = Counter(state for state, _why in states)
    head = ", ".join(f"{counted[state]} {state}" for state in (DONE, RUNNING, WAITING, FAILED, OPEN) if counted[state])
    return "".join(line + "\n" for line in lines) + f"{len(targets)} targets: {head}\n"
