# SPDX-License-Identifier: MIT
"""A run's benchmark.json, read by Google Benchmark's own compare.py as Debian has it."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import InDirectory, run  # noqa: E402  (the path is set first)

COMPARE = "/usr/share/benchmark/compare.py"
LONGER = 0.5  # of each figure


class CompareTool(InDirectory):
    def compare(self, before, after):
        done = subprocess.run(["/usr/bin/python3", COMPARE, "--no-color", "benchmarks", before, after], text=True,
                              capture_output=True, timeout=60, check=True)
        return {line.split()[0]: line.split()[1] for line in done.stdout.splitlines() if "/threads:" in line}

    def test_it_sees_the_change_of_what_was_measured_and_nothing_else(self):
        # 6.12 boosts no probe, so there is a skipped row as well.
        results, _ = run(self.directory, "--probe-type", "ftrace,kprobe-optimized,kprobe-boosted", "--kernel", "6.12")
        before, after = self.directory / "benchmark.json", self.directory / "after.json"
        figures = json.loads(before.read_text())
        for one in figures["benchmarks"]:
            self.assertEqual(one["time_unit"], "none" if one.get("error_occurred") else "insns")
            one.update({key: one[key] * (1 + LONGER) for key in ("real_time", "cpu_time") if key in one})
        after.write_text(json.dumps(figures))
        measured = {cell["name"] for cell in results["cells"] if cell["status"] == "measured"}
        self.assertTrue(measured and len(measured) < len(results["cells"]), results["cells"])
        self.assertEqual(self.compare(before, before), dict.fromkeys(measured, "+0.0000"))
        self.assertEqual(self.compare(before, after), dict.fromkeys(measured, f"+{LONGER:.4f}"))


if __name__ == "__main__":
    unittest.main()
