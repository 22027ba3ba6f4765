# SPDX-License-Identifier: MIT
"""predict, and workloads under a suite, on a booted kernel."""

import json
import subprocess
import unittest

from run_test import DEADLINE_S, PROGRAM, InDirectory


def run(directory, *arguments):
    """Returns the exit code, standard output and standard error."""
    done = subprocess.run(
        [PROGRAM, *arguments[:1], "--kernel", "6.12", "--accel", "tcg", "--output", str(directory), *arguments[1:]],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    return done.returncode, done.stdout, done.stderr


class Predict(InDirectory):
    def test_counts_and_multiplies(self):
        probes = ["--probe", "kprobe-optimized:vfs_read", "--probe", "kprobe-optimized:no_such_function"]
        code, out, err = run(self.directory, "predict", *probes[:2], "--", "true")
        self.assertEqual(code, 0, err)
        self.assertIn("vfs_read", out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        told = json.loads((self.directory / "predict.json").read_text())["targets"][0]
        (site,) = told["sites"]
        self.assertEqual(site["counted_by"], "kprobe")
        self.assertGreaterEqual(min(site["runs"]), 1, "the loader reads each library's head")
        self.assertAlmostEqual(site["overhead"]["value"], site["hits"]["value"] * site["per_hit"]["value"])
        percent = told["overhead_percent"]
        self.assertLess(percent["low"], percent["value"])
        self.assertGreater(percent["high"], percent["value"])

        code, out, err = run(self.directory, "predict", *probes, "--", "true")
        self.assertEqual(code, 1)
        self.assertIn("no_such_function: not in this kernel", err)
        self.assertIn("no answer", out)

    def test_emulated_time_is_not_called_instructions(self):
        code, out, err = run(self.directory, "predict", "--clock", "tsc", "--probe", "fentry:vfs_read", "--", "true")
        self.assertIn(code, (0, 1), err)  # a disturbed cell has no figure
        self.assertIn(": emulated time, for tests only", out)
        self.assertNotIn("executed instructions", out)

    def test_says_what_became_of_the_command(self):
        probe = ["predict", "--probe", "fentry:vfs_read"]
        code, _, err = run(self.directory, *probe, "--", "false")
        self.assertEqual(code, 1)
        self.assertIn("failed: exit code 1", err)
        code, _, err = run(self.directory, *probe, "--timeout", "2", "--", "sleep", "1000")
        self.assertEqual(code, 1)
        self.assertIn("did not end within 2 s", err)


class Workloads(InDirectory):
    def test_predicts_what_it_measures(self):
        arguments = ["--part", "workloads", "--suite", "hot-path", "--workload", "byte-io"]
        code, out, err = run(self.directory, "reproduce", *arguments)
        self.assertEqual(code, 0, err)
        told = json.loads((self.directory / "reproduce.json").read_text())["targets"][0]
        (workload,) = told["workloads"]
        rows = {row["mechanism"]: row for row in workload["rows"]}
        for name in ("kprobe-unoptimized", "kprobe-optimized", "ftrace", "fentry"):
            row = rows[name]
            self.assertEqual(row["status"], "measured", row["reason"])
            self.assertEqual(row["hits"]["expected"], row["hits"]["counted"])
            self.assertGreater(row["hits"]["counted"], 0)
            self.assertLess(abs(row["residual_percent"]), 10)
        self.assertEqual(rows["kprobe-post"]["status"], "skipped")
        self.assertGreater(rows["kprobe-unoptimized"]["slowdown"], rows["kprobe-optimized"]["slowdown"])
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    unittest.main()
