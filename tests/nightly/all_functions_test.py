# SPDX-License-Identifier: MIT
"""Rows among all functions: a probe on one, while every other function has one that does nothing."""

from run_test import InDirectory, run

ALONE = "fprobe-entry,fprobe-exit,bpf-kprobe-multi,bpf-kretprobe-multi"


def by_type(results):
    return {cell["probe_type"]: cell for cell in results["cells"]}


class AmongAllFunctions(InDirectory):
    def measure(self, kernel, **expected):
        results, done = run(
            self.directory, "--probe-type", f"{ALONE},all-functions", "--handler", "nop", "--kernel", kernel, **expected
        )
        return by_type(results), done.stdout

    def check(self, cells, alone):
        among = cells[f"{alone}-all"]
        self.assertEqual(among["status"], "measured", among["reason"])
        self.assertEqual(among["hits"]["counted"], among["hits"]["expected"])
        self.assertEqual((among["hits"]["missed"], among["hits"]["elsewhere"]), (0, 0))
        self.assertEqual(among["evidence"]["after"], among["evidence"]["before"])
        self.assertGreater(among["evidence"]["crowd"]["functions"], 20000)
        self.assertIsNone(cells[alone]["evidence"]["crowd"])
        cost = [cell["metrics"]["instructions_per_hit"] for cell in (cells[alone], among)]
        self.assertEqual([one["class"] for one in cost], ["exact", "exact"])
        return cost[1]["value"] - cost[0]["value"]

    def test_every_one_is_measured_on_6_12(self):
        cells, text = self.measure("6.12")
        for alone in ALONE.split(","):
            with self.subTest(alone):
                more = self.check(cells, alone)
                self.assertRegex(text, rf"(?s)note {alone}-all: among \d+ other functions")
                # Of its own path an fprobe has nothing that could be probed; what runs a BPF program has.
                self.assertEqual(more > 0, alone.startswith("bpf-"), more)

    def test_debians_6_1_has_none_of_them(self):
        cells, _ = self.measure("6.1", expect=4)
        self.assertEqual({cell["status"] for cell in cells.values()}, {"skipped"})
        self.assertEqual(cells["bpf-kprobe-multi-all"]["lacking"]["capability"], "bpf-kprobe-multi")
