# SPDX-License-Identifier: MIT
"""Too little memory, from less than the program's own to enough: one line that says so, and never a signal."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import DEADLINE_S, PROGRAM, InDirectory  # noqa: E402  (the path is set first)

UNAVAILABLE, LOADER, NO_CELL = 69, 127, 1
LIMITS_MIB = (8, 16, 32, 48, 64, 96, 128, 192, 256, 384)


class LowMemory(InDirectory):
    def limited(self, mib, *words):
        return subprocess.run(["prlimit", f"--as={mib << 20}", PROGRAM, *words], text=True, capture_output=True,
                              timeout=DEADLINE_S, check=False, env={**os.environ, "TERM": "dumb"})

    def test_each_limit_ends_orderly(self):
        for mib in LIMITS_MIB:
            with self.subTest(mib=mib):
                done = self.limited(mib, "--probe-type", "kprobe-optimized", "--kernel", "6.12", "--accel", "tcg",
                                    "--quiet", "--output", str(self.directory / str(mib)))
                self.assertIn(done.returncode, (0, NO_CELL, UNAVAILABLE, LOADER), done.stderr)
                if done.returncode:
                    self.assertTrue(done.stderr.strip(), "it said nothing")
                    self.assertNotIn("terminate called", done.stderr)
                    self.assertLessEqual(done.stderr.count("\n"), 3, done.stderr)


if __name__ == "__main__":
    unittest.main()
