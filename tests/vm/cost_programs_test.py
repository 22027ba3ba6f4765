# SPDX-License-Identifier: MIT
"""cost with a user's own program as the workload."""

import json
import os
import re

import cost_test
from cost_test import Cost


class LongPrograms(Cost):
    CALLS = 3000

    def test_a_window_may_have_few_runs(self):
        script = self.directory / "calls.sh"
        script.write_text(f"#!/bin/sh\ni=0\nwhile [ $i -lt {self.CALLS} ]; do kill -0 $$; i=$((i + 1)); done\n")
        script.chmod(0o755)
        probe = self.bpf_object("kprobe/__x64_sys_kill")
        code, told, said = self.cost("--workload", str(script), "--bpf-object", probe)
        self.assertEqual((code, told["status"]), (0, "measured"), said)
        self.assertTrue(1 <= told["operations"] < 8, told["operations"])
        (hits,) = told["hits"]
        self.assertEqual((hits["hits"]["counted"], hits["hits"]["missed"]), (self.CALLS * told["armed_operations"], 0))


class Programs(Cost):
    LABEL = "nightly"

    def test_a_run_of_a_program_has_the_hits_that_it_has(self):
        program = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "probed_program")
        probe = self.bpf_object("kprobe/__x64_sys_getppid")
        code, told, said = self.cost("--workload", program, "--bpf-object", probe)
        self.assertEqual((code, told["status"], told["workload"]), (0, "measured", "command"), said)
        (hits,) = told["hits"]
        self.assertEqual((hits["hits"]["counted"], hits["hits"]["missed"]), (200 * told["armed_operations"], 0))
        per_hit = told["figures"]["per_hit"] / 200
        _, single, _ = self.cost("--workload", "null-syscall", "--bpf-object", probe)
        self.assertAlmostEqual(per_hit, single["figures"]["per_hit"], delta=0.1 * per_hit)
        self.assertRegex(said, r"per hit +about \d+ insns")


class LengthyOperations(Cost):
    LABEL = "nightly"

    def event(self, name):
        code, told, said = self.cost("--workload", "fork-exec-wait", "--setup", f"events/{name}/enable=1")
        self.assertEqual(told["operation"], "run", said)
        (hits,) = told["hits"]
        return code, told, hits["hits"], said

    def test_an_operation_longer_than_a_tick_is_taken_whole(self):
        code, told, hits, said = self.event("kmem/kmem_cache_alloc")
        self.assertEqual((code, told["status"], hits["missed"]), (0, "measured", 0), said)
        self.assertGreater(hits["counted"], 100 * told["armed_operations"])
        self.assertRegex(said, r"per op .*fork-exec-wait")
        self.assertRegex(said, r"hits .* in \d+ operations, 0 missed")

    def test_each_starts_one_program(self):
        """One hit is less than what runs differ by, so whether it has a figure is open; its count is not."""
        _, told, hits, _ = self.event("sched/sched_process_exec")
        self.assertEqual((hits["counted"], hits["missed"]), (told["armed_operations"], 0))

    def test_arithmetic_hits_nothing(self):
        probe = self.bpf_object("kprobe/__x64_sys_getppid")
        code, told, said = self.cost("--workload", "cpu-loop", "--bpf-object", probe)
        self.assertEqual((code, told["status"]), (1, "invalid"), said)
        self.assertIn("no operation", told["reason"])


class ArmedAgain(Cost):
    LABEL = "nightly"

    def test_what_the_first_arming_left_behind_is_in_both_figures(self):
        """On Linux 6.1 a page that is touched takes 28 instructions more, once a probe was armed."""
        code, told, said = self.cost("--workload", "page-alloc", "--setup", "kprobe_events=p:mine handle_mm_fault",
                                     "--setup", "events/kprobes/mine/enable=1", kernel="6.1")
        self.assertEqual((code, told["status"], told["armings"]), (0, "measured", 2), said)
        (hits,) = told["hits"]
        self.assertEqual(hits["hits"], {"expected": told["armed_operations"], "counted": told["armed_operations"],
                                        "missed": 0})
        self.assertIn("armed again", said)


class MarkedPrograms(Cost):
    LABEL = "nightly"  # marked_program_test.cpp has the program without a kernel
    PROGRAM = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "marked_program")

    def test_what_it_marks_costs_what_our_own_operation_does(self):
        probe = self.bpf_object("kprobe/__x64_sys_getppid")
        code, told, said = self.cost("--workload", self.PROGRAM, "--bpf-object", probe)
        self.assertEqual((code, told["status"], told["operation"]), (0, "measured", "marked"), said)
        (hits,) = told["hits"]
        self.assertEqual(hits["hits"], {**hits["hits"], "counted": hits["hits"]["expected"], "missed": 0})
        self.assertEqual(told["figures"]["class"], "exact")
        # Three functions begin there; the listings know one of them.
        self.assertEqual({site["arming"] for site in told["sites"]} & {"ftrace", "unknown"}, {"ftrace"})
        _, single, _ = self.cost("--workload", "null-syscall", "--bpf-object", probe)
        self.assertEqual(told["figures"]["per_hit"], single["figures"]["per_hit"])

    def test_hits_between_its_marks_are_invalid(self):
        probe = self.bpf_object("kprobe/__x64_sys_getppid")
        code, told, said = self.cost("--workload", f"{self.PROGRAM} 1000000 1", "--bpf-object", probe)
        self.assertEqual((code, told["status"]), (1, "invalid"), said)


class Misses(Cost):
    LABEL = "nightly"

    def test_a_probe_that_the_kernel_passes_over_is_invalid(self):
        """An int3 in a function that another probe's handler calls: kprobes do not nest, so each hit is a miss."""
        lines = ("kprobe_events=p:outer do_sys_openat2 name=+0(%si):ustring",
                 "kprobe_events=p:inner strncpy_from_user_nofault+9",
                 "events/kprobes/outer/enable=1", "events/kprobes/inner/enable=1")
        setup = [word for line in lines for word in ("--setup", line)]
        reason = self.invalid("--workload", "open-close", *setup)
        operations = re.fullmatch(r"kprobes/inner: 0 hits of (\d+) operations, (\d+) missed", reason)
        self.assertTrue(operations, reason)
        self.assertEqual(*operations.groups(), reason)


class Carried(cost_test.Tools):
    LABEL = "nightly"

    def facts(self):
        (target,) = json.loads((self.directory / "out/results.json").read_text())["targets"]
        return target["host"]

    def test_more_than_fits_an_archive_is_on_a_disk_and_counts_the_same(self):
        """The files beside the tool are what there is to carry; it does not look at them."""
        large = self.directory / "large"
        large.write_bytes(b"carried" * (15 << 20))
        code, few, said = self.run_tool("well")
        self.assertEqual((code, few["status"]), (0, "measured"), said)
        self.assertNotIn("guest.carried", self.facts())
        code, told, said = self.cost("--workload", "pread", "--", self.tool, "well", str(large))
        self.assertEqual((code, told["status"]), (0, "measured"), said)
        self.assertEqual(self.facts()["guest.carried"], "disk")
        # What is recorded fills pages of tracefs, whose ends fall where they fall.
        self.assertAlmostEqual(told["figures"]["per_hit"], few["figures"]["per_hit"], delta=1)
