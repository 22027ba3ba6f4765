# SPDX-License-Identifier: MIT
"""What `cmake --install` leaves: it measures from wherever it is moved to, by run-bench on PATH, with nothing built."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import DEADLINE_S, InDirectory  # noqa: E402  (the path is set first)

BUILD = os.environ["PROBEBENCH_BUILD"]


class Installed(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls.directory / "first"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", first], check=True, stdout=subprocess.DEVNULL)
        cls.prefix = first.rename(cls.directory / "moved to here")

    def call(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PROBEBENCH_")}
        done = subprocess.run(["run-bench", "--no-install", *words], cwd=self.directory, text=True, check=False,
                              capture_output=True, timeout=DEADLINE_S,
                              env={**environment, "PATH": f"{self.prefix}/bin:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_it_measures_and_reports(self):
        self.call("--probe-type", "kprobe-optimized", "--kernel", "6.12", "--accel", "tcg")
        run = self.directory / "results/latest"  # of the working directory: an installed tree is not for results
        self.assertEqual({cell["status"] for cell in json.loads((run / "results.json").read_text())["cells"]},
                         {"measured"})
        self.assertIn("report.html", self.call("report", "results/latest", "--no-png"))
        self.assertFalse((self.prefix / "share/probebench/results").exists())

    def test_what_is_there_beside_the_programs(self):
        self.assertIn(".TH", (self.prefix / "share/man/man1/run-bench.1").read_text())
        for name in ("bash-completion/completions/run-bench", "zsh/site-functions/_run-bench",
                     "fish/vendor_completions.d/run-bench.fish", "doc/probebench/LICENSES/MIT.txt"):
            self.assertTrue((self.prefix / "share" / name).read_text(), name)
        self.assertIn("kprobe-optimized", self.call("list"))

    def test_nothing_names_where_it_was_built_or_installed(self):
        listed = subprocess.run(["grep", "-rlF", f"{self.directory}/first", self.prefix], text=True, check=False,
                                stdout=subprocess.PIPE)
        self.assertEqual(listed.stdout, "")


if __name__ == "__main__":
    unittest.main()
