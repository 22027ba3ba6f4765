# SPDX-License-Identifier: MIT
"""What tests in a full Debian machine (ci/machine) do alike. Only where CI_MACHINE=yes: the image takes minutes to
make, and the module some to build in emulation. Its time is the number of instructions that ran, so this host's load
makes no row invalid. Those of the label nightly want programs without sanitizers, as ci/nightly gives them: in
emulation those take several times as long."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("PROBEBENCH_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ["PROBEBENCH_BUILD"])
DEADLINE_S = 1200
PATIENCE_S = 21600  # a machine ends by a clock of its own, with what waits for it; a busy host may take long
# $P: the program, $B: it on the running kernel; armed: a run that is held while probes are in, as many as LEAST says,
# its processes are R and A; left: whether a run left something; tenfold: a try after the other. A file of debugfs has
# no size: only reading it says whether it is empty.
SETTING = """
export PROBEBENCH_ROOT={root} P={program}
B="$P --target native --quiet"
KPROBE="--probe-type kprobe-stepped --rounds 5000"
dmesg -C
kprobes() {{ wc -l </sys/kernel/debug/kprobes/list; }}
armed() {{
  local name=$1
  shift
  [ $# -gt 0 ] || set -- $KPROBE
  setsid $P "$@" --target native --quiet --load-module --output /keep/$name >/keep/$name.out 2>&1 &
  R=$!
  for _ in $(seq 600); do
    kill -0 $R 2>/dev/null || break
    for A in $(cat /proc/$R/task/*/children); do
      grep -qszx -e --plan /proc/$A/cmdline || continue  # one that cleans up is soon gone
      kill -STOP $A
      until grep -q '^State:.*stopped' /proc/$A/status; do sleep 0.01; done
      [ $(kprobes) -lt ${{LEAST:-1}} ] || return 0
      kill -CONT $A
    done
    sleep 0.3  # to look takes from the run what it needs to come there
  done
  echo "never armed: $(cat /keep/$name.out)"
  return 1
}}
left() {{
  for _ in $(seq 300); do kill -0 $R 2>/dev/null || [ -e /sys/module/probebench ] || break; sleep 0.2; done
  ! kill -0 $R 2>/dev/null || {{ echo "left: the run"; return 1; }}
  [ ! -e /sys/module/probebench ] || {{ echo "left: the module"; return 1; }}
  [ $(kprobes) = 0 ] || {{ echo "left: $(cat /sys/kernel/debug/kprobes/list)"; return 1; }}
  ! grep probebench /sys/kernel/tracing/dynamic_events || {{ echo "left: events"; return 1; }}
  ! dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace|lockup|stall' || {{ echo "left: a word of the kernel's"; return 1; }}
}}
tenfold() {{
  for try in $(seq 10); do "$@" || {{ echo "at try $try"; return 1; }}; done
}}
"""


@unittest.skipUnless(os.environ.get("CI_MACHINE") == "yes", "CI_MACHINE is not yes")
class InMachine(unittest.TestCase):
    LOCK = "machine"
    LABEL = "nightly"
    TIMEOUT = 21600
    KERNEL = "6.12"
    DEADLINE_S = DEADLINE_S  # of one test, by the machine's clock
    OPTIONS = ()  # of ci/machine
    FIRST = "$B --probe-type kprobe-stepped --load-module --rounds 3 --output /keep/first && left"  # builds the module

    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.keep = pathlib.Path(kept.name)
        cls.run_in(cls.FIRST)

    @classmethod
    def run_in(cls, script, *options):
        setting = SETTING.format(root=ROOT, program=BUILD / "bin" / "probebench")
        command = [ROOT / "ci/machine", "run", "--kernel", cls.KERNEL, "--deadline", str(cls.DEADLINE_S), "--keep",
                   cls.keep, *cls.OPTIONS, *options, "--", setting + script]
        done = subprocess.run(command, text=True, capture_output=True, check=False)  # it has a deadline of its own
        if done.returncode != 0:
            raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        return " ".join((done.stdout + done.stderr).split())  # a table's lines are broken anywhere

    def results(self, name):
        return json.loads((self.keep / name / "results.json").read_text())

    def cells(self, name):
        return self.results(name)["cells"]

    def check_every_type(self):
        """Each is measured, or says why not; nothing is left."""
        self.run_in("$B --probe-type all --load-module --rounds 3 --output /keep/all && left")
        self.check_types("all")

    def check_types(self, name):
        cells = self.cells(name)
        by_module = [cell for cell in cells if cell["driver"] == "module"]
        self.assertNotIn("helper module", " ".join(cell["reason"] or "" for cell in cells))
        self.assertGreater(sum(cell["status"] == "measured" for cell in by_module), 16)
        for cell in cells:
            self.assertIn(cell["status"], ("measured", "skipped"), f"{cell['name']}: {cell['reason']}")
            if cell["status"] == "measured":
                self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"], cell["name"])
