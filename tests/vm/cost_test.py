# SPDX-License-Identifier: MIT
"""cost: probes that a user brings, on a booted kernel. Counts are exact, so they may decide."""

import hashlib
import json
import os
import pathlib
import subprocess
import unittest

import jsonschema

from run_test import DEADLINE_S, PROGRAM, SCHEMA as RESULTS_SCHEMA, InDirectory
from run_test import run as run_cells

SOURCE = pathlib.Path(__file__).parents[2]
SCHEMA = pathlib.Path(__file__).parents[2] / "harness/host/probe_cost/cost.schema.json"
PROBES = pathlib.Path(__file__).parent / "probes"


def compile_probe(directory, section, **defines):
    """Compiles the probe of tests/vm/probes; returns the object's path."""
    path = directory / "probe.bpf.o"
    macros = [f"-D{name}={value}" for name, value in {"SECTION": f'"{section}"', **defines}.items()]
    include = "-I/usr/include/x86_64-linux-gnu"
    compiler = ["clang", "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Werror", include]
    subprocess.run([*compiler, *macros, "-c", PROBES / "probe.bpf.c", "-o", path], check=True)
    return str(path)


class Cost(InDirectory):
    def bpf_object(self, section, **defines):
        return compile_probe(self.directory, section, **defines)

    def cost(self, *arguments, kernel="6.12"):
        """Returns the exit code, cost.json's only target, and what was printed."""
        done = subprocess.run(
            [PROGRAM, "cost", "--kernel", kernel, "--output", str(self.directory / "out"), *arguments],
            capture_output=True, text=True, timeout=DEADLINE_S)
        try:
            told = json.loads((self.directory / "out/cost.json").read_text())
        except FileNotFoundError:
            self.fail(done.stderr + done.stdout)
        jsonschema.validate(told, json.loads(SCHEMA.read_text()))
        (told,) = told["targets"]
        self.check_cell(told)
        return done.returncode, told, done.stdout + done.stderr

    def cell(self, directory="out"):
        results = json.loads((self.directory / directory / "results.json").read_text())
        jsonschema.validate(results, json.loads(RESULTS_SCHEMA.read_text()))
        (cell,) = results["cells"]
        return cell

    def check_cell(self, told):
        """results.json says the same of it as cost.json."""
        cell = self.cell()
        self.assertEqual((cell["probe_type"], cell["site"]), ("external", told["workload"]))
        self.assertEqual(cell["handler"].split(":")[0], told["source"])
        self.assertEqual((cell["status"], cell["reason"]), (told["status"], told["reason"]))
        figures, metric = told["figures"], cell["metrics"]["instructions_per_hit"]
        if figures is None:
            self.assertIsNone(metric)
            return
        self.assertEqual(metric["class"], figures["class"])
        # Of rounds that differ, one is the median of differences, the other the difference of medians.
        self.assertAlmostEqual(metric["value"], figures["per_hit"], delta=figures["spread"])
        self.assertEqual(cell["baseline"]["per_call"]["value"], figures["base_per_op"])
        self.assertEqual(cell["hits"]["counted"], sum(one["hits"]["counted"] for one in told["hits"]))
        self.assertIn(cell["evidence"]["armed"], [site["armed"] for site in told["sites"]])

    def measured(self, *arguments, kernel="6.12"):
        code, told, said = self.cost(*arguments, kernel=kernel)
        self.assertEqual((code, told["status"]), (0, "measured"), said)
        self.assertEqual(told["figures"]["class"], "exact", told)
        for line in said.splitlines():
            self.assertLessEqual(len(line), 80, line)
        for site in told["sites"]:
            self.assertEqual(site["before"], site["after"], site)
        return told

    def where(self, *arguments, kernel="6.12"):
        """The parts of a hit's path, which add up to its cost."""
        told = self.measured("--anatomy", *arguments, kernel=kernel)
        path = told["anatomy"]
        per_hit = told["figures"]["per_hit"]
        self.assertAlmostEqual(sum(row["instructions"] for row in path["parts"]), per_hit, places=6)
        # Of an average that is no whole number there is a rest, which is in no function.
        rest = sum(row["instructions"] for row in path["parts"] if row["name"] == "not in every hit")
        self.assertEqual(per_hit.is_integer() if isinstance(per_hit, float) else True, rest == 0)
        functions = sum(row["instructions"] for row in path["functions"])
        self.assertAlmostEqual(functions + rest, per_hit, places=6)
        return told, {row["name"]: row["instructions"] for row in path["parts"]}

    def invalid(self, *arguments):
        code, told, said = self.cost(*arguments)
        self.assertEqual((code, told["status"]), (1, "invalid"), said)
        self.assertIsNone(told["figures"])
        self.assertIn(told["reason"], said)
        return told["reason"]

    def own_cell(self, probe_type, kernel="6.12"):
        """What a hit of our own probe at a function's entry costs."""
        results, _ = run_cells(self.directory / "cells", "--kernel", kernel, "--probe-type", probe_type)
        (cell,) = (cell for cell in results["cells"] if cell["site"] == "entry")
        return cell["metrics"]["instructions_per_hit"]["value"]


