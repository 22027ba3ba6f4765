# SPDX-License-Identifier: MIT
"""No space left, at each place that is written to: one line that says so, the right exit code, nothing finished lost,
and the next attempt works once there is space. Each place is a file system of its own, in its own mount namespace."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

from run_test import PROGRAM, InDirectory, exact_counts, run  # noqa: E402  (the path is set first)

ROOT = pathlib.Path(os.environ["PROBEBENCH_ROOT"])
CELLS = ("--accel", "tcg", "--kernel", "6.12", "--probe-type", "tracepoint,kprobe-optimized")
# Fills a file system of its own but for so many KiB, runs the command, then once more with the space back.
SCRIPT = r"""
set -u
place=$1 left_kib=$2; shift 2
mount -t tmpfs -o size=256m tmpfs "$place"
[ -z "${PB_CONTENT:-}" ] || cp -a "$PB_CONTENT/." "$place/"
free=$(df --output=avail -k "$place" | tail -1)
head -c $(( (free - left_kib) * 1024 )) /dev/zero > "$place/ballast"
"$@" >"$PB_SAID/out" 2>"$PB_SAID/first"; echo $? >"$PB_SAID/first-code"
rm -rf "$PB_SAID/kept"; mkdir "$PB_SAID/kept"
(cd "$place" && find . -type f ! -name ballast -size -1000k -exec cp --parents {} "$PB_SAID/kept/" \;)
rm "$place/ballast"
"$@" >"$PB_SAID/out" 2>"$PB_SAID/second"; echo $? >"$PB_SAID/second-code"
"""


class DiskFull(InDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.directory / "good"
        cls.good.mkdir()
        results, _ = run(cls.good, *CELLS[2:])
        cls.counts = exact_counts(results)
        cls.baselines = cls.directory / "baselines"
        cls.baselines.mkdir()
        subprocess.run([PROGRAM, "baseline", "update", cls.good, "--baselines", cls.baselines, "--reason", "first"],
                       check=True, capture_output=True)

    def full(self, argv, left_kib, content=None, place_name="place", environment=None):
        """What the command said with `left_kib` of space, and its exit code; with space it must work."""
        place, said = self.directory / place_name, self.directory / "said"
        place.mkdir(exist_ok=True)
        said.mkdir(exist_ok=True)
        words = [str(word).replace("{place}", str(place)) for word in argv]
        extra = {name: value.replace("{place}", str(place)) for name, value in (environment or {}).items()}
        private = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        subprocess.run(
            [*private, "sh", "-c", SCRIPT, "sh", place, str(left_kib), *words],
            env={**os.environ, **extra, "PB_SAID": str(said), "PB_CONTENT": str(content or "")},
            check=True,
            timeout=300,
        )
        second = int((said / "second-code").read_text())
        self.assertEqual(second, 0, (said / "second").read_text())
        return (said / "first").read_text(), int((said / "first-code").read_text()), said / "kept"

    def check_said(self, text, code, expected_code):
        """What was measured and could not be kept ends with 1, as a cell that failed does."""
        lines = [line for line in text.splitlines() if "No space left on device" in line]
        self.assertTrue(lines, text)
        self.assertTrue(lines[0].startswith("probebench: "), text)
        self.assertNotIn("Traceback", text)
        self.assertEqual(code, expected_code, text)

    def test_results_of_a_run(self):
        """The first bytes do not fit, some cells do, or only what comes last does not."""
        for left_kib in (0, 40, 64):
            text, code, kept = self.full([PROGRAM, *CELLS, "--output", "{place}/run"], left_kib)
            # A restored guest's log begins with what it said before: without place for that it is not started.
            self.check_said(text, code, 69 if "write the guest's log" in text else 1)
            results = kept / "run/results.json"
            if results.exists():
                finished = exact_counts(json.loads(results.read_text()))
                self.assertLessEqual(finished.items(), self.counts.items())

    def test_copies_of_a_run(self):
        for option in ("--json", "--benchmark_out="):
            path = "{place}/copy.json"
            tail = ["--", option + path] if option.endswith("=") else [option, path]
            text, code, _ = self.full([PROGRAM, *CELLS, "--output", self.directory / "other", *tail], 0)
            self.check_said(text, code, 1)

    def test_recorded_paths(self):
        argv = [PROGRAM, "anatomy", "--kernel", "6.12", "--probe-type", "tracepoint", "--output", "{place}/run"]
        text, code, _ = self.full(argv, 60)
        self.check_said(text, code, 1)

    def test_exports_of_the_gate(self):
        for form in ("json", "junit", "markdown", "csv"):
            argv = [PROGRAM, "gate", self.good, self.good, "--export", f"{form}={{place}}/x"]
            text, code, _ = self.full(argv, 0)
            self.check_said(text, code, 69)

    def test_a_baseline_is_the_old_one_or_the_new_one(self):
        argv = [PROGRAM, "baseline", "update", self.good, "--baselines", "{place}", "--reason", "again"]
        text, code, kept = self.full(argv, 0, content=self.baselines)
        self.check_said(text, code, 69)
        for path in self.baselines.iterdir():
            self.assertEqual((kept / path.name).read_bytes(), path.read_bytes())


if __name__ == "__main__":
    unittest.main()
