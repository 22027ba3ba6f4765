# SPDX-License-Identifier: MIT
"""The subcommand sweep: its options, and from them to an engine."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FAILED, FINE, INTERRUPTED, UNAVAILABLE, ReportError
from ..files import own_results
from .lab import Lab, load_lab
from .measure import Outcome, hand_in_kept, measure, measured_and_handed_in, own_run
from .prepared import Prepared, prepare, prepared_before
from .targets import Target, targets_of

if TYPE_CHECKING:
    from ..store import Store

EXIT = "Exit: 0 fine, 1 targets failed, 2 usage, 69 unavailable, 130 interrupted\n"
# What a job of Slurm's is told to do with its own command line, and no user.
OF_JOBS = ("prepare", "task", "pair", "measure")


def add_sweep(commands: argparse._SubParsersAction) -> None:
    sweep = commands.add_parser(
        "sweep", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures a lab's whole matrix of targets, a run each, into one store.",
        epilog="What the store has is not measured again. A sweep may be ended at any time; the\n"
               "same command goes on from there. docs/fleet.md has the form of LAB, and Slurm.\n"
               f"{EXIT}"
               "Examples:\n"
               "  ./run-bench sweep lab.toml --dry-run\n"
               "  ./run-bench sweep lab.toml --jobs 4\n"
               "  ./run-bench sweep lab.toml --engine slurm --store postgresql:///probebench\n"
               "  ./run-bench sweep lab.toml --engine slurm --status\n")
    sweep.add_argument("lab", metavar="LAB", help="the matrix, in TOML")
    sweep.add_argument("--engine", choices=("local", "slurm"), default="local", help="who runs the targets [local]")
    sweep.add_argument("--store", metavar="URL", help="SQLite file or postgresql:///NAME [results/store.sqlite]")
    sweep.add_argument("-j", "--jobs", type=int, metavar="N", help="targets at a time [CPUs; slurm: as many as fit]")
    sweep.add_argument("--again", action="store_true", help="measure also what the store has")
    sweep.add_argument("--work", metavar="DIR", help="runs and logs; slurm: on all nodes [results/sweeps/<lab>]")
    sweep.add_argument("--status", action="store_true", help="what is done, runs and has failed, and why")
    sweep.add_argument("--dry-run", action="store_true", help="the targets, and how long they take; boot nothing")
    sweep.add_argument("-q", "--quiet", action="store_true", help="no line for each target")
    sweep.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    for job in OF_JOBS[1:]:
        sweep.add_argument(f"--{job}", type=int, help=argparse.SUPPRESS)
    sweep.set_defaults(perform=sweep_command)


class Sweep:
    """A lab with its targets, where its files are, and the store."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.lab: Lab = load_lab(options.lab)
        self.folder = Path(options.work or own_results("sweeps") / self.lab.name).resolve()
        self.targets = targets_of(self.lab, self.folder)
        self.url = options.store

    def store(self) -> Store:
        from ..store import open_store
        if not self.url:
            own_results("").mkdir(exist_ok=True)
        return open_store(self.url)

    def store_to_read(self) -> Store | None:
        """None: nothing was handed in yet."""
        from ..store import open_store
        from ..store.connection import place_of
        place = place_of(self.url)
        return None if isinstance(place, Path) and not place.exists() else open_store(self.url, writable=False)

    def done(self) -> set[str]:
        store = self.store_to_read()
        return set(store.keys()) if store else set()

    def words(self) -> list[str]:
        """Of a job's command line: as this one, wherever that is started."""
        from ..store.connection import place_of
        again = ["--again"] if self.options.again else []
        place = place_of(self.url)
        store = str(place.absolute()) if isinstance(place, Path) else str(self.url)
        return ["--store", store, "--work", str(self.folder), *again]

    def known(self) -> Prepared:
        known = prepared_before(self.folder)
        if known is None:
            raise ReportError(f"{self.folder}: no sweep of this lab has been here; is it on all nodes?", UNAVAILABLE)
        return known

    def target(self, index: int) -> Target:
        if not 0 <= index < len(self.targets):
            raise ReportError(f"{self.lab.file}: there is no target {index}; has the file changed meanwhile?")
        return self.targets[index]

    def todo(self, prepared: Prepared, done: set[str]) -> list[Target]:
        """A target that cannot be measured is among them: it is told, and fails."""
        return [target for target in self.targets
                if self.options.again or prepared.error_of(target) or prepared.key_of(target) not in done]


def said(outcome: Outcome) -> tuple[str, int]:
    if outcome.exit_code != FINE:
        raise ReportError(outcome.why, outcome.exit_code)
    return "", FINE


