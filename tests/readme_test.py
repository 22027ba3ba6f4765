# SPDX-License-Identifier: MIT
"""README's commands are understood as they are printed; at night they are run, see nightly/readme_test.py."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from readme import ROOT, commands_of, why_not_here

PROBEBENCH = Path(os.environ["PROBEBENCH_BUILD"]) / "bin/probebench"
PYTHON = ("report", "history")
READS_RUNS = ("compare", "gate", "baseline")  # that are not there yet
BOOTS = ("info",)
PLAIN = ("list", "kernel-config", "manual", "kernels")


def arguments_of(command):
    """Of the program alone: what a shell makes of the rest of the line is not its own."""
    words = shlex.split(re.split(r" [|>]", command)[0], comments=True)
    return words[1:]


class Readme(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)
        shutil.copy(ROOT / "ci/kernels.toml", self.directory / "mine.toml")
        shutil.copy("/bin/true", self.directory / "my-program")
        (self.directory / "build").mkdir()
        (self.directory / "vmlinuz").touch()

    def understood(self, command):
        words = arguments_of(command)
        if words[:1] and words[0] in PLAIN or "--dry-run" in words:
            asked = words
        else:
            end = words.index("--") if "--" in words else len(words)
            asked = [*words[:end], "--dry-run", *words[end:]]
        done = subprocess.run([PROBEBENCH, *asked], cwd=self.directory, text=True, capture_output=True, check=False,
                              env={**os.environ, "PROBEBENCH_ROOT": str(ROOT)})
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
        self.assertTrue(done.stdout, command)

    def test_each_command_is_understood(self):
        tried = 0
        for command in commands_of((ROOT / "README.md").read_text()):
            if why_not_here(command) or set(arguments_of(command)[:1]) & {*PYTHON, *READS_RUNS, *BOOTS}:
                continue
            with self.subTest(command):
                self.understood(command)
                tried += 1
        self.assertGreater(tried, 10)

    def test_a_command_that_is_not_is_found(self):
        with self.assertRaises(AssertionError):
            self.understood("./run-bench --probe-type kprobe-optimised   # a slip")

    def test_blocks_and_continued_lines(self):
        self.assertEqual(commands_of("```sh\n./a b \\\n  c  # d\n\n```\n```\n./e\n```\n"), ["./a b    c  # d"])


if __name__ == "__main__":
    unittest.main()
