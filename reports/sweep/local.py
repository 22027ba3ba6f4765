# SPDX-License-Identifier: MIT
"""This machine as the fleet: so many targets at a time, and one at a time where time is measured."""

from __future__ import annotations

import concurrent.futures
import os
import sys
import time
from pathlib import Path

from ..errors import FAILED, FINE, INTERRUPTED, ReportError
from ..escape import terminal
from .measure import Outcome, Store, measured_and_handed_in
from .prepared import Prepared
from .targets import TIME, Target


class Told:
    """A line for each target that has ended."""

    def __init__(self, total: int, quiet: bool):
        self.total, self.quiet, self.ended = total, quiet, 0
        self.failed: list[tuple[Target, str]] = []

    def tell(self, target: Target, outcome: Outcome, seconds: float) -> None:
        self.ended += 1
        if outcome.exit_code != FINE:
            self.failed.append((target, outcome.why))
        if not self.quiet or outcome.exit_code != FINE:
            said = f"{seconds:.1f} s" if outcome.exit_code == FINE else f"failed: {outcome.why}"
            print(terminal(f"{self.ended}/{self.total} {target.title}: {said}"), file=sys.stderr, flush=True)


def run_all(targets: list[Target], jobs: int, one_target, told: Told) -> None:
    def timed(target: Target) -> tuple[Target, Outcome, float]:
        began = time.monotonic()
        outcome = one_target(target)
        return target, outcome, time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(timed, target) for target in targets]
        try:
            for future in concurrent.futures.as_completed(running):
                told.tell(*future.result())
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)  # those that run were interrupted as this was
            raise


def missing_here(target: Target) -> str | None:
    """What a timed target wants of a node, which this machine does not say that it has."""
    if target.machine:
        return f"it needs a node with the feature {target.machine}; --engine slurm knows features"
    return None


def measure_here(targets: list[Target], prepared: Prepared, store: Store, folder: Path, jobs: int | None,
                 again: bool, quiet: bool) -> tuple[str, int]:
    """What is said at the end, and the exit code."""
    told = Told(len(targets), quiet)
    fit = []
    for target in targets:
        obstacle = prepared.error_of(target) or missing_here(target)
        if obstacle:
            told.tell(target, Outcome(FAILED, obstacle), 0)
        else:
            fit.append(target)

    def one_target(target: Target) -> Outcome:
        return measured_and_handed_in(target, prepared, store, folder, again)

    try:
        run_all([one for one in fit if one.kind != TIME], jobs or os.cpu_count() or 1, one_target, told)
        run_all([one for one in fit if one.kind == TIME], 1, one_target, told)
    except KeyboardInterrupt:
        raise ReportError(f"interrupted: {told.ended} of {told.total} targets have ended; the same command goes on "
                          "from there", INTERRUPTED) from None
    text = f"{told.total - len(told.failed)} of {told.total} measured\n"
    return text, FAILED if told.failed else FINE
