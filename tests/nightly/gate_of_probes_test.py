# SPDX-License-Identifier: MIT
"""A tool's author gates his own probe, on each kernel: the same object and module on both sides, and one instruction
more. tests/vm/cost_test.py does so once."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

import cost_test  # noqa: E402


class GateOfProbes(cost_test.Gate):
    test_one_instruction_more_is_exactly_that_and_named = None  # once is enough

    def lead_rows(self, base, head, kernel, expect):
        sides = ["--base", f"probe={base}", "--head", f"probe={head}", "--workload", "pread", "--kernel", kernel]
        told = self.gate(*sides, "--output", str(self.directory / "session"), expect=expect)
        return [row for target in told["targets"] for row in target["cells"] if row["lead"]]

    def test_the_same_probe_passes(self):
        for probe in (self.bpf_object("fentry/vfs_read", COUNT=1), cost_test.PROBES / "pre_handler.c"):
            for kernel in ("6.1", "6.12"):
                (row,) = self.lead_rows(probe, probe, kernel, 0)
                self.assertEqual((row["verdict"], row["absolute"]), ("pass", 0), f"{probe} on {kernel}")

    def test_one_instruction_more_on_several_kernels(self):
        base = pathlib.Path(self.bpf_object("kprobe/vfs_read")).rename(self.directory / "old.bpf.o")
        rows = self.lead_rows(base, self.bpf_object("kprobe/vfs_read", EXTRA=1), "6.1,6.12,newest", 3)
        self.assertEqual(len(rows), 3)
        for row in rows:
            self.assertEqual((row["absolute"], row["functions"]),
                             (1, [{"function": "bpf_prog_first [bpf]", "change": 1}]))


if __name__ == "__main__":
    unittest.main()
