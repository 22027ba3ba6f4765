# SPDX-License-Identifier: MIT
"""What `cmake --install` leaves: it measures from wherever it is moved to, by run-bench on PATH, with nothing built."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import DEADLINE_S, InDirectory  # noqa: E402  (the path is set first)

BUILD = os.environ["PROBEBENCH_BUILD"]
LAB = """[axes]
kernels = ["6.12"]
probe_types = ["kprobe-optimized"]
handlers = ["nop"]
"""


def page_of(server):
    """The first page of a `serve` that has begun, which is then ended."""
    try:
        address = server.stderr.readline().split()[0]
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read().decode()
    finally:
        server.terminate()
        server.communicate(timeout=60)


class Installed(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls.directory / "first"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", first], check=True, stdout=subprocess.DEVNULL)
        cls.prefix = first.rename(cls.directory / "moved to here")

    def start(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PROBEBENCH_")}
        return subprocess.Popen(["run-bench", "--no-install", *words], cwd=self.directory, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**environment, "PATH": f"{self.prefix}/bin:{os.environ['PATH']}"})

    def call(self, *words, expect=0):
        started = self.start(*words)
        said, complaint = started.communicate(timeout=DEADLINE_S)
        self.assertEqual(started.returncode, expect, complaint)
        return said if expect == 0 else complaint

    def test_it_measures_and_reports(self):
        self.call("--probe-type", "kprobe-optimized", "--kernel", "6.12", "--accel", "tcg")
        run = self.directory / "results/latest"  # of the working directory: an installed tree is not for results
        self.assertEqual({cell["status"] for cell in json.loads((run / "results.json").read_text())["cells"]},
                         {"measured"})
        self.assertIn("report.html", self.call("report", "results/latest", "--no-png"))
        self.assertFalse((self.prefix / "share/probebench/results").exists())

    def test_a_sweep_goes_into_a_store_that_is_shown(self):
        (self.directory / "lab.toml").write_text(LAB)
        self.assertIn("1 of 1 measured", self.call("sweep", "lab.toml"))
        store = self.directory / "results/store.sqlite"
        self.assertTrue(store.exists())
        self.assertIn("6.12", self.call("history"))
        self.assertIn("6.12", page_of(self.start("serve", "--port", "0")))

    def test_arm64_needs_a_checkout(self):
        said = self.call("--arch", "arm64", "--probe-type", "ftrace", "--kernel", "6.12", expect=69)
        self.assertIn("--arch arm64 needs a checkout", said)

    def test_what_is_there_beside_the_programs(self):
        page = (self.prefix / "share/man/man1/run-bench.1").read_text()
        self.assertIn(".TH", page)
        self.assertIn("\\-\\-engine", page)  # of sweep, which is Python
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
