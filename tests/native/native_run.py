# SPDX-License-Identifier: MIT
"""Runs on the running kernel, and what each cell of them has to be."""

import json
import os
import subprocess
import tempfile
import unittest

PROBEBENCH = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "probebench")
PROBED = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "probed_program")
# As in harness/host/session/redaction.cpp: these tell nothing of a machine
COMMON_NAMES = ("", "(none)", "localhost", "vm", "host", "kernel", "native", "linux", "debian", "machine")
PERF_LIMIT = "/proc/sys/kernel/perf_cpu_time_max_percent"


def start(directory, *arguments):
    environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(directory, "cache"))
    command = [PROBEBENCH, "--target", "native", "--output", os.path.join(directory, "run"), *arguments]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(directory, *arguments):
    process = start(directory, *arguments)
    stdout, stderr = process.communicate(timeout=100)
    return process.returncode, stdout, stderr


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def is_disturbed(cell):
    """A busy machine makes times that are not linear. Such a cell has no figure; hits and bytes were judged before."""
    return cell["status"] == "invalid" and cell["reason"].startswith("not linear: ")


class Native(unittest.TestCase):
    LOCK = "kernel"

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name

    def cells(self, *arguments):
        code, _, stderr = run(self.directory, "--quiet", *arguments)
        results = json.loads(read(os.path.join(self.directory, "run", "results.json")))
        self.assertEqual(results["targets"][0]["kind"], "native")
        disturbed = [cell for cell in results["cells"] if is_disturbed(cell)]
        self.assertIn(code, (1,) if disturbed else (0, 4), stderr)
        for cell in results["cells"]:
            if cell not in disturbed:
                self.assertIn(cell["status"], ("measured", "skipped"), cell["reason"])
            self.check(cell)
        return results["cells"]

    def check(self, cell):
        if cell["status"] == "skipped":
            self.assertTrue(cell["reason"] and cell["failure"]["step"], cell["name"])
            return
        hits, evidence = cell["hits"], cell["evidence"]
        self.assertEqual(hits["counted"], hits["expected"], cell["name"])
        self.assertGreater(hits["counted"], 0, cell["name"])
        self.assertEqual(hits["missed"], 0, cell["name"])
        # A long nop keeps the call that it was as its displacement.
        kept = slice(0, 14) if cell["site"] == "nop10" else slice(None)
        self.assertEqual(evidence["before"][kept], evidence["after"][kept], cell["name"])
        self.assertNotEqual(evidence["before"], evidence["armed"], cell["name"])
        if cell["status"] != "measured":
            return
        ticks = cell["metrics"]["ticks_per_hit"]
        self.assertLessEqual(ticks["low"], ticks["value"])
        self.assertGreaterEqual(ticks["high"], ticks["value"])
