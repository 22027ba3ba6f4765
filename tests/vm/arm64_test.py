# SPDX-License-Identifier: MIT
"""The other architecture, emulated. Needs the agent that ci/arm64-agent builds: without it nothing is tried."""

import pathlib
import subprocess
import unittest

from anatomy_test import anatomy
from run_test import DEADLINE_S, PROGRAM, InDirectory, exact_counts, run

GATE_SELFTEST = pathlib.Path(__file__).parents[2] / "ci" / "gate-selftest"
AGENT = pathlib.Path(PROGRAM).with_name("probebench-agent-arm64")
HAS_AGENT = AGENT.exists()
NEEDS_AGENT = unittest.skipUnless(HAS_AGENT, f"{AGENT} is not built: ci/arm64-agent {AGENT.parent}")

# The armed word at the site, lowest byte first: brk #4, bl, b.
TRAP = "800020d4"
ARMED = {
    ("kprobe-stepped", "mid-step"): TRAP,
    ("kprobe-stepped", "entry"): TRAP,
    ("kprobe-emulated", "mid-emulated"): TRAP,
    ("kprobe-post", "mid"): TRAP,
    ("kretprobe-int3", "notrace"): TRAP,
    ("ftrace", "entry"): None,
    ("tracepoint", "tracepoint"): None,
}


def word(evidence):
    return evidence["armed"].replace(" ", "")[:8]


@NEEDS_AGENT
class Arm64(InDirectory):
    COST = 40

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.results, cls.done = run(cls.directory, "--arch", "arm64", "--probe-type", "kmod", "--kernel", "6.12")

    def cells(self, status):
        return [cell for cell in self.results["cells"] if cell["status"] == status]

    def test_the_rows_it_has_are_measured(self):
        measured = {(cell["probe_type"], cell["site"]) for cell in self.cells("measured")}
        self.assertEqual(measured, set(ARMED))
        self.assertEqual(self.cells("invalid") + self.cells("errored"), [])

    def test_the_others_say_why(self):
        reasons = {cell["probe_type"]: cell["reason"] for cell in self.cells("skipped")}
        self.assertIn("CONFIG_HAVE_OPTPROBES", reasons["kprobe-optimized"])
        self.assertIn("CONFIG_HAVE_KPROBES_ON_FTRACE", reasons["kprobe-ftrace"])
        self.assertIn("CONFIG_DYNAMIC_FTRACE_WITH_REGS", reasons["ftrace-regs"])
        self.assertIn("CONFIG_FPROBE", reasons["fprobe-entry"])

    def test_words_prove_the_mechanism(self):
        for cell in self.cells("measured"):
            evidence = cell["evidence"]
            expected = ARMED[cell["probe_type"], cell["site"]]
            if expected:
                self.assertEqual(word(evidence), expected, cell["name"])
            self.assertEqual(evidence["arch"], "arm64")
            self.assertEqual(evidence["after"], evidence["before"], cell["name"])
            self.assertTrue(evidence["decoded"], cell["name"])

    def test_counts_are_exact_and_hits_are_calls(self):
        self.assertEqual(len(exact_counts(self.results)), len(ARMED))
        for cell in self.cells("measured"):
            self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"], cell["name"])

    def test_a_step_takes_a_second_trap(self):
        counts = {cell["site"]: cell["metrics"]["instructions_per_hit"]["value"] for cell in self.cells("measured")
                  if cell["probe_type"].startswith("kprobe-")}
        self.assertGreater(counts["mid-step"], counts["mid-emulated"])
        self.assertEqual(counts["mid-step"], counts["entry"])

    def test_the_guest_was_restored(self):
        self.assertEqual(self.results["targets"][0]["host"]["guest.start"], "restored after its boot")

    def test_the_architecture_is_said(self):
        target = self.results["targets"][0]
        self.assertEqual(target["host"]["arch"], "arm64")
        self.assertIn("arm64", target["id"])


@NEEDS_AGENT
class Gate(InDirectory):
    def test_one_more_instruction_is_found_and_named(self):
        command = [GATE_SELFTEST, "--arch", "arm64", "--kernel", "6.12", "--native", "no", AGENT.parents[1]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * DEADLINE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"ok +one more instruction: \+1 in \d+ cells")


@NEEDS_AGENT
class Arm64OnEveryKernel(InDirectory):
    LABEL = "nightly"
    KERNELS = "6.1,6.12,newest"

    def counts(self, kernel, name, *guests):
        directory = self.directory / f"{kernel}-{name}"
        directory.mkdir()
        results, _ = run(directory, "--arch", "arm64", "--probe-type", "all", "--kernel", kernel,
                         "--handler", "nop,count", *guests)
        for cell in results["cells"]:
            self.assertIn(cell["status"], ("measured", "skipped"), f"{cell['name']}: {cell['reason']}")
            if cell["status"] == "measured":
                self.assertEqual(cell["metrics"]["instructions_per_hit"]["class"], "exact", cell["name"])
        return {cell["name"]: cell["metrics"]["instructions_per_hit"]["value"]
                for cell in results["cells"] if cell["status"] == "measured"}

    def test_every_row_is_measured_or_skipped_and_two_boots_agree(self):
        for kernel in self.KERNELS.split(","):
            with self.subTest(kernel):
                one = self.counts(kernel, "one", "--jobs", "1")
                # Cells are dealt to other guests, after other cells.
                self.assertEqual(one, self.counts(kernel, "two", "--jobs", "2", "--deal", "5"))
                # Ticks come at other moments.
                self.assertEqual(one, self.counts(kernel, "booted", "--jobs", "1", "--fresh-boot"))

    def test_paths_have_as_many_instructions_as_are_counted(self):
        out, results = anatomy(self.directory, "--arch", "arm64", "--kernel", self.KERNELS, "--probe-type",
                               "kprobe-stepped,kprobe-emulated,kretprobe,ftrace,fentry,uprobe")
        measured = [cell for cell in results["cells"] if cell["status"] == "measured"]
        self.assertTrue(all(cell["metrics"]["exceptions_per_hit"] for cell in measured))
        # What leads from the module to ftrace is not a function of the module's.
        self.assertRegex(out, r" entry +\(plt\) \[probebench\]")
        self.assertNotIn("pb_exit", out)


@NEEDS_AGENT
class BothArchitectures(InDirectory):
    LABEL = "nightly"

    def test_they_are_two_columns_of_one_table(self):
        results, done = run(self.directory, "--arch", "x86-64,arm64", "--probe-type", "kprobe-stepped,ftrace",
                            "--kernel", "6.12")
        self.assertEqual([target["host"].get("arch") for target in results["targets"]], [None, "arm64"])
        self.assertNotEqual(*(target["fingerprint"] for target in results["targets"]))
        self.assertRegex(done.stdout, r"6\.12\.\d+ +6\.12\.\d+\n +x86-64 +arm64\n")
        entry = [cell["target"] for cell in results["cells"] if cell["site"] == "entry" and
                 cell["probe_type"] == "kprobe-stepped"]
        self.assertEqual(entry, [results["targets"][1]["id"]])


class WithoutTheAgent(InDirectory):
    @unittest.skipIf(HAS_AGENT, "it is built here")
    def test_it_is_named(self):
        with self.assertRaisesRegex(AssertionError, "ci/arm64-agent"):
            run(self.directory, "--arch", "arm64", "--probe-type", "ftrace", "--kernel", "6.12")


if __name__ == "__main__":
    unittest.main()