class OneObject(Cost):
    def empty_kprobe_on(self, kernel):
        probe = self.bpf_object("kprobe/vfs_read")
        told, parts = self.where("--workload", "pread", "--bpf-object", probe, kernel=kernel)
        self.assertEqual(told["figures"]["per_hit"], self.own_cell("bpf-kprobe", kernel))
        self.assertEqual(set(parts), {"dispatch", "program"}, "it calls nothing")
        self.assertIn("bpf_prog_first [bpf]", [row["function"] for row in told["anatomy"]["functions"]])
        self.assertIn("return 0;", [line["text"] for line in told["anatomy"]["lines"]])


class BpfObjectsAgain(OneObject):
    LABEL = "nightly"

    def test_an_older_kernel(self):
        self.empty_kprobe_on("6.1")

    def test_two_boots_are_equal(self):
        arguments = ["--workload", "byte-io", "--bpf-object", self.bpf_object("fentry/vfs_read", COUNT=1)]
        self.assertEqual(self.measured(*arguments), self.measured(*arguments))


class BpfObjects(OneObject):
    COST = 110

    def test_an_empty_kprobe_costs_what_our_own_does(self):
        self.empty_kprobe_on("6.12")

    def test_evidence_is_the_kernels(self):
        told = self.measured("--workload", "pread", "--bpf-object", self.bpf_object("fentry/vfs_read", COUNT=1))
        (hits,) = told["hits"]
        self.assertEqual(hits["hits"]["counted"], hits["hits"]["expected"])
        trampolines = [site for site in told["sites"] if site["arming"] == "BPF trampoline"]
        self.assertEqual([site["place"].split("+")[0] for site in trampolines], ["vfs_read"])
        self.assertTrue(trampolines[0]["armed"].startswith("e8 "))
        self.assertIn("vfs_read", "\n".join(one["line"] for one in told["listed"]))

    def test_armed_twice_is_invalid(self):
        twice = self.bpf_object("kprobe/vfs_read", SECOND='"kprobe/vfs_read"')
        self.assertIn("twice", self.invalid("--workload", "pread", "--bpf-object", twice))

    def test_hits_that_are_no_calls_are_invalid(self):
        nowhere = self.bpf_object("kprobe/vfs_write")
        self.assertIn("no operation", self.invalid("--workload", "pread", "--bpf-object", nowhere))
        often = self.bpf_object("raw_tp/sys_enter")
        self.assertIn("hits of", self.invalid("--workload", "byte-io", "--bpf-object", often))

    def test_lost_records_are_invalid(self):
        ring = ["--workload", "pread", "--bpf-object"]
        _, parts = self.where(*ring, self.bpf_object("kprobe/vfs_read", RING=1 << 20, RECORD=64))
        self.assertIn("bpf_ringbuf_reserve", "".join(parts))
        self.assertIn("bpf_ringbuf_submit", "".join(parts))
        small = self.bpf_object("kprobe/vfs_read", RING=4096, RECORD=64)
        self.assertIn("lost", self.invalid(*ring, small))

    def test_what_cannot_be_attached_is_one_line(self):
        missing = self.bpf_object("kprobe/no_such_function")
        code, told, said = self.cost("--workload", "pread", "--bpf-object", missing)
        self.assertEqual((code, told["status"]), (2, "errored"), said)
        self.assertIn("kprobe/no_such_function", told["reason"])


class Typos(Cost):
    LABEL = "nightly"

    def refused(self, *arguments):
        code, told, said = self.cost("--workload", "pread", *arguments)
        self.assertEqual((code, told["status"]), (2, "errored"), said)
        self.assertTrue(told["wrong_input"])
        self.assertIn(told["reason"], said)
        return told["reason"]

    def test_what_the_kernel_has_not_is_named_with_what_it_has(self):
        define = ["--setup", "kprobe_events=p:mine vfs_read"]
        self.assertIn("vfs_raed: not in this kernel; did you mean vfs_read",
                      self.refused("--setup", "kprobe_events=p:mine vfs_raed"))
        self.assertIn("mien is not there; did you mean mine",
                      self.refused(*define, "--setup", "events/kprobes/mien/enable=1"))
        self.assertIn("sched_swich: not in this kernel; did you mean sched_switch",
                      self.refused("--setup", "set_event=sched:sched_swich"))
        self.assertIn("vfs_raed: not in this kernel; did you mean vfs_read",
                      self.refused("--bpf-object", self.bpf_object("kprobe/vfs_raed")))

    def test_what_the_kernel_refuses_has_its_reason(self):
        self.assertIn("error: ", self.refused("--setup", "kprobe_events=p:mine vfs_read x=+0(%si):strnig"))


