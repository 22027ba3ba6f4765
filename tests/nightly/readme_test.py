# SPDX-License-Identifier: MIT
"""README's commands, as they are printed and in their order, in a fresh clone."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from readme import ROOT, commands_of, why_not_here  # noqa: E402  (the path is set first)

DEADLINE_S = 3000
REGRESSION = 3  # as README says of it
ANSWERS = {"gate --base kernel=6.1 --head kernel=6.12": REGRESSION}


def cached(name):
    """What the runs before have left of kernel 6.12."""
    cache = pathlib.Path.home() / ".cache/probebench/kernels"
    return next(iter(sorted(cache.glob(f"6.12.*/{name}"))), None)


class Readme(unittest.TestCase):
    COST = 3000

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.clone = pathlib.Path(scratch.name) / "probe bench"  # a blank in its path is nobody's concern
        subprocess.run(["git", "clone", "--quiet", ROOT, self.clone], check=True)
        shutil.copy(self.clone / "ci/kernels.toml", self.clone / "mine.toml")
        shutil.copy("/bin/true", self.clone / "my-program")

    def run_line(self, command):
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.clone, text=True,
                              capture_output=True, timeout=DEADLINE_S, check=False)
        expected = next((code for sign, code in ANSWERS.items() if sign in command), 0)
        self.assertEqual(done.returncode, expected, f"{command}\n{done.stderr[-2000:]}")
        self.assertTrue(done.stdout, command)

    def test_each_command_does_what_it_says(self):
        for command in commands_of((self.clone / "README.md").read_text()):
            if why_not_here(command):
                continue
            if "./vmlinuz" in command:
                (self.clone / "vmlinuz").symlink_to(cached("root/boot/vmlinuz-*"))
                (self.clone / "headers").symlink_to(cached("root/usr/src/linux-headers-*-amd64"))
            with self.subTest(command):
                self.run_line(command)


if __name__ == "__main__":
    unittest.main()
