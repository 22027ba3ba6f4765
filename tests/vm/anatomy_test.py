# SPDX-License-Identifier: MIT
"""Paths of hits, recorded on booted kernels.

A path must have exactly as many instructions as an ordinary run, without the plugin, counts.
"""

import json
import subprocess
import unittest

from run_test import DEADLINE_S, PROGRAM, InDirectory, run

EIGHT = [
    "kprobe-stepped",
    "kprobe-optimized",
    "kprobe-ftrace",
    "kretprobe",
    "fprobe-exit",
    "fentry",
    "bpf-kprobe",
    "raw-tp",
]


def anatomy(directory, *arguments, expect=0):
    """Runs to the end; returns standard output and results.json."""
    done = subprocess.run(
        [PROGRAM, "anatomy", "--output", str(directory), *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    if done.returncode != expect:
        raise AssertionError(f"exit {done.returncode}, expected {expect}:\n{done.stderr}{done.stdout}")
    return done.stdout, json.loads((directory / "results.json").read_text())


def counts_of(results):
    return {
        cell["name"]: (cell["metrics"]["instructions_per_hit"]["value"], cell["baseline"]["per_call"]["value"])
        for cell in results["cells"]
        if cell["status"] == "measured"
    }


def symbols_of(path):
    return [run["symbol"].split(" [")[0] for run in path["runs"]]


class EightMechanisms(InDirectory):
    COST = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        selection = ["--probe-type", ",".join(EIGHT), "--kernel", "6.12"]
        ordinary = cls.directory / "ordinary"
        ordinary.mkdir()
        cls.ordinary, _ = run(ordinary, *selection)
        out, cls.results = anatomy(cls.directory, *selection, "--format", "json")
        cls.paths = {one["cell"]: one for one in json.loads(out)["anatomies"]}

    def path_of(self, probe_type):
        return next(path for name, path in self.paths.items() if name.startswith(probe_type + "/module/"))

    def test_every_measured_cell_has_its_path(self):
        self.assertGreaterEqual(len(self.paths), len(EIGHT))
        self.assertEqual(set(self.paths), set(counts_of(self.results)))
        for probe_type in EIGHT:
            self.assertTrue(any(name.startswith(probe_type) for name in self.paths), probe_type)

    def test_paths_have_what_an_ordinary_run_counts(self):
        for name, (per_hit, baseline) in counts_of(self.ordinary).items():
            path = self.paths[name]
            self.assertEqual((path["instructions_per_hit"], path["baseline_per_call"]), (per_hit, baseline), name)

    def test_the_plugin_changes_no_count(self):
        self.assertEqual(counts_of(self.results), counts_of(self.ordinary))

    def test_runs_and_phases_add_up(self):
        for name, path in self.paths.items():
            total = path["instructions_per_hit"] + path["baseline_per_call"]
            self.assertEqual(path["instructions"], total, name)
            self.assertEqual(sum(run["instructions"] for run in path["runs"]), total, name)
            self.assertEqual(sum(path["phases"].values()), total, name)

    def test_every_instruction_has_a_name(self):
        for name, path in self.paths.items():
            self.assertFalse({"no", "kprobe_insn_page", "kprobe_optinsn_page"} & set(symbols_of(path)), name)
            self.assertNotIn("no symbol", symbols_of(path), name)

    def test_the_path_of_an_int3(self):
        order = iter(symbols_of(self.path_of("kprobe-stepped")))
        for wanted in [
            "pb_site_mid_step",
            "asm_exc_int3",
            "poke_int3_handler",
            "get_kprobe",
            "pb_nop_kprobe_pre",
            "instruction slot",
            "asm_exc_int3",  # the second trap, behind the stepped instruction
            "pb_site_mid_step",
        ]:
            self.assertIn(wanted, order)

    def test_exceptions_are_a_metric(self):
        exceptions = {
            cell["name"].split("/")[0] + "/" + cell["site"]: cell["metrics"]["exceptions_per_hit"]["value"]
            for cell in self.results["cells"]
            if cell["status"] == "measured"
        }
        self.assertEqual(exceptions["kprobe-stepped/mid-step"], 2)
        self.assertEqual(exceptions["bpf-kprobe/mid-step"], 2)
        for name in ["kprobe-optimized/mid", "kprobe-ftrace/entry", "fprobe-exit/entry", "fentry/entry"]:
            self.assertEqual(exceptions[name], 0, name)

    def test_trampolines_and_programs_are_named(self):
        self.assertIn("bpf_trampoline", symbols_of(self.path_of("fentry")))
        self.assertIn("bpf_prog_nop_fentry", symbols_of(self.path_of("fentry")))
        self.assertIn("ftrace_trampoline", symbols_of(self.path_of("kprobe-ftrace")))
        self.assertIn("detour buffer", symbols_of(self.path_of("kprobe-optimized")))

    def test_the_recorded_instructions_are_not_left_behind(self):
        self.assertEqual(list(self.directory.glob("paths*")), [])
        self.assertTrue((self.directory / "anatomy.json").exists())

    def test_an_ordinary_run_records_nothing(self):
        for cell in self.ordinary["cells"]:
            self.assertIsNone(cell["metrics"]["exceptions_per_hit"])
        self.assertFalse((self.directory / "ordinary" / "anatomy.json").exists())


class TwoKernels(InDirectory):
    LABEL = "nightly"

    def test_the_difference_by_function_is_that_of_the_counts(self):
        out, results = anatomy(
            self.directory, "--probe-type", "kretprobe-ftrace", "--kernel", "6.1,6.12", "--diff", "--format", "json"
        )
        first, second = (sum(counts) for counts in (counts_of({"cells": [c]}).popitem()[1] for c in results["cells"]))
        difference = json.loads(out)
        self.assertEqual(sum(row["change"] for row in difference["symbols"]), second - first)
        self.assertEqual(difference["instructions"]["change"], second - first)
        self.assertNotEqual(second, first)
        changes = {row["symbol"]: row["change"] for row in difference["symbols"]}
        self.assertGreater(changes["objpool_push.isra.0"], 0)  # Linux 6.7 keeps instances in an object pool
        self.assertLess(changes["rethook_recycle"], 0)


class OtherLoops(InDirectory):
    """Loops in user space, and the one kernel that boosts."""

    LABEL = "nightly"

    def test_user_space_and_boosted(self):
        out, results = anatomy(
            self.directory,
            "--probe-type",
            "uprobe,uretprobe,kprobe-boosted,kprobe-stepped",
            "--kernel",
            "5.10",
            "--format",
            "json",
        )
        paths = {one["cell"]: one for one in json.loads(out)["anatomies"]}
        self.assertEqual(set(paths), set(counts_of(results)))
        exceptions = {name: path["exceptions_per_hit"] for name, path in paths.items()}
        self.assertEqual(exceptions["kprobe-boosted/module/mid/nop/threads:1"], 1)
        self.assertEqual(exceptions["kprobe-stepped/module/mid-step/nop/threads:1"], 2)
        # Debian's 5.10 has the stable backport that replaced the trap flag by a second int3.
        self.assertNotIn("asm_exc_debug", symbols_of(paths["kprobe-stepped/module/mid-step/nop/threads:1"]))
        self.assertEqual(exceptions["uprobe/user/nop/nop/threads:1"], 1)
        self.assertEqual(exceptions["uprobe/user/ret/nop/threads:1"], 2)
        self.assertIn("asm_exc_debug", symbols_of(paths["uprobe/user/ret/nop/threads:1"]))
        self.assertEqual(exceptions["uretprobe/user/nop/nop/threads:1"], 2)


class Skipped(InDirectory):
    def test_what_has_no_path_is_said(self):
        out, _ = anatomy(self.directory, "--probe-type", "kprobe-boosted", "--kernel", "6.12", expect=4)
        self.assertIn("skipped kprobe-boosted/module/mid/nop/threads:1", out)
        self.assertIn("CONFIG_PREEMPTION", out)


if __name__ == "__main__":
    unittest.main()