class OneModule(Cost):
    def costs_what_our_own_does(self, kernel):
        told = self.measured("--workload", "pread", "--module", str(PROBES / "pre_handler.c"), kernel=kernel)
        self.assertAlmostEqual(told["figures"]["per_hit"], self.own_cell("kprobe-ftrace", kernel), delta=1)
        (hits,) = told["hits"]
        self.assertIn("my_handler", hits["probe"])


class ModulesAgain(OneModule):
    LABEL = "nightly"

    def test_an_older_kernel(self):
        self.costs_what_our_own_does("6.1")


class Modules(OneModule):
    def test_a_pre_handler_costs_what_our_own_does(self):
        self.costs_what_our_own_does("6.12")

    def test_a_modules_own_function_is_told_from_the_way_there(self):
        module = ["--workload", "pread", "--module", str(PROBES / "pre_handler.c")]
        told, parts = self.where(*module, kernel="6.1")
        self.assertEqual(set(parts), {"dispatch", "program"})
        handlers = [row["function"] for row in told["anatomy"]["functions"] if row["part"] == "program"]
        self.assertTrue(any(name.startswith("my_handler") for name in handlers), handlers)


class Tracefs(Cost):
    SETUP = ["--setup", "kprobe_events=p:mine vfs_read", "--setup", "events/kprobes/mine/enable=1"]

    def test_an_event_is_armed_counted_and_removed(self):
        told, parts = self.where("--workload", "pread", *self.SETUP)
        (hits,) = told["hits"]
        self.assertEqual((hits["probe"], hits["counted_by"]), ("kprobes/mine", "kprobe_profile"))
        self.assertNotIn("program", parts, "nothing of it is the user's code")
        self.assertGreater(told["figures"]["per_hit"], 500)

    def test_what_is_not_enabled_hits_nothing(self):
        self.assertIn("no operation", self.invalid("--workload", "pread", *self.SETUP[:2]))

    def test_a_line_that_is_refused_is_one_line(self):
        code, told, said = self.cost("--workload", "pread", "--setup", "kprobe_events=p:mine no_such_function")
        self.assertEqual((code, told["status"]), (2, "errored"), said)
        self.assertIn("no_such_function", told["reason"])


class Suites(Cost):
    DEADLINE_S = DEADLINE_S
    RECIPES = f"""
name = "three"
[[recipe]]
name = "module"
workload = "pread"
note = "measured"
module = "{PROBES / 'pre_handler.c'}"
[[recipe]]
name = "event"
workload = "pread"
note = "measured"
tracefs = ["kprobe_events=p:mine vfs_read", "events/kprobes/mine/enable=1"]
[[recipe]]
name = "tool"
workload = "pread"
note = "refused"
command = ["no-such-tool", "-e"]
"""

    def suite(self, suite, kernel, expect):
        """Returns results.json's cells and cost.json's rows by recipe and target, and what was printed."""
        command = [PROGRAM, "cost", "--suite", str(suite), "--kernel", kernel, "--output", str(self.directory / "out")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=self.DEADLINE_S)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        results = json.loads((self.directory / "out/results.json").read_text())
        jsonschema.validate(results, json.loads(RESULTS_SCHEMA.read_text()))
        self.assertTrue(results["complete"])
        told = json.loads((self.directory / "out/cost.json").read_text())
        jsonschema.validate(told, json.loads(SCHEMA.read_text()))
        cells = {(cell["handler"].split(":")[1], cell["target"]): cell for cell in results["cells"]}
        rows = {(row["recipe"], row["target"]): row for row in told["targets"]}
        self.assertEqual(list(cells), list(rows), "no name is there twice, and both have the same")
        return cells, rows, done.stdout

    def test_what_can_be_measured_is_and_what_cannot_says_why(self):
        (self.directory / "three.toml").write_text(self.RECIPES)
        cells, rows, said = self.suite(self.directory / "three.toml", "6.12", 0)
        module, event, tool = cells.values()
        self.assertEqual([cell["status"] for cell in cells.values()], ["measured", "measured", "skipped"])
        self.assertIn("no-such-tool: not on this machine; apt-get install no-such-tool", tool["reason"])
        self.assertIn("no-such-tool: not on this machine", said)
        own = self.measured("--workload", "pread", "--module", str(PROBES / "pre_handler.c"))
        value = module["metrics"]["instructions_per_hit"]["value"]
        self.assertEqual(value, own["figures"]["per_hit"], "as it costs by itself")
        self.assertGreater(event["metrics"]["instructions_per_hit"]["value"], 500)
        row = next(iter(rows.values()))
        self.assertEqual((row["source"], row["figures"]["per_hit"]), ("module", value))


