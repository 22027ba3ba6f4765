# SPDX-License-Identifier: MIT
"""What predict counts on the running kernel of a full Debian machine: known numbers; see full_machine.py."""

import json

from full_machine import BUILD, InMachine

PROBED = BUILD / "bin" / "probed_program"  # tests/programs/probed.S: how often each of its places is passed
PLACES = {
    "kprobe:__x64_sys_getpgid": 300,
    "fentry:vmlinux:__x64_sys_getpgid": 300,
    "kretprobe:__x64_sys_getpgid": 300,
    "t:syscalls:sys_enter_getpgid": 300,
    f"uprobe:{PROBED}:work": 1000,
    f"usdt:{PROBED}:probed:tick": 250,
}
# Whose hits are none of the command's.
OTHERS = f"{{ while :; do {PROBED}; done & }}; OTHERS=$!; "


class Predictions(InMachine):

    def count(self, name, options, command):
        """Of a command that is a script for sh, while another process passes the same places, one of which is a cell's
        own: that cell is invalid, and the code is 1."""
        asked = " ".join(f"--probe {place}" for place in PLACES)
        said = self.run_in(f"{OTHERS} $P predict --target native --quiet {options} {asked} --output /keep/{name} -- "
                           f"sh -c '{command}' || [ $? = 1 ] || exit 1; kill $OTHERS; wait; left")
        (told,) = json.loads((self.keep / name / "predict.json").read_text())["targets"]
        return told, said

    def check(self, told, times):
        for site, hits in zip(told["sites"], PLACES.values()):
            self.assertEqual((site["status"], site["runs"]), ("measured", [hits * times] * 3), site)
        self.assertIsNotNone(told["overhead_percent"])

    def test_with_commands_that_fork(self):
        told, _ = self.count("forks", "--load-module", f"{PROBED} & {PROBED} & wait; {PROBED}")
        self.check(told, 3)
        self.assertEqual({site["counted_by"] for site in told["sites"]}, {"perf event"})

    def test_with_a_process_that_is_left_behind(self):
        told, said = self.count("daemon", "--load-module", f"{PROBED} daemon; {PROBED}")
        self.check(told, 2)
        self.assertEqual(told["outlived"], 1, said)


class OlderKernel(Predictions):
    KERNEL = "6.1"
