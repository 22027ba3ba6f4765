# SPDX-License-Identifier: MIT
"""The running kernel of a full Debian machine, measured with the helper module (ci/machine). Only where CI_MACHINE=yes:
the image takes minutes to make, and the module some to build in emulation. Times in it decide nothing."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("PROBEBENCH_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ["PROBEBENCH_BUILD"])
DEADLINE_S = 1200
# $B: the program; left: what a run left.
SETTING = """
export B='{program} --target native --quiet'
left() {{
  for _ in $(seq 300); do [ -e /sys/module/probebench ] || break; sleep 0.1; done
  [ ! -e /sys/module/probebench ] || {{ echo "left: the module"; return 1; }}
  [ ! -s /sys/kernel/debug/kprobes/list ] || {{ echo "left: kprobes"; return 1; }}
  ! grep -q probebench /sys/kernel/tracing/dynamic_events
}}
pids() {{ grep -lxF "$1" /proc/[0-9]*/comm 2>/dev/null | tr -dc '0-9\\n'; }}
begin() {{  # a run that takes long enough, until it has loaded the module; its processes are R and A
  $B --probe-type kmod --load-module --rounds 500 --output /keep/$1 >/keep/$1.out 2>&1 &
  for _ in $(seq 3000); do [ ! -e /sys/module/probebench ] || break; sleep 0.1; done
  sleep 2
  R=$(pids probebench) A=$(pids probebench-agen | sort -n | head -n 1)
}}
"""


@unittest.skipUnless(os.environ.get("CI_MACHINE") == "yes", "CI_MACHINE is not yes")
class Machine(unittest.TestCase):
    LOCK = "machine"
    LABEL = "nightly"

    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.keep = pathlib.Path(kept.name)
        cls.run_in("$B --probe-type kprobe-stepped --load-module --rounds 3 --output /keep/first; left")

    @classmethod
    def run_in(cls, script, *options):
        setting = SETTING.format(program=BUILD / "bin" / "probebench")
        command = [ROOT / "ci/machine", "run", "--deadline", str(DEADLINE_S), "--keep", cls.keep, *options, "--",
                   setting + script]
        done = subprocess.run(command, text=True, capture_output=True, timeout=DEADLINE_S + 600, check=False)
        if done.returncode != 0:
            raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def cells(self, name):
        return json.loads((self.keep / name / "results.json").read_text())["cells"]

    def test_every_type_is_measured_or_says_why_not(self):
        self.run_in("$B --probe-type all --load-module --rounds 3 --output /keep/all; [ $? -lt 2 ] && left")
        cells = self.cells("all")
        by_module = [cell for cell in cells if cell["driver"] == "module"]
        self.assertNotIn("helper module", " ".join(cell["reason"] or "" for cell in cells))
        self.assertGreater(sum(cell["status"] == "measured" for cell in by_module), 16)
        for cell in cells:
            self.assertNotEqual(cell["status"], "errored", cell["reason"])
            if cell["status"] == "measured":
                self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"], cell["name"])

    def test_nothing_is_left_by_who_was_killed(self):
        self.run_in("begin runner; kill -9 $R; left && begin agent; kill -9 $A; left && "
                    "begin stopped; kill -INT $R; left")

    def test_what_nobody_was_left_to_take_out_is_cleaned_up(self):
        said = self.run_in("begin all; kill -9 $R $(pids probebench-agen); sleep 1; ls -d /sys/module/probebench; "
                           "{program} --force-cleanup; left".format(program=BUILD / "bin" / "probebench"))
        self.assertIn("put back: the helper module", said)

    def test_a_refusal_is_named(self):
        said = self.run_in("$B --probe-type kprobe-stepped --load-module --output /keep/locked; [ $? = 4 ]",
                           "--append", "lockdown=integrity")
        self.assertIn("lockdown=integrity takes only signed modules", " ".join(said.split()))
        said = self.run_in("begin holder; $B --probe-type kprobe-stepped --output /keep/beside; echo code $?; "
                           "kill $R; left")
        self.assertIn("code 69", said)

    def test_hidden_addresses_are_no_lack_of_functions(self):
        said = self.run_in("echo 2 >/proc/sys/kernel/kptr_restrict; "
                           "$B --probe-type raw-tp,bpf-tp --rounds 3 --output /keep/hidden; true")
        self.assertNotIn("has no function", " ".join(said.split()))


if __name__ == "__main__":
    unittest.main()
