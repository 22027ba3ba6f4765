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
        command = [PROGRAM, "reproduce", "--kernel", "6.12", "--part", "per-hit", "--output", str(cls.directory)]
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
            self.assertLessEqual(time["low"], time["ns"])
            self.assertLessEqual(time["ns"], time["high"])
            self.assertIn(time["source"], ("krst-e5410-64", "xkernel-int3-jmp"))

    def test_page_fits_the_terminal(self):
        for line in self.done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertIn("a ratio of counts is not a ratio of times", " ".join(self.done.stdout.split()))
        self.assertIn("Both are right", self.done.stdout)


if __name__ == "__main__":
    unittest.main()
