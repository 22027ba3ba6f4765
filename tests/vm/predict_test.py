# SPDX-License-Identifier: MIT
"""predict, and workloads under a suite, on a booted kernel."""

import json
import os
import re
import shutil
import subprocess
import unittest

import cost_test
from run_test import DEADLINE_S, PROGRAM, InDirectory

# tests/programs/probed.S: how often each of its places is passed
PROBED = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", "probed_program")


def run(directory, *arguments):
    """Returns the exit code, standard output and standard error."""
    done = subprocess.run(
        [PROGRAM, *arguments[:1], "--kernel", "6.12", "--accel", "tcg", "--output", str(directory), *arguments[1:]],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    return done.returncode, done.stdout, done.stderr


def offset_of(function):
    """In PROBED, whose addresses are offsets plus a constant."""
    listed = subprocess.run(["nm", PROBED], capture_output=True, text=True, check=True).stdout
    (address,) = [line.split()[0] for line in listed.splitlines() if line.split()[2] == function]
    return int(address, 16) - 0x400000


class OnePrediction(InDirectory):
    def told(self):
        (target,) = json.loads((self.directory / "predict.json").read_text())["targets"]
        return target

    def own_probe_is_measured_and_counted(self, *arming):
        """On what the command calls 200 times: the cost is that of `cost`, the hits are the kernel's."""
        arguments = ["predict", *arming, "--workload", "null-syscall", "--", PROBED]
        code, out, err = run(self.directory, *arguments)
        self.assertEqual(code, 0, err + out)
        (site,) = self.told()["sites"]
        self.assertEqual(site["hits"], {"value": 200, "low": 200, "high": 200})
        (own,) = self.told()["own_probe"]
        self.assertEqual((own["runs"], own["missed"], own["counted_by"]), ([200] * 3, 0, "run_cnt"))
        (cell,) = json.loads((self.directory / "results.json").read_text())["cells"]
        self.assertEqual(site["per_hit"]["value"], cell["metrics"]["instructions_per_hit"]["value"])
        self.assertEqual(site["overhead"]["value"], 200 * site["per_hit"]["value"])


class Predict(OnePrediction):
    COST = 100

    def test_counts_and_multiplies(self):
        probes = ["--probe", "kprobe-optimized:vfs_read", "--probe", "kprobe-optimized:no_such_function"]
        code, out, err = run(self.directory, "predict", *probes[:2], "--", "true")
        self.assertEqual(code, 0, err)
        self.assertIn("vfs_read", out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        told = json.loads((self.directory / "predict.json").read_text())["targets"][0]
        (site,) = told["sites"]
        self.assertEqual(site["counted_by"], "kprobe")
        self.assertGreaterEqual(min(site["runs"]), 1, "the loader reads each library's head")
        self.assertAlmostEqual(site["overhead"]["value"], site["hits"]["value"] * site["per_hit"]["value"])
        percent = told["overhead_percent"]
        self.assertLess(percent["low"], percent["value"])
        self.assertGreater(percent["high"], percent["value"])

        code, out, err = run(self.directory, "predict", *probes, "--", "true")
        self.assertEqual(code, 1)
        self.assertIn("no_such_function: not in this kernel", err)
        self.assertIn("no answer", out)

    def test_counts_what_is_known(self):
        """Every kind of place, two types at one function, and a process that the command leaves behind."""
        known = {
            "uprobe:%s:work": 1000,
            "perf-uprobe:%s+" + hex(offset_of("work") + 1): 1000,
            "uretprobe:%s:work": 1000,
            "usdt:%s:probed:tick": 250,
            "kprobe:__x64_sys_getpgid": 300,
            "fentry:vmlinux:__x64_sys_getpgid": 300,
            "kprobe-optimized:__x64_sys_getpgid": 300,
            "t:syscalls:sys_enter_getpgid": 300,
        }
        spelled = os.path.relpath(PROBED)
        probes = [word for probe in known for word in ("--probe", probe.replace("%s", spelled))]
        code, out, err = run(self.directory, "predict", *probes, "--", PROBED, "daemon")
        self.assertEqual(code, 0, err)
        sites = self.told()["sites"]
        self.assertEqual([site["runs"] for site in sites], [[hits] * 3 for hits in known.values()])
        self.assertIn("note: 1 of the command's processes still ran", out)
        self.assertEqual(self.told()["outlived"], 1)

    def test_refuses_what_cannot_be(self):
        refused = {
            "kprobe-optimized:vfs_read+0xffffff": r"vfs_read is \d+ bytes long on this kernel",
            "kprobe:vfs_read+3": "[+]3 is inside an instruction; it begins at",
            "fentry:finish_task_switch.isra.0": "BTF does not know that function",
            "fmod-ret:vfs_read": "vfs_read.* is not modifiable",
            "kretprobe-int3:do_exit": "do_exit never returns",
            "kprobe:vfs_raed": "vfs_raed: not in this kernel; did you mean vfs_read",
            "raw-tp:sched:sched_swich": "sched_swich: not in this kernel; did you mean sched_switch",
        }
        probes = [word for probe in refused for word in ("--probe", probe)]
        code, out, err = run(self.directory, "predict", *probes, "--probe", "kprobe:vfs_read", "--", PROBED)
        self.assertEqual(code, 1)
        self.assertIn("no answer", out)
        for probe, reason in refused.items():
            self.assertRegex(err, f"{re.escape(probe)}: .*{reason}")
        self.assertTrue(all(site["hits"] is None for site in self.told()["sites"]))

    def test_own_object_is_measured_and_counted(self):
        probe = cost_test.compile_probe(self.directory, "kprobe/__x64_sys_getppid")
        self.own_probe_is_measured_and_counted("--bpf-object", probe)

    def test_suite_answers_each_question(self):
        suite = self.directory / "questions.toml"
        probes = '["kprobe:__x64_sys_getpgid"]'
        suite.write_text(f'[[question]]\nname = "calls"\nprobes = {probes}\ncommand = ["{PROBED}"]\n'
                         f'[[question]]\nname = "nowhere"\nprobes = ["kprobe:no_such_function"]\n'
                         f'command = ["{PROBED}"]\n')
        code, out, err = run(self.directory / "out", "predict", "--suite", str(suite))
        self.assertEqual(code, 1)
        self.assertIn("calls:\n", out)
        self.assertRegex(err, "nowhere: .*no_such_function: not in this kernel")
        (target,) = json.loads((self.directory / "out/calls/predict.json").read_text())["targets"]
        self.assertEqual(target["sites"][0]["runs"], [300] * 3)

    def test_says_what_became_of_the_command(self):
        probe = ["predict", "--probe", "fentry:vfs_read"]
        code, _, err = run(self.directory, *probe, "--", PROBED, "fail")
        self.assertEqual(code, 1)
        self.assertIn("failed: exit code 127; its last words: no /etc/app.conf", err)
        code, _, err = run(self.directory, *probe, "--timeout", "2", "--", "sleep", "1000")
        self.assertEqual(code, 1)
        self.assertIn("did not end within 2 s", err)


class OwnProbes(OnePrediction):
    LABEL = "nightly"

    @unittest.skipUnless(shutil.which("bpftrace"), "there is no bpftrace")
    def test_a_program_of_bpftrace(self):
        self.own_probe_is_measured_and_counted("-e", "kprobe:__x64_sys_getppid { @ = count(); }")

    def test_own_probe_without_a_price_has_no_answer(self):
        probe = cost_test.compile_probe(self.directory, "kprobe/__x64_sys_getppid")
        code, out, err = run(self.directory, "predict", "--bpf-object", probe, "--workload", "pread", "--", PROBED)
        self.assertEqual(code, 1)
        self.assertIn("no operation of the workload", err)
        self.assertIn("no answer", out)


class EmulatedTime(InDirectory):
    LABEL = "nightly"

    def test_it_is_not_called_instructions(self):
        code, out, err = run(self.directory, "predict", "--clock", "tsc", "--probe", "fentry:vfs_read", "--", "true")
        self.assertIn(code, (0, 1), err)  # a disturbed cell has no figure
        self.assertIn(": emulated time, for tests only", out)
        self.assertNotIn("executed instructions", out)


class Workloads(InDirectory):
    LABEL = "nightly"

    def test_predicts_what_it_measures(self):
        arguments = ["--part", "workloads", "--suite", "hot-path", "--workload", "byte-io"]
        code, out, err = run(self.directory, "reproduce", *arguments)
        self.assertEqual(code, 0, err)
        told = json.loads((self.directory / "reproduce.json").read_text())["targets"][0]
        (workload,) = told["workloads"]
        rows = {row["mechanism"]: row for row in workload["rows"]}
        for name in ("kprobe-unoptimized", "kprobe-optimized", "ftrace", "fentry"):
            row = rows[name]
            self.assertEqual(row["status"], "measured", row["reason"])
            self.assertEqual(row["hits"]["expected"], row["hits"]["counted"])
            self.assertGreater(row["hits"]["counted"], 0)
            self.assertLess(abs(row["residual_percent"]), 10)
        self.assertEqual(rows["kprobe-post"]["status"], "skipped")
        self.assertGreater(rows["kprobe-unoptimized"]["slowdown"], rows["kprobe-optimized"]["slowdown"])
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    unittest.main()
