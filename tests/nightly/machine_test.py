# SPDX-License-Identifier: MIT
"""The running kernel of a full Debian machine, measured with the helper module (ci/machine). Only where CI_MACHINE=yes:
the image takes minutes to make, and the module some to build in emulation. Its time is the number of instructions that
ran, so this host's load makes no row invalid. Wants programs without sanitizers, as ci/nightly gives it: in emulation
those take many times as long."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("PROBEBENCH_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ["PROBEBENCH_BUILD"])
DEADLINE_S = 1200
# $P: the program, $B: it on the running kernel; armed: a run that is held while a probe is in, its processes are R and
# A; left: whether a run left something. A file of debugfs has no size: only reading it says whether it is empty.
SETTING = """
export PROBEBENCH_ROOT={root} P={program}
B="$P --target native --quiet"
kprobes() {{ read -r _ </sys/kernel/debug/kprobes/list; }}
armed() {{
  setsid $B --probe-type kprobe-stepped --load-module --rounds 5000 --output /keep/$1 >/keep/$1.out 2>&1 &
  R=$!
  for _ in $(seq 3000); do
    kill -0 $R 2>/dev/null || break
    for A in $(cat /proc/$R/task/*/children); do
      [ "$(cat /proc/$A/comm)" = probebench-agen ] || continue
      kill -STOP $A
      until grep -q '^State:.*stopped' /proc/$A/status; do sleep 0.01; done
      ! kprobes || return 0
      kill -CONT $A
    done
    sleep 0.02
  done
  echo "never armed: $(cat /keep/$1.out)"
  return 1
}}
left() {{
  for _ in $(seq 600); do kill -0 $R 2>/dev/null || [ -e /sys/module/probebench ] || break; sleep 0.1; done
  ! kill -0 $R 2>/dev/null || {{ echo "left: the run"; return 1; }}
  [ ! -e /sys/module/probebench ] || {{ echo "left: the module"; return 1; }}
  ! kprobes || {{ echo "left: $(cat /sys/kernel/debug/kprobes/list)"; return 1; }}
  ! grep probebench /sys/kernel/tracing/dynamic_events
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
        # Builds the module, once.
        cls.run_in("$B --probe-type kprobe-stepped --load-module --rounds 3 --output /keep/first && left")

    @classmethod
    def run_in(cls, script, *options):
        setting = SETTING.format(root=ROOT, program=BUILD / "bin" / "probebench")
        command = [ROOT / "ci/machine", "run", "--deadline", str(DEADLINE_S), "--keep", cls.keep, *options, "--",
                   setting + script]
        done = subprocess.run(command, text=True, capture_output=True, timeout=DEADLINE_S + 600, check=False)
        if done.returncode != 0:
            raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        return " ".join((done.stdout + done.stderr).split())  # a table's lines are broken anywhere

    def cells(self, name):
        return json.loads((self.keep / name / "results.json").read_text())["cells"]

    def test_every_type_is_measured_or_says_why_not(self):
        self.run_in("$B --probe-type all --load-module --rounds 3 --output /keep/all && left")
        cells = self.cells("all")
        by_module = [cell for cell in cells if cell["driver"] == "module"]
        self.assertNotIn("helper module", " ".join(cell["reason"] or "" for cell in cells))
        self.assertGreater(sum(cell["status"] == "measured" for cell in by_module), 16)
        for cell in cells:
            self.assertIn(cell["status"], ("measured", "skipped"), f"{cell['name']}: {cell['reason']}")
            if cell["status"] == "measured":
                self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"], cell["name"])

    def test_nothing_is_left_by_who_was_killed_while_a_probe_was_in(self):
        self.run_in("armed runner && kill -9 $R && left && "
                    "armed agent && kill -9 $A && left")
        self.assertIn("the agent was ended by signal 9", (self.keep / "agent.out").read_text())

    def test_nothing_is_left_by_who_was_interrupted_while_a_probe_was_in(self):
        # As a terminal does it: all processes of the run.
        self.run_in("armed stopped && kill -INT -$R && kill -CONT $A && left")
        self.assertIn("interrupted", (self.keep / "stopped.out").read_text())

    def test_what_nobody_was_left_to_take_out_is_cleaned_up(self):
        said = self.run_in("armed killed && kill -9 $R $(grep -lxF probebench-agen /proc/[0-9]*/comm | "
                           "tr -dc '0-9\\n'); sleep 1; ls -d /sys/module/probebench && ! kprobes && "
                           "$P --force-cleanup && left")
        self.assertIn("put back: the helper module", said)

    def test_a_module_that_another_process_uses_names_it(self):
        said = self.run_in("insmod $(find /root/.cache/probebench/modules -name probebench.ko | head -n 1) && "
                           "{ sleep 600 5<>/dev/probebench & }; until [ -e /proc/$!/fd/5 ]; do sleep 0.1; done; "
                           "$B --probe-type kprobe-stepped --output /keep/owned; echo code $?; echo owner $!; "
                           "kill $!; wait; $P --force-cleanup && left")
        owner = said.split("owner ")[1].split()[0]
        self.assertIn(f"the helper module is loaded, and in use by process {owner} (sleep)", said)
        self.assertIn("code 4 ", said)
        self.assertIn("put back: the helper module", said)

    def test_a_run_beside_another_names_it(self):
        said = self.run_in("armed holder && $B --probe-type kprobe-stepped --output /keep/beside; echo code $?; "
                           "echo owner $R; kill $R; kill -CONT $A; left")
        owner = said.split("owner ")[1].split()[0]
        self.assertIn(f"beside process {owner} of root (probebench)", said)
        self.assertIn("code 69 ", said)

    def test_a_refusal_is_named(self):
        said = self.run_in("$B --probe-type kprobe-stepped --load-module --output /keep/locked; [ $? = 4 ]",
                           "--append", "lockdown=integrity")
        self.assertIn("lockdown=integrity takes only signed modules", said)

    def test_hidden_addresses_are_no_lack_of_functions(self):
        said = self.run_in("echo 2 >/proc/sys/kernel/kptr_restrict; "
                           "$B --probe-type raw-tp,bpf-tp --rounds 3 --output /keep/hidden; [ $? = 4 ]")
        self.assertNotIn("has no function", said)
        self.assertIn("kernel.kptr_restrict is 2", said)


if __name__ == "__main__":
    unittest.main()