class Gate(Cost):
    LABEL = "nightly"  # the gate itself: vm.gate_selftest

    def gate(self, *arguments, expect):
        command = [PROGRAM, "gate", "--format", "json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_one_instruction_more_is_exactly_that_and_named(self):
        base = pathlib.Path(self.bpf_object("kprobe/vfs_read")).rename(self.directory / "old.bpf.o")
        head = self.bpf_object("kprobe/vfs_read", EXTRA=1)
        sides = ["--base", f"probe={base}", "--head", f"probe={head}", "--workload", "pread", "--kernel", "6.12"]
        told = self.gate(*sides, "--output", str(self.directory / "session"), expect=3)
        (target,) = told["targets"]
        (cell,) = (row for row in target["cells"] if row["lead"])
        self.assertEqual((cell["verdict"], cell["absolute"]), ("regression", 1))
        self.assertEqual(cell["functions"], [{"function": "bpf_prog_first [bpf]", "change": 1}])
        sha = hashlib.sha256(base.read_bytes()).hexdigest()
        self.assertEqual(self.cell("session/base")["external"]["sha256"], sha)
        # What was measured stands alone, too: as a baseline of itself, and in a report.
        same = str(self.directory / "session/base")
        self.assertEqual(self.gate(same, same, expect=0)["verdict"], "pass")
        report = ["/usr/bin/python3", "-P", "-m", "reports", "report", same]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        subprocess.run(report, check=True, env=environment, capture_output=True)


class Tools(Cost):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tool = str(cls.directory / "tool")
        subprocess.run(["cc", "-static", "-O2", "-o", cls.tool, PROBES / "tool.c"], check=True)

    def run_tool(self, how):
        return self.cost("--workload", "pread", "--", self.tool, how)

    def check_failures(self, *expected):
        for how, status, why in expected:
            code, told, said = self.run_tool(how)
            self.assertEqual((code, told["status"]), (1, status), f"{how}: {said}")
            self.assertIn(why, told["reason"], how)
            for site in told["sites"]:
                self.assertEqual(site["after"], site["before"], f"{how}: nothing is left")


class Commands(Tools):
    COST = 60

    def test_a_tool_is_armed_measured_and_ended(self):
        """By a script: its interpreter goes with it, and so does the program that is its argument."""
        script = self.directory / "tool.sh"
        script.write_text('#!/bin/sh\n"$1" well &\ntrap "kill -INT $!; wait; exit 0" INT\nwait\n')
        script.chmod(0o755)
        code, told, said = self.cost("--workload", "pread", "--", str(script), self.tool)
        self.assertEqual((code, told["status"]), (0, "measured"), said)
        own = self.measured("--workload", "pread", *Tracefs.SETUP)
        self.assertAlmostEqual(told["figures"]["per_hit"], own["figures"]["per_hit"], delta=15)

    def test_what_goes_wrong_is_one_line(self):
        self.check_failures(
            ("fails", "errored", "exit code 3): tool: no such function"),
            ("loses", "invalid", "the reader lost records of"),
        )


class WaysToFail(Tools):
    LABEL = "nightly"

    def test_what_goes_wrong_is_one_line(self):
        self.check_failures(
            ("early", "errored", "before anything was armed (exit code 0)"),
            ("never", "errored", "armed nothing that the kernel lists"),
            ("floods", "errored", "it wrote more than 16 MiB"),
            ("stubborn", "invalid", "ignored SIGINT and was killed"),
        )

    def test_what_was_lost_before_the_windows_does_not_count(self):
        code, told, said = self.run_tool("lost")
        self.assertEqual((code, told["status"]), (0, "measured"), said)

    def test_an_interrupt_at_each_event_is_part_of_the_cost(self):
        code, told, said = self.run_tool("woken")
        self.assertEqual((code, told["status"], told["interrupts_per_op"]), (0, "measured", 1), said)
        self.assertIn("raised by the probe to wake its reader", said)
        code, without, said = self.run_tool("well")
        self.assertEqual((code, without["interrupts_per_op"]), (0, 0), said)
        self.assertGreater(told["figures"]["per_hit"], without["figures"]["per_hit"] + 300)

    def test_one_that_feeds_itself_is_stopped_while_hits_are_counted(self):
        code, told, said = self.run_tool("feeds")
        self.assertEqual((code, told["status"]), (0, "measured"), said)
        (hits,) = told["hits"]
        self.assertEqual(hits["hits"]["counted"], hits["hits"]["expected"], said)

    def test_processes_that_it_started_end_with_it(self):
        code, told, said = self.run_tool("forks")
        self.assertEqual((code, told["status"]), (0, "measured"), said)


if __name__ == "__main__":
    unittest.main()
