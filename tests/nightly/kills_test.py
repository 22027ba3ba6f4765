# SPDX-License-Identifier: MIT
"""A runner that is killed at a random moment loses nothing that was finished, leaves nothing behind, and is in nobody's
way. PB_KILLS says how often (100), PB_SEED with which moments."""

import concurrent.futures
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import InDirectory, children_of, command, exact_counts, is_alive, run  # noqa: E402

KILLS = int(os.environ.get("PB_KILLS", "100"))
SEED = int(os.environ.get("PB_SEED", "1"))
TYPES = "ftrace,fprobe-entry,kprobe-optimized,tracepoint"
CELLS = ("--kernel", "6.12", "--probe-type", TYPES, "--handler", "nop,count")


def finished_in(directory):
    """Names and counts of what results.json says is finished; a file that is there is whole."""
    path = directory / "results.json"
    return exact_counts(json.loads(path.read_text())) if path.exists() else {}


class Kills(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        begin = time.monotonic()
        results, _ = run(cls.directory, *CELLS)
        cls.whole_s = time.monotonic() - begin
        cls.counts = exact_counts(results)

    def kill_after(self, number, delay_s):
        directory = self.directory / f"killed-{number}"
        process = subprocess.Popen(command(directory, *CELLS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        guests = children_of(process.pid)
        before = finished_in(directory)
        process.send_signal(signal.SIGKILL)
        process.wait()
        end = time.monotonic() + 20
        while any(map(is_alive, guests)) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(any(map(is_alive, guests)), f"kill {number}, after {delay_s:.2f} s: QEMU outlived its owner")
        after = finished_in(directory)
        self.assertLessEqual(before.items(), after.items(), f"kill {number}: a finished cell was lost")
        self.assertLessEqual(after.items(), self.counts.items(), f"kill {number}: another count")
        return len(after)

    def test_at_random_moments(self):
        moments = [random.Random(SEED + number).uniform(0, self.whole_s) for number in range(KILLS)]
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            kept = list(pool.map(self.kill_after, range(KILLS), moments))
        self.assertGreater(max(kept), 0)  # some came after a cell, some before the first
        self.assertEqual(min(kept), 0)
        results, _ = run(self.directory, *CELLS)
        self.assertEqual(exact_counts(results), self.counts)


if __name__ == "__main__":
    unittest.main()
