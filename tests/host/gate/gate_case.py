# SPDX-License-Identifier: MIT
"""What the tests of the gate's command line share: results files that differ in one thing, and the program's call.
WRITER writes the sample results.json."""

import copy
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

PROBEBENCH, WRITER = (os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", name)
                      for name in ("probebench", "write_sample_results"))
NAMES = [f"kprobe-optimized/module/mid/{handler}/threads:1" for handler in ("nop", "count", "map")]


def sample():
    """A complete run of three measured cells: the sample's one measured cell under three names."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        subprocess.run([WRITER, path], check=True)
        run = json.loads(path.read_text())
    measured = run["cells"][0]
    run["cells"] = [dict(copy.deepcopy(measured), name=name) for name in NAMES]
    run["targets"][0].update(ended=None, in_flight=None, not_run=[])
    run.update(complete=True, ended=None)
    return run


SAMPLE = sample()


def change(run, name, by):
    metric = next(cell for cell in run["cells"] if cell["name"] == name)["metrics"]["instructions_per_hit"]
    for key in ("value", "low", "high", "low_quantile"):
        metric[key] += by


class Gate(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)
        self.a = self.write("a.json", SAMPLE)

    def write(self, name, content):
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def changed(self, mutate, name="b.json"):
        run = copy.deepcopy(SAMPLE)
        mutate(run)
        return self.write(name, run)

    def run_program(self, *arguments, **environment):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        done = subprocess.run([PROBEBENCH, *arguments], env={**clean, **environment}, text=True,
                              capture_output=True, cwd=self.directory, check=False)
        for line in done.stdout.splitlines():
            if "--format" not in arguments and "baseline" not in arguments:
                self.assertLessEqual(len(line), 80, line)
        return done

    def gate(self, *arguments, code, **environment):
        done = self.run_program("gate", *arguments, **environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def judged(self, *arguments, code):
        return json.loads(self.gate(*arguments, "--format", "json", code=code).stdout)

    def refused(self, *arguments):
        """A usage error: exit 2, one line on standard error, nothing on standard output."""
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr
