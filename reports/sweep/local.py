# SPDX-License-Identifier: MIT
"""This machine as the fleet: so many targets at a time, and one at a time where time is measured."""

from __future__ import annotations

import concurrent.futures
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FAILED, FINE
from ..escape import terminal
from .measure import Outcome, handed_in, measured_for
from .prepared import Prepared
from .targets import TIME, Target

if TYPE_CHECKING:
    from ..store import Store


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


def run_all(targets: list[Target], jobs: int, one_target: Callable[[Target], tuple[Outcome, Path]], store: Store,
            told: Told) -> None:
    def timed(target: Target) -> tuple[Target, Outcome, Path, float]:
        began = time.monotonic()
        outcome, into = one_target(target)
        return target, outcome, into, time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(timed, target) for target in targets]
        try:
            for future in concurrent.futures.as_completed(running):
                target, outcome, into, seconds = future.result()
                told.tell(target, outcome if outcome.exit_code != FINE else handed_in(store, [into]), seconds)
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

    def one_target(target: Target) -> tuple[Outcome, Path]:
        return measured_for(target, prepared, folder, again)

    run_all([one for one in fit if one.kind != TIME], jobs or os.cpu_count() or 1, one_target, store, told)
    run_all([one for one in fit if one.kind == TIME], 1, one_target, store, told)
    text = f"{told.total - len(told.failed)} of {told.total} measured\n"
    return text, FAILED if told.failed else FINE
