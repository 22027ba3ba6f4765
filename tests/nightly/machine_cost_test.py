# SPDX-License-Identifier: MIT
"""A user's own probe on the running kernel of a full Debian machine; see full_machine.py."""

import json
import subprocess
import sys

from full_machine import ROOT, InMachine

sys.path.insert(0, str(ROOT / "tests/vm"))
from cost_test import PROBES, compile_probe  # noqa: E402

# $C: the command; nothing: that what it armed is gone, and so is the tool; armed: until the tool has defined its event.
SETTING = """
C="$P cost --target native --yes-attach-here --quiet"
T=/sys/kernel/tracing
events() { cat $T/kprobe_events; }
nothing() {
  for _ in $(seq 100); do [ -n "$(events)$(pgrep -x tool)" ] || break; sleep 0.2; done
  [ -z "$(events)$(pgrep -x tool)$(cat /sys/kernel/debug/kprobes/list)" ] || { echo "left: $(events)"; return 1; }
}
armed() {
  setsid $C --workload pread --output /keep/$1 -- /keep/tool $1 >/keep/$1.txt 2>&1 &
  for _ in $(seq 600); do grep -q tool/mine $T/kprobe_events && break; sleep 0.1; done
  R=$(pgrep -o -x probebench)
  A=$(pgrep -o -f 'probebench-agent --plan')
}
"""


class OwnProbes(InMachine):
    FIRST = "true"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        compile_probe(cls.keep, "kprobe/__x64_sys_getppid")
        subprocess.run(["cc", "-static", "-O2", "-o", cls.keep / "tool", PROBES / "tool.c"], check=True)

    @classmethod
    def run_there(cls, script):
        return cls.run_in(SETTING + script)

    def check(self, name):
        (told,) = json.loads((self.keep / name / "cost.json").read_text())["targets"]
        self.assertEqual(told["status"], "measured", told["reason"])
        self.assertEqual(told["time"]["unit"], "ns")
        self.assertGreater(told["time"]["per_hit"], 0)
        self.assertGreater(len(told["hits"]), 0)
        for one in told["hits"]:
            self.assertEqual(one["hits"]["counted"], one["hits"]["expected"], one)
        for site in told["sites"]:
            self.assertEqual((site["before"], site["address"]), (site["after"], None), site)

    def test_each_way_to_arm_is_timed_and_undone(self):
        said = self.run_there(
            "$C --workload null-syscall --bpf-object /keep/probe.bpf.o --output /keep/object && nothing && "
            "$C --workload pread --setup 'kprobe_events=p:mine vfs_read' --setup events/kprobes/mine/enable=1 "
            "--output /keep/lines && nothing && "
            "$C --workload pread --output /keep/tool-run -- /keep/tool well && nothing")
        for name in ("object", "lines", "tool-run"):
            self.check(name)
        self.assertIn("restored after", said)

    def test_nothing_of_a_users_is_disturbed(self):
        said = self.run_there(
            "echo 1 >$T/events/sched/sched_switch/enable; $C --workload pread --setup 'kprobe_events=p:mine vfs_read' "
            "--setup events/kprobes/mine/enable=1 --output /keep/busy; [ $? = 1 ] && "
            "grep -qx sched:sched_switch $T/set_event && nothing")
        self.assertIn("set_event has sched:sched_switch", said)

    def test_what_is_armed_goes_with_who_armed_it(self):
        self.run_there("armed well && kill -9 $A && nothing && armed stubborn && kill -9 $A && nothing && "
                       "armed forks && kill -9 $R && nothing && armed well && kill -INT -$R && nothing")
