# SPDX-License-Identifier: MIT
"""`reproduce` as a user runs it: its cells, its page and reproduce.json."""

import json
import subprocess
import unittest

from run_test import DEADLINE_S, PROGRAM, InDirectory


class PerHit(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        command = [PROGRAM, "reproduce", "--kernel", "6.12", "--part", "per-hit,traps", "--output",
                   str(cls.directory)]
        cls.done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
        cls.told = json.loads((cls.directory / "reproduce.json").read_text())["targets"][0]

    def row(self, probe_type):
        for row in self.told["per_hit"]["rows"]:
            if row["probe_type"] == probe_type and row["handler"] == "nop":
                return row
        raise AssertionError(f"no row of {probe_type}")

    def test_one_probe_is_int3_or_jump(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        int3, jump = self.row("kprobe-unoptimized"), self.row("kprobe-optimized")
        self.assertEqual((int3["state"], jump["state"]), ("stepped", "optimized"))
        self.assertAlmostEqual(jump["ratio_to_stepped"], int3["per_hit"] / jump["per_hit"])
        self.assertIsNone(jump["ratio_to_boosted"])

    def test_cells_are_those_of_the_results(self):
        results = json.loads((self.directory / "results.json").read_text())
        counts = {
            cell["name"]: cell["metrics"]["instructions_per_hit"]["value"]
            for cell in results["cells"]
            if cell["status"] == "measured"
        }
        for row in self.told["per_hit"]["rows"]:
            self.assertEqual(row["per_hit"], counts[row["cell"]])

    def test_times_are_modelled_and_say_so(self):
        self.assertEqual(self.told["clock_unit"], "instructions")
        for time in self.told["per_hit"]["modelled"]:
            self.assertLess(time["low"], time["high"], "an interval, never one number")

    def test_traps_of_a_process_are_counted_exactly(self):
        traps = {trap["trap"]: trap for trap in self.told["traps"]}
        self.assertEqual(set(traps), {"int3", "trap-flag", "signal"})
        for trap in traps.values():
            self.assertEqual(trap["status"], "measured", trap["reason"])
            self.assertEqual(len(set(trap["rounds"])), 1, "the same count in each round")
            self.assertEqual(trap["hits"]["counted"], trap["hits"]["expected"])
        self.assertIsNone(traps["signal"]["less_signal"])
        for name in ("int3", "trap-flag"):
            less = traps[name]["per_trap"]["value"] - traps["signal"]["per_trap"]["value"]
            self.assertEqual(traps[name]["less_signal"]["value"], less)
        self.assertIsNone(self.told["time_curve"]["measured"], "counts are no time")

    def test_the_curve_begins_with_the_ratio_of_counts(self):
        curve, jump = self.told["time_curve"], self.row("kprobe-optimized")
        self.assertEqual(curve["exceptions"], 2)
        self.assertEqual(curve["points"][0]["trap_ns"], 0)
        self.assertAlmostEqual(curve["points"][0]["ratio"]["low"], jump["ratio_to_stepped"])
        self.assertLessEqual({"krst-e5410-64", "xkernel-int3-jmp"}, {mark["source"] for mark in curve["marks"]})
        self.assertGreater(curve["ratio"]["low"], jump["ratio_to_stepped"])

    def test_the_verdict_is_of_what_was_measured(self):
        figures = self.told["verdict_figures"]
        int3, jump = self.row("kprobe-unoptimized")["per_hit"], self.row("kprobe-optimized")["per_hit"]
        self.assertEqual((figures["int3_per_hit"], figures["jump_per_hit"]), (int3, jump))
        self.assertEqual(figures["int3_state"], "stepped")
        self.assertEqual(figures["decision"], "undecided", "no workload was run")
        self.assertNotIn("above_int3", figures)
        self.assertIn(f"{int3:.0f} instructions by int3", self.told["verdict"])
        self.assertIn(figures["kernel"], self.told["verdict"])
        self.assertIn(f"CPU model {figures['cpu_model']}", self.told["verdict"])

    def test_page_fits_the_terminal(self):
        for line in self.done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        shown = " ".join(self.done.stdout.split())
        self.assertIn("a ratio of counts is not a ratio of times", shown)
        self.assertIn(self.told["verdict"], shown)


class Pruning(InDirectory):
    """Two workloads: one that a probe on its system call makes much slower, one that none slows down."""

    LABEL = "nightly"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        command = [PROGRAM, "reproduce", "--kernel", "6.12", "--part", "pruning", "--line", "5%", "--workload",
                   "null-syscall,stat,page-fault", "--output", str(cls.directory)]
        cls.done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
        cls.told = json.loads((cls.directory / "reproduce.json").read_text())["targets"][0]

    def pruned(self, mechanism):
        return next(one for one in self.told["pruning"] if one["mechanism"] == mechanism)

    def rows(self, workload, mechanism):
        found = next(one for one in self.told["workloads"] if one["name"] == workload)
        return [row for row in found["rows"] if row["mechanism"] == mechanism]

    def test_every_workload_is_measured_below_the_line(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        for mechanism in ("kprobe-unoptimized", "kprobe-optimized"):
            pruned = self.pruned(mechanism)
            self.assertEqual(pruned["status"], "measured")
            self.assertTrue(pruned["confirmed"])
            self.assertEqual(len(pruned["workloads"]), 3)
            for workload in pruned["workloads"]:
                self.assertLess(workload["pruned_percent"], 5)
            self.assertEqual(pruned["kept"] + len(pruned["left_out"]), pruned["sites"])
            self.assertEqual(pruned["above"], 2)

    def test_the_hot_system_calls_are_left_out(self):
        for mechanism in ("kprobe-unoptimized", "kprobe-optimized"):
            self.assertEqual(self.pruned(mechanism)["left_out"][0], "__x64_sys_getppid")
            self.assertGreater(self.pruned(mechanism)["workloads"][0]["overhead_percent"], 50)

    def test_hits_of_each_site_add_up(self):
        row, = self.rows("stat", "kprobe-optimized")
        self.assertAlmostEqual(sum(site["hits_per_op"] for site in row["hits_by_site"]), row["hits_per_op"])
        self.assertIn("__x64_sys_newfstatat", {site["function"] for site in row["hits_by_site"]})

    def test_a_kernel_that_does_not_boost_skips_the_stepped_set(self):
        self.assertEqual(self.pruned("kprobe-post")["status"], "skipped")
        self.assertIn("does not boost", self.pruned("kprobe-post")["note"])

    def test_the_verdict_has_the_figures(self):
        figures = self.told["verdict_figures"]
        self.assertEqual(figures["decision"], "both")
        self.assertEqual((figures["workloads"], figures["line_percent"]), (3, 5))
        self.assertEqual(figures["left_out_jump"], len(self.pruned("kprobe-optimized")["left_out"]))
        self.assertIn("pruning of suite intrusion", self.done.stdout)


if __name__ == "__main__":
    unittest.main()
