# SPDX-License-Identifier: MIT
"""Other clocks, other numbers of callers, Google Benchmark's own flags."""

import json
import subprocess
import unittest

from run_test import DEADLINE_S, InDirectory, command, run


class ReadsTheClockAsTime(InDirectory):
    def test_emulated_time_is_marked_and_noisy(self):
        results, done = run(
            self.directory, "--probe-type", "kprobe-optimized,ftrace", "--clock", "tsc", "--rounds", "9"
        )
        self.assertEqual(results["targets"][0]["clock"], "emulated-time")
        self.assertIn("emulated time, for tests only", " ".join(done.stdout.split()))
        for cell in results["cells"]:
            self.assertIn(cell["status"], ("measured", "invalid"), cell["reason"])
            self.assertIsNone(cell["metrics"]["instructions_per_hit"])
            self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"])
            if cell["status"] == "measured":
                self.assertEqual(cell["metrics"]["ticks_per_hit"]["class"], "noisy")


class PassesBenchmarkFlags(InDirectory):
    def test_filter(self):
        results, _ = run(self.directory, "--", "--benchmark_filter=ftrace/module")
        self.assertEqual(
            [cell["probe_type"] for cell in results["cells"]],
            ["kprobe-ftrace", "kretprobe-ftrace", "ftrace"],
        )
        self.assertTrue(results["complete"])

    def test_repetitions_add_rounds(self):
        results, _ = run(
            self.directory, "--probe-type", "ftrace", "--", "--benchmark_repetitions=2", "--benchmark_filter=^ftrace/"
        )
        (cell,) = results["cells"]
        self.assertEqual(len(cell["samples"]), 6)
        rows = json.loads((self.directory / "benchmark.json").read_text())["benchmarks"]
        self.assertEqual(sum("repetition_index" in row for row in rows), 2)

    def test_unknown_flag_is_a_usage_error(self):
        done = subprocess.run(
            command(self.directory, "--", "--benchmark_nonsense=1"),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("Google Benchmark", done.stderr)


class SeveralCallers(InDirectory):
    LABEL = "nightly"  # guests of several CPUs, which the others would wait for

    """Hits are proved on each CPU; how long it took says nothing under emulation."""

    TYPES = "kprobe-stepped,kprobe-optimized,kretprobe-ftrace,fentry,raw-tp,tracefs-kprobe,uprobe-multi,perf-kprobe"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        arguments = ("--probe-type", cls.TYPES, "--handler", "nop,count", "--threads", "1,2", "--rounds", "3")
        results, _ = run(cls.directory, "--kernel", "6.12", "--clock", "tsc", *arguments)
        cls.cells = results["cells"]

    def windows(self, cell):
        for sample in cell["samples"]:
            counted = sample["verify"] or sample["armed"]
            yield counted["n"]
            yield counted["twice_n"]

    def test_each_makes_its_calls_on_a_cpu_of_its_own(self):
        pairs = [cell for cell in self.cells if cell["threads"] == 2 and cell["status"] != "skipped"]
        self.assertEqual({cell["driver"] for cell in pairs}, {"module", "test-run", "user"})
        for cell in pairs:
            for window in self.windows(cell):
                self.assertEqual({thread["cpu"] for thread in window["by_thread"]}, {0, 1}, cell["name"])
                self.assertEqual(window["hits"], 2 * window["calls"], cell["name"])

    def test_hits_are_proved_on_each_cpu_where_each_has_a_count(self):
        proved = 0
        for cell in self.cells:
            if cell["threads"] != 2 or cell["status"] == "skipped" or cell["handler"] != "count":
                continue
            for window in self.windows(cell):
                for thread in window["by_thread"]:
                    self.assertEqual(thread["hits"], window["calls"], cell["name"])
                    proved += 1
        self.assertGreater(proved, 0)

    def test_one_caller_is_as_before(self):
        for cell in self.cells:
            if cell["threads"] == 1 and cell["status"] != "skipped":
                self.assertTrue(all(window["by_thread"] == [] for window in self.windows(cell)), cell["name"])

    def test_a_perf_event_says_why_it_has_one(self):
        reasons = {c["reason"] for c in self.cells if c["probe_type"] == "perf-kprobe" and c["threads"] == 2}
        self.assertEqual(reasons, {"a perf event counts the hits of one thread"})

    def test_more_than_there_are_cpus_is_skipped(self):
        results, _ = run(
            self.directory, "--probe-type", "ftrace,uprobe-multi", "--clock", "tsc", "--threads", "500", expect=4
        )
        for cell in results["cells"]:
            self.assertEqual(cell["status"], "skipped", cell["name"])
            self.assertIn("500 threads at once", cell["reason"])

    def test_where_instructions_are_counted_there_is_one(self):
        results, _ = run(self.directory, "--probe-type", "ftrace,uprobe-multi", "--threads", "2", expect=4)
        for cell in results["cells"]:
            self.assertEqual(cell["lacking"]["capability"], "parallel-cpus")
            self.assertIn("take turns", cell["reason"])


if __name__ == "__main__":
    unittest.main()
