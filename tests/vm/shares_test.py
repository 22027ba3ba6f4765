# SPDX-License-Identifier: MIT
"""A target whose cells several guests share is the target that one guest measures."""

import json
import os
import re
import signal
import subprocess

from run_test import ARMED, DEADLINE_S, PROGRAM, InDirectory, Interrupted, children_of, run

# When it was measured, and by which command
TIMES = ("started", "command")

# What depends on which probes a kernel had before: where it lays its detours, numbers of BPF programs, and ftrace's
# mark of a function whose calls it had once led elsewhere (FTRACE_FL_MODIFIED).
PLACES = (
    (re.compile(r"0x[0-9a-f]+"), "0x"),
    (re.compile(r"\b(link|prog) \d+"), r"\1"),
    (re.compile(r"^(e8|e9)(?: [0-9a-f]{2}){4}"), r"\1"),
    (re.compile(r"(\[probebench\] \(\d+\)(?: R)?) M\b"), r"\1"),
)


def anywhere(value, key=None):
    if isinstance(value, dict):
        return {name: anywhere(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [anywhere(part, key) for part in value]
    if not isinstance(value, str) or key in ("name", "reason"):
        return value
    for pattern, instead in PLACES:
        value = pattern.sub(instead, value)
    return value[:2] if key in ("detour", "slot") else value


def apart_from_times(results):
    return {name: anywhere(value) for name, value in results.items() if name not in TIMES}


class Shares(InDirectory):
    def measure(self, name, *arguments):
        directory = self.directory / name
        directory.mkdir()
        return run(directory, *arguments)[0]

    def compare(self, arguments, seeds):
        alone = self.measure("alone", *arguments, "--jobs", "1")
        for seed in seeds:
            with self.subTest(seed=seed):
                shared = self.measure(f"shared-{seed}", *arguments, "--jobs", "2", "--deal", str(seed))
                self.assertGreater(len(list((self.directory / f"shared-{seed}").glob("guest*.log"))), 1)
                self.assertEqual(apart_from_times(shared), apart_from_times(alone))
                self.assertEqual(self.benchmarks(f"shared-{seed}"), self.benchmarks("alone"))

    def benchmarks(self, name):
        return json.loads((self.directory / name / "benchmark.json").read_text())["benchmarks"]


class AnyDealCountsTheSame(Shares):
    def test_counts_and_evidence_are_equal(self):
        types = "kprobe-stepped,kprobe-optimized,kretprobe,ftrace,fentry,uprobe,tracepoint"
        self.compare(("--kernel", "6.12", "--probe-type", types), seeds=(1,))


class EveryDealOfEveryCellCountsTheSame(Shares):
    LABEL = "nightly"

    def test_twenty_deals_on_two_kernels(self):
        for kernel in "6.1", "6.12":
            arguments = ("--kernel", kernel, "--probe-type", "all", "--handler", "nop,count")
            self.compare(arguments, seeds=range(1, 21))


class Reproductions(InDirectory):
    """Experiments dealt to guests: what their own numbers and addresses are apart, one guest tells the same."""

    def reproduce(self, name, *arguments):
        command = [PROGRAM, "reproduce", "--kernel", "6.12", *arguments, "--output", str(self.directory / name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20 * DEADLINE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads((self.directory / name / "reproduce.json").read_text())
        return apart_from_times(told), done.stdout

    def compare(self, arguments, seeds):
        alone, page = self.reproduce("alone", *arguments, "--jobs", "1")
        for seed in seeds:
            with self.subTest(seed=seed):
                shared, same = self.reproduce(f"shared-{seed}", *arguments, "--jobs", "2", "--deal", str(seed))
                self.assertGreater(len(list((self.directory / f"shared-{seed}").glob("guest*.log"))), 1)
                self.assertEqual(shared, alone)
                self.assertEqual(same, page)


class AnyDealOfExperiments(Reproductions):
    LABEL = "nightly"

    def test_tells_the_same(self):
        self.compare((), seeds=range(1, 6))


class AnotherGuestTakesOver(Interrupted):
    ROUNDS = "30"

    def test_what_a_dead_guest_left_is_measured(self):
        process = self.start("--jobs", "2", "--deal", "1")
        os.kill(children_of(process.pid)[0], signal.SIGKILL)
        stdout, _ = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 1)
        results = json.loads((self.directory / "results.json").read_text())
        self.assertEqual(len(results["cells"]), len(ARMED))
        (target,) = results["targets"]
        self.assertEqual((target["ended"], target["in_flight"], target["not_run"]), (None, None, []))
        (lost,) = (cell for cell in results["cells"] if cell["status"] == "errored")
        self.assertEqual(lost["failure"]["step"], "guest")
        self.assertIn("ended by signal 9", lost["reason"])
        self.assertIn(lost["reason"], self.said())
        self.assertEqual(len(list(self.directory.glob("guest*.log"))), 3)
        self.assertIn("kprobe-stepped", stdout)
