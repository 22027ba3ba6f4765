# SPDX-License-Identifier: MIT
"""A target whose cells several guests share is the target that one guest measures."""

import json
import os
import re
import signal
import subprocess
import time

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


# A first hit is one window, which is not made again when the timer's interrupt falls into it.
ONCE = ("cold_hit",)
# A window that proves hits is in no figure. One that is recorded takes as much more as it begins new pages of ftrace's
# buffer, of which the first one may be full or empty: 112 instructions a page on 6.1.
RECORDED = ("ticks",)


def anywhere(value, key=None, left_out=ONCE):
    if isinstance(value, dict):
        return {name: anywhere(part, name, RECORDED if name == "verify" else left_out)
                for name, part in value.items() if name not in left_out}
    if isinstance(value, list):
        return [anywhere(part, key, left_out) for part in value]
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

    def compare(self, kernel, more, seeds):
        arguments, by_one = ("--kernel", kernel, *more), f"{kernel}-alone"
        alone = self.measure(by_one, *arguments, "--jobs", "1")
        for seed in seeds:
            with self.subTest(kernel=kernel, seed=seed):
                name = f"{kernel}-shared-{seed}"
                shared = self.measure(name, *arguments, "--jobs", "2", "--deal", str(seed))
                self.assertGreater(len(list((self.directory / name).glob("guest*.log"))), 1)
                self.assertEqual(apart_from_times(shared), apart_from_times(alone))
                self.assertEqual(self.benchmarks(name), self.benchmarks(by_one))

    def benchmarks(self, name):
        return json.loads((self.directory / name / "benchmark.json").read_text())["benchmarks"]


class AnyDealCountsTheSame(Shares):
    def test_counts_and_evidence_are_equal(self):
        types = "kprobe-stepped,kprobe-optimized,kretprobe,ftrace,fentry,uprobe,tracepoint"
        self.compare("6.12", ("--probe-type", types), seeds=(1,))


class EveryDealOfEveryCellCountsTheSame(Shares):
    LABEL = "nightly"

    def test_twenty_deals_on_two_kernels(self):
        for kernel in "6.1", "6.12":
            self.compare(kernel, ("--probe-type", "all", "--handler", "nop,count"), seeds=range(1, 21))


class Reproductions(InDirectory):
    """Experiments dealt to guests."""

    LABEL = "nightly"
    EXACT = ("per_hit", "surface", "kretprobe_misses", "traps")

    def reproduce(self, name, *arguments):
        command = [PROGRAM, "reproduce", "--kernel", "6.12", *arguments, "--output", str(self.directory / name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20 * DEADLINE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        (told,) = json.loads((self.directory / name / "reproduce.json").read_text())["targets"]
        return told

    def compare(self, parts, seed):
        alone = self.reproduce(f"alone-{seed}", "--part", parts, "--jobs", "1")
        shared = self.reproduce(f"shared-{seed}", "--part", parts, "--jobs", "2", "--deal", str(seed))
        self.assertGreater(len(list((self.directory / f"shared-{seed}").glob("guest*.log"))), 1)
        for part in self.EXACT:
            self.assertEqual(shared[part], alone[part], part)
        return alone, shared

    def test_what_is_exact_is_equal_in_any_deal(self):
        for seed in range(1, 4):
            with self.subTest(seed=seed):
                alone, _ = self.compare("per-hit,surface,traps", seed)
                self.assertTrue(alone["surface"] and alone["traps"] and alone["kretprobe_misses"])

    def test_whole_operations_are_the_same_rows(self):
        """What they take differs from boot to boot, by the timer's interrupts."""
        def rows(told):
            return [(one["suite"], one["name"], [(row["mechanism"], row["status"]) for row in one["rows"]])
                    for one in told["workloads"]]

        alone, shared = self.compare("workloads", 5)
        self.assertEqual(rows(shared), rows(alone))
        self.assertEqual(shared["suites"], alone["suites"])


class ExperimentsOfALostGuest(Interrupted):
    LABEL = "nightly"

    def test_are_measured_again(self):
        command = [PROGRAM, "reproduce", "--kernel", "6.12", "--part", "surface", "--jobs", "2", "--deal", "1",
                   "--output", str(self.directory)]
        with self.stderr.open("w") as stderr:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
        while self.said().count("surface: ") < 4 and process.poll() is None:
            time.sleep(0.05)
        guest = children_of(process.pid)[-1]
        os.kill(guest, signal.SIGKILL)
        process.communicate(timeout=20 * DEADLINE_S)
        self.assertEqual(process.returncode, 0, self.said())
        self.assertIn("ended by signal 9", self.said())
        (told,) = json.loads((self.directory / "reproduce.json").read_text())["targets"]
        settings = [tuple(point[key] for key in ("mechanism", "handler", "work", "hits_per_op", "probes", "layout"))
                    for point in told["surface"]["points"]]
        self.assertEqual(len(settings), len(set(settings)), "no point is there twice")
        self.assertTrue(all(point["status"] == "measured" for point in told["surface"]["points"]))


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
