# SPDX-License-Identifier: MIT
"""SIGTERM ends each command that measures, soon, and with it every machine that it started."""

import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import DEADLINE_S, PROGRAM, InDirectory, children_of, is_alive  # noqa: E402  (the path is set first)

ROUNDS = ("--rounds", "400")
COMMANDS = {
    "run": ("--kernel", "6.12", "--probe-type", "kmod", *ROUNDS),
    "run on two kernels": ("--kernel", "6.1,6.12", "--probe-type", "kmod", *ROUNDS),
    "anatomy": ("anatomy", "--kernel", "6.12", "--probe-type", "bpf,tracefs"),
    "reproduce": ("reproduce", "--kernel", "6.12"),
    "predict": ("predict", "--kernel", "6.12", "--probe", "fentry:vfs_read", "--", "/bin/true"),
    "cost": ("cost", "--kernel", "6.12", "--workload", "pread", "--setup", "kprobe_events=p:mine vfs_read",
             "--setup", "events/kprobes/mine/enable=1"),
    "gate": ("gate", "--base", "kernel=6.1", "--head", "kernel=6.12", "--probe-type", "kmod"),
}


def is_machine(pid):
    """A QEMU that boots a kernel, and not one that is asked for its version."""
    try:
        return b"-kernel" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False


class Stop(InDirectory):
    def start(self, number, words):
        output = self.directory / str(number)
        return subprocess.Popen([PROGRAM, *words, "--accel", "tcg", "--output", str(output)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def machines_of(self, process):
        """What it started, and what that started."""
        own = children_of(process.pid)
        return own + [child for one in own for child in children_of(one)]

    def test_sigterm(self):
        for number, (name, words) in enumerate(COMMANDS.items()):
            with self.subTest(name):
                process = self.start(number, words)
                end = time.monotonic() + DEADLINE_S
                while not any(is_machine(pid) for pid in self.machines_of(process)):
                    self.assertIsNone(process.poll(), "it ended by itself")
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.02)
                time.sleep(0.5)
                started = self.machines_of(process)
                process.send_signal(signal.SIGTERM)
                _, said = process.communicate(timeout=10)
                self.assertEqual(process.returncode, 130, said)
                self.assertIn("interrupted", said)
                self.assertFalse([pid for pid in started if is_alive(pid)])


if __name__ == "__main__":
    unittest.main()