def job_of_slurm(sweep: Sweep) -> tuple[str, int]:
    options = sweep.options
    if options.prepare:
        prepare(sweep.lab, sweep.targets, sweep.folder)
        return "", FINE
    if options.measure is not None:
        target = sweep.target(options.measure)
        return said(measure(target, sweep.known(), own_run(sweep.folder, target)))
    if options.task is not None:
        return said(measured_and_handed_in(sweep.target(options.task), sweep.known(), sweep.store(), sweep.folder,
                                           options.again))
    from .pair import measured_by_two
    from .slurm import command_of
    command = command_of(sweep.lab, [*sweep.words(), "--measure", str(options.pair)])
    return said(measured_by_two(sweep.target(options.pair), sweep.known(), sweep.store(), sweep.folder,
                                os.environ.get("SLURM_JOB_ID", ""), command))


def here(sweep: Sweep) -> tuple[str, int]:
    from .local import measure_here
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: those that run are waited for
    store = sweep.store()
    prepared = prepare(sweep.lab, sweep.targets, sweep.folder)
    done = set(store.keys())
    handed_in = hand_in_kept(sweep.targets, store, sweep.folder, done)
    todo = sweep.todo(prepared, done)
    head = f"{len(sweep.targets) - len(todo)} of {len(sweep.targets)} targets are in the store"
    head += f", {handed_in} of them now handed in\n" if handed_in else "\n"
    text, code = measure_here(todo, prepared, store, sweep.folder, sweep.options.jobs, sweep.options.again,
                              sweep.options.quiet) if todo else ("", FINE)
    return head + text, code


def tasks_of(sweep: Sweep, prepared: Prepared, done: set[str], live: set[int], store: Store) -> tuple[list, list[str]]:
    """What is to be submitted, and a line for each target that cannot be measured."""
    from .estimate import Estimates
    from .pair import sampled, second_key
    from .slurm import Task, nodes
    keys = {index: prepared.key_of(target) for index, target in enumerate(sweep.targets)
            if not prepared.error_of(target)}
    sample = sampled({key: sweep.targets[index] for index, key in keys.items()}) if len(nodes()) > 1 else set()
    refused = [f"{target.title}: failed: {why}\n" for target in sweep.targets if (why := prepared.error_of(target))]
    estimates, tasks = Estimates(store, prepared), []
    for index, key in keys.items():
        by_two = key in sample and (sweep.options.again or second_key(key) not in done)
        if index not in live and (sweep.options.again or by_two or key not in done):
            tasks.append(Task(index, sweep.targets[index], by_two, estimates.of(sweep.targets[index])))
    return tasks, refused


def on_slurm(sweep: Sweep) -> tuple[str, int]:
    from .slurm import need_slurm, prepared_by_a_node, submit_arrays
    from .status import slurm_jobs
    need_slurm()
    store = sweep.store()
    live = {index for index, job in slurm_jobs(sweep.lab, sweep.targets).items() if job.live}
    # While a sweep of this lab is in the queue, what was prepared for it holds: another such job would wait behind it.
    after = "" if live and prepared_before(sweep.folder) else prepared_by_a_node(
        sweep.lab, sweep.folder, sweep.words(), sweep.options.quiet)
    prepared = sweep.known()
    done = set(store.keys())
    hand_in_kept(sweep.targets, store, sweep.folder, done)
    tasks, refused = tasks_of(sweep, prepared, done, live, store)
    said = submit_arrays(sweep.lab, tasks, sweep.folder, sweep.words(), sweep.options.jobs, after) if tasks else []
    left = len(sweep.targets) - len(tasks) - len(refused) - len(live)
    head = f"{left} of {len(sweep.targets)} targets are in the store, {len(live)} in the queue\n"
    return head + "".join(refused + said), FAILED if refused else FINE


def status_command(sweep: Sweep) -> str:
    from .status import slurm_jobs, status
    slurm = sweep.options.engine == "slurm"
    return status(sweep.targets, prepared_before(sweep.folder), sweep.done(), sweep.folder,
                  slurm_jobs(sweep.lab, sweep.targets) if slurm else {})


def sweep_command(options: argparse.Namespace) -> tuple[str, int]:
    if options.jobs is not None and options.jobs < 1:
        raise ReportError(f"--jobs {options.jobs}: expected a number from 1 on")
    sweep = Sweep(options)
    if options.prepare or any(getattr(options, job) is not None for job in OF_JOBS[1:]):  # 0 is a target, too
        return job_of_slurm(sweep)
    if options.dry_run:
        from .estimate import dry_run
        return dry_run(sweep), FINE
    if options.status:
        return status_command(sweep), FINE
    try:
        return on_slurm(sweep) if options.engine == "slurm" else here(sweep)
    except KeyboardInterrupt:
        raise ReportError("interrupted; the same command goes on from there", INTERRUPTED) from None
