# SPDX-License-Identifier: MIT
"""One target: measured into a folder of its own, checked to be what was asked, handed in to the store. What could not
be handed in stays in the folder, and the next sweep hands it in."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FAILED, FINE, UNAVAILABLE, ReportError
from .prepared import Prepared
from .program import environment, program
from .targets import Target

if TYPE_CHECKING:
    from ..store import Store

MEASURED = "measured.json"  # beside results.json, when that was found to be whole and what was asked
HAND_IN = "hand-in.json"    # beside that: under which key the store takes it
LOG = "log"


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    why: str = ""  # one line, of what failed


def runs_of(folder: Path, target: Target) -> Path:
    return folder / "runs" / target.label


def own_run(folder: Path, target: Target) -> Path:
    """Nobody else's: Slurm may begin a job anew while a node that it lost still measures."""
    job, restarts = (os.environ.get(name, "") for name in ("SLURM_JOB_ID", "SLURM_RESTART_COUNT"))
    return runs_of(folder, target) / (f"{job}.{restarts or 0}@{node_here()}" if job else f"here.{os.getpid()}")


def node_here() -> str:
    """Its name to Slurm; without Slurm there is but one."""
    return os.environ.get("SLURMD_NODENAME", "")


def last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def differences(document: dict[str, Any], target: Target, prepared: Prepared) -> list[str]:
    """Between what was asked and what was measured."""
    measured = document["targets"][0]
    facts = {**measured["environment"]["facts"], **measured["host"]}
    asked = {**prepared.facts_of(target), **({"qemu.cpu_model": target.cpu} if target.cpu else {})}
    return [f"{name} is {facts.get(name, 'not known')}, asked was {value}"
            for name, value in asked.items() if facts.get(name) != value]


def run_program(target: Target, into: Path) -> int:
    into.mkdir(parents=True, exist_ok=True)
    jobs = ["--jobs", "1"] if target.accel == "tcg" else []  # targets are what runs side by side
    with open(into / LOG, "wb") as log:
        return subprocess.run([program(), *target.command(), *jobs, "--quiet", "--output", str(into)], stdout=log,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
                              env=environment()).returncode


def document_in(into: Path) -> bytes:
    return (into / "results.json").read_bytes()


def request_of(target: Target, prepared: Prepared) -> dict[str, str]:
    """In words, for whoever asks the store; and how long the like of it takes, see estimate.py."""
    words = {"kind": target.kind, "kernel": target.kernel, "arguments": target.kernel_args, "cpu": target.cpu,
             "machine": target.machine, "plan": prepared.plan_digest(target)}
    return {name: value for name, value in words.items() if value}


def measure(target: Target, prepared: Prepared, into: Path) -> Outcome:
    """Leaves in the folder what the store is told of it."""
    began = time.monotonic()
    code = run_program(target, into)
    seconds = round(time.monotonic() - began, 3)
    if code != FINE:
        return Outcome(code, last_line(into / LOG) or f"exit code {code}")
    try:
        wrong = differences(json.loads(document_in(into)), target, prepared)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        return Outcome(FAILED, f"{into}: no results ({error})")
    if wrong:
        return Outcome(FAILED, f"this node measures something else: {'; '.join(wrong)}")
    note(into / MEASURED, {"seconds": seconds, "node": node_here(),
                           "request": request_of(target, prepared)})
    return Outcome(FINE)


def note(file: Path, what: dict[str, Any]) -> None:
    file.write_text(json.dumps(what) + "\n", encoding="utf-8")


def noted(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def may_be_handed_in(into: Path, key: str, occasion: str = "") -> None:
    """Noted before it is: whatever comes between, the next sweep finds it."""
    note(into / HAND_IN, {"key": key, "occasion": occasion})


def kept(folder: Path, target: Target) -> Iterator[tuple[Path, str, str]]:
    """Runs of the target that may be handed in, and the key and the occasion of each."""
    for file in sorted(runs_of(folder, target).glob(f"*/{HAND_IN}")):
        if key := (asked := noted(file)).get("key"):
            yield file.parent, key, asked.get("occasion", "")


def hand_in(store: Store, into: Path) -> None:
    asked, measured = noted(into / HAND_IN), noted(into / MEASURED)
    store.add(document_in(into), asked["key"], occasion=asked["occasion"], request=measured["request"],
              node=measured["node"], seconds=measured["seconds"], source=str(into / "results.json"))


def handed_in(store: Store, runs: list[Path]) -> Outcome:
    try:
        for into in runs:
            hand_in(store, into)
    except ReportError as error:
        return Outcome(UNAVAILABLE, f"{error}; the results are kept in {runs[0]}, and the next sweep hands them in")
    return Outcome(FINE)


def measured_for(target: Target, prepared: Prepared, folder: Path, again: bool) -> tuple[Outcome, Path]:
    """What is left is to hand it in."""
    into = own_run(folder, target)
    outcome = measure(target, prepared, into)
    if outcome.exit_code == FINE:
        may_be_handed_in(into, prepared.key_of(target), again_now() if again else "")
    return outcome, into


def again_now() -> str:
    return f"again {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}"


def measured_and_handed_in(target: Target, prepared: Prepared, store: Store, folder: Path, again: bool) -> Outcome:
    if not again and store.has(prepared.key_of(target)):
        return Outcome(FINE)
    outcome, into = measured_for(target, prepared, folder, again)
    return outcome if outcome.exit_code != FINE else handed_in(store, [into])


def hand_in_kept(targets: list[Target], store: Store, folder: Path, done: set[str]) -> int:
    """What earlier sweeps measured and could not hand in. Each is what its key says, whatever is asked now."""
    count, answers = 0, store.answers()
    for target in targets:
        for run, key, occasion in kept(folder, target):
            if (key, occasion) not in answers:
                hand_in(store, run)
                answers.add((key, occasion))
                done.add(key)
                count += 1
    return count
