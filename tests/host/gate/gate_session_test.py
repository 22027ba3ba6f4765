# SPDX-License-Identifier: MIT
"""`gate --base --head` with a stand-in for the program that measures: what is run, in which order, and what is
made of it. The stand-in's figures follow a rule, so nothing here depends on time."""

import copy
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from gate_case import PROBEBENCH, WRITER

CELL = "kprobe-optimized/module/mid/nop/threads:1"

# Writes results.json from the template in its root, which a layout only links. The costs wobble by the visit's number;
# `slower` holds the factor of this build, `control` that of its control visits, `bad` how many runs come out invalid.
STAND_IN = '''#!/usr/bin/python3
import json, os, pathlib, re, sys, time
root = pathlib.Path(os.environ["PROBEBENCH_ROOT"])
here = (root / "template.json").resolve().parent
log = here.parent / "log"
output = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
visit = len(log.read_text().splitlines()) if log.exists() else 0
with log.open("a") as file:
    file.write(f"{here.name} {output.name} {' '.join(sys.argv[1:])}\\n")
with (here.parent / "laid-out").open("a") as file:
    agent = pathlib.Path(sys.argv[0]).parent / "probebench-agent"
    file.write(json.dumps([output.name, agent.read_text(), (root / "kmod/Kbuild").read_text()]) + "\\n")
if (here / "broken").exists():
    print("probebench: no kernel here", file=sys.stderr)
    sys.exit(69)
if (here / "waits").exists():
    (here / "begun").touch()
    time.sleep(600)
run = json.loads((here / "template.json").read_text())
for argument in sys.argv:
    if argument.startswith("--benchmark_filter="):
        wanted = re.compile(argument.partition("=")[2])
        run["cells"] = [cell for cell in run["cells"] if wanted.search(cell["name"] + "/iterations:20/manual_time")]
        if not run["cells"]:
            print("probebench: no planned cell matches --benchmark_filter", file=sys.stderr)
            sys.exit(2)
factor = float((here / ("control" if "control" in output.name else "slower")).read_text())
wobble = 1 + float((here / "noise").read_text()) * (visit * 7 % 11 - 5)
for cell in run["cells"]:
    for metric in filter(None, cell["metrics"].values()):
        if metric["class"] == "noisy":
            for key in ("value", "low", "high", "low_quantile"):
                metric[key] = 1000 * factor * wobble
bad = here / "bad"
if bad.exists() and int(bad.read_text()) > 0:
    bad.write_text(str(int(bad.read_text()) - 1))
    for cell in run["cells"]:
        cell.update(status="invalid", reason="disturbed", metrics=dict.fromkeys(cell["metrics"]))
output.mkdir(parents=True, exist_ok=True)
(output / "results.json").write_text(json.dumps(run))
'''


def template(clock):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        subprocess.run([WRITER, path], check=True)
        run = json.loads(path.read_text())
    run["cells"] = run["cells"][:1]
    run["targets"][0].update(ended=None, in_flight=None, not_run=[], clock=clock)
    metrics = run["cells"][0]["metrics"]
    if clock == "tsc":
        metrics["ticks_per_hit"] = dict(metrics["instructions_per_hit"], **{"class": "noisy"})
        metrics["instructions_per_hit"] = None
    return run


TEMPLATES = {clock: template(clock) for clock in ("tsc", "instructions")}


class Session(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)

    def build(self, name, clock="tsc", slower=1.0, control=None, noise=0.0005, run=None):
        """A checkout with a built stand-in; `name` tells the agents apart."""
        root = self.directory / name
        for folder in ("bin", "kmod"):
            (root / folder).mkdir(parents=True)
        (root / "kmod/Kbuild").touch()
        (root / "bin/probebench-agent").write_text(name)
        program = root / "bin/probebench"
        program.write_text(STAND_IN)
        program.chmod(0o755)
        (root / "template.json").write_text(json.dumps(run or TEMPLATES[clock]))
        (root / "slower").write_text(str(slower))
        (root / "control").write_text(str(slower if control is None else control))
        (root / "noise").write_text(str(noise))
        return root

    def gate(self, base, head, *arguments, code):
        done = subprocess.run(
            [PROBEBENCH, "gate", "--quiet", "--format", "json", "--output", str(self.directory / "session"), "--pairs",
             "9", "--base", f"build={base}", "--head", f"build={head}", *arguments],
            text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout else done.stderr

    def link(self, root):
        """A build that ninja knows how to link; its linker writes down what it is told."""
        (root / "build.ninja").write_text(
            "rule link\n  command = : && ./linker main.o -o $out libone.a -ltwo libthree.a libfour.a && :\n"
            "build bin/probebench-agent: link\n")
        linker = root / "linker"
        linker.write_text('#!/bin/sh\nto=$3\nfor one; do case $one in *.s) cat "$one";; esac; done >"$to"\n'
                          'echo "$@" >>"$to"\n')
        linker.chmod(0o755)
        (root / "kmod/Kbuild").write_text(
            "obj-m := probebench.o\nprobebench-y := a.o b.o \\\n\tc.o d.o\nccflags-y := -Wall\n")
        return root

    def visits(self):
        return [line.split(" ", 2) for line in (self.directory / "log").read_text().splitlines()]

    def cell(self, report):
        return report["targets"][0]["cells"][0]

    def test_counts_are_measured_once_each(self):
        self.gate(self.build("one", "instructions"), self.build("two", "instructions"), code=0)
        self.assertEqual([visit[:2] for visit in self.visits()], [["one", "base"], ["two", "head"]])

    def test_times_alternate_and_the_order_turns_round(self):
        report = self.gate(self.build("one"), self.build("two"), code=0)
        self.assertEqual(report["verdict"], "pass")
        order = [visit[0] + " " + visit[1].split("-")[-1] for visit in self.visits()]
        self.assertEqual(order[:8], ["one base", "two head", "one base", "two head", "one control", "one control",
                                     "two head", "one base"])
        self.assertEqual(len(order), 2 + 9 * 3)
        session = json.loads((self.directory / "session/session.json").read_text())
        self.assertEqual({len(values) for values in session["cells"][0]["values"].values()}, {9})

    def test_a_slower_head_is_confirmed_by_a_fresh_session_of_that_cell(self):
        report = self.gate(self.build("one"), self.build("two", slower=1.1), code=3)
        self.assertAlmostEqual(self.cell(report)["relative"], 0.1, delta=0.01)
        visits = self.visits()
        self.assertEqual(len(visits), 2 + 2 * 9 * 3)
        self.assertIn(f"--benchmark_filter=^({CELL})(/|$)", visits[-1][2])
        again = subprocess.run([PROBEBENCH, "gate", str(self.directory / "session")], stdout=subprocess.PIPE,
                               check=False)
        self.assertEqual(again.returncode, 3, "the session can be judged again")

    def test_no_confirmation(self):
        self.gate(self.build("one"), self.build("two", slower=1.1), "--no-confirmation", code=3)
        self.assertEqual(len(self.visits()), 2 + 9 * 3)

    def test_a_faster_head_is_an_improvement(self):
        self.assertEqual(self.gate(self.build("one"), self.build("two", slower=0.9), code=0)["verdict"], "improvement")

    def test_what_is_undecided_is_measured_once_more_as_long(self):
        report = self.gate(self.build("one", noise=0.03), self.build("two", slower=1.02, noise=0.03), code=5)
        self.assertEqual(report["verdict"], "inconclusive")
        self.assertIn("docs/reducing-noise.md#inconclusive", " ".join(report["notes"]))
        self.assertEqual(len(self.visits()), 2 + 2 * 9 * 3)

    def test_a_control_that_moves_makes_the_machine_unfit(self):
        report = self.gate(self.build("one", control=1.2), self.build("two", slower=1.1), code=5)
        self.assertIn("control moved", report["notes"][0])

    def test_pairs_are_as_many_as_the_cells_need(self):
        run = copy.deepcopy(TEMPLATES["tsc"])
        run["cells"] = [dict(copy.deepcopy(run["cells"][0]), name=f"{CELL}-{i}") for i in range(6)]
        report = self.gate(self.build("one", run=run), self.build("two", run=run), code=0)
        self.assertEqual(len(self.visits()), 2 + 10 * 3)
        self.assertIn("10 pairs instead of 9: with fewer no regression of 6 cells can be shown.", report["notes"])

    def test_a_control_of_other_builds(self):
        one, two, three, four = (self.build(name) for name in ("one", "two", "three", "four"))
        self.gate(one, two, "--control", str(three), "--control", str(four), code=0)
        controls = [visit[0] for visit in self.visits() if visit[1].endswith("control")]
        self.assertEqual(controls, (["three", "four"] * 5)[:9])
        self.assertEqual(json.loads((self.directory / "session/session.json").read_text())["layouts"], 2)

    def test_relinking_lays_every_visit_out_anew(self):
        report = self.gate(self.link(self.build("one")), self.link(self.build("two", noise=0.001)), "--control",
                           "relink", code=0)
        self.assertIn("layout of its own", " ".join(report["notes"]))
        laid_out = [json.loads(line) for line in (self.directory / "laid-out").read_text().splitlines()][2:]
        self.assertEqual(len(laid_out), 9 * 3)
        agents, kbuilds = ([visit[i] for visit in laid_out] for i in (1, 2))
        self.assertEqual(len(set(agents)), 9 * 3, "each with a padding of its own")
        orders = {re.search(r"--start-group (.*) -Wl,--end-group", agent)[1] for agent in agents}
        self.assertEqual({tuple(sorted(order.split())) for order in orders}, {("libfour.a", "libone.a", "libthree.a")})
        self.assertGreater(len(orders), 3)
        objects = {re.search("probebench-y := (.*)", kbuild)[1] for kbuild in kbuilds}
        self.assertEqual({tuple(sorted(order.split())) for order in objects}, {("a.o", "b.o", "c.o", "d.o")})
        self.assertGreater(len(objects), 10)
        self.assertTrue(all(kbuild.endswith("\nccflags-y := -Wall\n") for kbuild in kbuilds))
        self.assertEqual(list((self.directory / "session").glob("layout-*")), [], "nothing is left behind")
        self.assertEqual((self.directory / "one/bin/probebench-agent").read_text(), "one", "nor changed")

    def test_controls_that_cannot_be_had(self):
        one, two = self.build("one"), self.build("two")
        for arguments, why in ((["relink"], "base (build {one}) has no build.ninja"),
                               ([one], "its agent is the base's"),
                               (["/nowhere"], "/nowhere: there is no probebench in it"),
                               (["relink", "--accel", "tcg"], "counts of instructions need no control"),
                               (["relink", "--control", two], "either relink or builds")):
            said = self.gate(one, two, "--control", *map(str, arguments), code=2)
            self.assertIn(why.format(one=one), said)
            self.assertEqual(said.count("\n"), 1, said)
        (self.link(one) / "linker").write_text("#!/bin/sh\necho no such library >&2; exit 1\n")
        self.assertIn("is not linked again: no such library",
                      self.gate(one, self.link(two), "--control", "relink", code=2))
        for file in (one, two):
            (file / "template.json").write_text(json.dumps(TEMPLATES["instructions"]))
            self.link(file)
        self.assertIn("both sides count", self.gate(one, two, "--control", "relink", code=2))
        said = subprocess.run([PROBEBENCH, "gate", "a", "b", "--control", "relink"], text=True, capture_output=True,
                              check=False)
        self.assertEqual(said.returncode, 2)
        self.assertIn("pass --base and --head", said.stderr)

    def test_the_same_build_on_both_sides_cannot_regress(self):
        one = self.build("one")
        self.gate(one, one, code=0)
        self.assertTrue(json.loads((self.directory / "session/session.json").read_text())["identical"])

    def test_a_disturbed_first_visit_is_tried_again(self):
        two = self.build("two")
        (two / "bad").write_text("1")
        self.gate(self.build("one"), two, code=0)
        self.assertEqual([visit[1] for visit in self.visits()][:3], ["base", "head", "head"])

    def test_a_fault_stays(self):
        two = self.build("two")
        (two / "bad").write_text("1000")
        report = self.gate(self.build("one"), two, code=3)
        self.assertEqual(self.cell(report)["verdict"], "incomplete")

    def test_another_clock_is_incomparable(self):
        report = self.gate(self.build("one"), self.build("two", "instructions"), code=5)
        self.assertEqual(report["verdict"], "incomparable")

    def test_times_of_several_kernels_are_refused(self):
        run = copy.deepcopy(TEMPLATES["tsc"])
        run["targets"].append(dict(copy.deepcopy(run["targets"][0]), id="another"))
        said = self.gate(self.build("one", run=run), self.build("two", run=run), code=2)
        self.assertIn("one kernel at a time", said)

    def test_a_side_that_cannot_be_measured(self):
        two = self.build("two")
        (two / "broken").touch()
        said = self.gate(self.build("one"), two, code=69)
        self.assertEqual(said, f"probebench: measure head (build {two}): no kernel here; {self.directory}/session "
                               "keeps base whole\n")

    def test_one_that_is_cut_off_says_where_it_is_and_what_it_keeps(self):
        one, two = self.build("one", "instructions"), self.build("two", "instructions")
        (two / "waits").touch()
        session = self.directory / "session"
        gate = subprocess.Popen([PROBEBENCH, "gate", "--output", str(session), "--base", f"build={one}", "--head",
                                 f"build={two}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not (two / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        gate.send_signal(signal.SIGINT)
        said = gate.communicate(timeout=60)[1]
        self.assertEqual(gate.returncode, 130, said)
        self.assertTrue(said.startswith(f"session: {session}\n"), said)  # as one that is killed outright has it, too
        self.assertIn(f"probebench: interrupted measuring head; {session} keeps base whole\n", said)

    def test_bad_limits_are_found_before_anything_is_measured(self):
        limits = self.directory / "limits.toml"
        one, two = self.build("one"), self.build("two")
        for text in ("[limit]\n", "not TOML"):
            limits.write_text(text)
            said = self.gate(one, two, "--limits", str(limits), code=2)
            self.assertIn(str(limits), said)
        said = self.gate(one, two, "--limits", str(self.directory / "nowhere.toml"), code=2)
        self.assertIn("nowhere.toml", said)
        self.assertFalse((self.directory / "log").exists(), "no side was started")
        self.assertFalse((self.directory / "session").exists())

    def probe(self, name):
        path = self.directory / name
        path.touch()
        return f"probe={path}"

    def test_probes_may_be_what_differs(self):
        runs = [copy.deepcopy(TEMPLATES["instructions"]) for _ in range(2)]
        for run, name in zip(runs, ("old.bpf.o", "new.ko")):
            run["cells"][0]["name"] = f"external/workload/pread/{name}/threads:1"
        runs[1]["cells"][0]["metrics"]["instructions_per_hit"].update(value=106, low=106, high=106)
        one, two = (self.build(name, "instructions", run=run) for name, run in zip(("one", "two"), runs))
        report = self.gate(one, two, "--base", self.probe("old.bpf.o"), "--head", self.probe("new.ko"), "--head",
                           "kernel=6.1", "--workload", "pread", "--kernel", "6.12", "--deadline", "600", "--jobs", "1",
                           code=3)
        self.assertEqual((self.cell(report)["cell"], self.cell(report)["absolute"]),
                         ("external/workload/pread/threads:1", 1))
        base, head = (visit[2] for visit in self.visits())
        self.assertTrue(base.startswith("cost --quiet"), base)
        for said, words in ((base, "--workload pread --bpf-object"), (base, "--kernel 6.12 --anatomy"),
                            (base, "--deadline 600 --jobs 1"), (head, "--deadline 600 --jobs 1"),
                            (head, "--workload pread --module"), (head, "--kernel 6.1 --anatomy")):
            self.assertIn(words, said)

    def test_sides_that_are_no_two_probes_are_refused(self):
        one, probe = self.build("one"), self.probe("my.bpf.o")
        both = ["--base", probe, "--head", probe]
        for arguments, why in ((["--base", probe, "--workload", "pread"], "--head: one side is a probe"),
                               (both, "--workload is missing"),
                               ([*both, "--workload", "preads"], "pread"),
                               (["--workload", "pread"], "no side is one"),
                               ([*both, "--workload", "pread", "--head", "handler=nop"], "do not go with a probe"),
                               ([*both, "--workload", "pread", "--target", "native"], "in a virtual machine"),
                               (["--base", "probe=/nowhere.bpf.o", "--head", probe, "--workload", "pread"],
                                "no such file")):
            self.assertIn(why, self.gate(one, one, *arguments, code=2), arguments)
        self.assertFalse((self.directory / "log").exists(), "no side was started")

    def test_addresses_are_kept_on_request_in_files_of_ones_own(self):
        for kept in ([], ["--keep-addresses"]):
            with self.subTest(kept):
                self.setUp()
                self.gate(self.build("one"), self.build("two"), "--target", "native", *kept, code=0)
                self.assertEqual({"--keep-addresses" in visit[2].split() for visit in self.visits()}, {bool(kept)})
                session = self.directory / "session"
                files = [session, *session.rglob("*")]
                self.assertIn(session / "session.json", files)
                private = {file.stat().st_mode & 0o077 == 0 for file in files}
                self.assertEqual(private, {True} if kept else {False})
        self.assertIn("running kernel", self.gate("here", "there", "--keep-addresses", code=2))

    def test_options_of_a_running_kernel_reach_every_visit(self):
        options = ["--load-module", "--cpu-list", "2-3"]
        self.gate(self.build("one"), self.build("two"), "--target", "native", *options, code=0)
        for visit in self.visits():
            self.assertIn(" ".join(options), visit[2])

    def test_options_of_a_machine_reach_every_visit(self):
        options = ["--deadline 600", "--refresh", "--fresh-boot", "--jobs 1"]
        asked = [word for option in options for word in option.split()]
        one, two = (self.build(name, "instructions") for name in ("one", "two"))
        self.gate(one, two, *asked, code=0)
        shutil.rmtree(self.directory / "session")
        self.gate(one, two, code=0)
        self.assertEqual(len(self.visits()), 4)
        for place, visit in enumerate(self.visits()):
            for option in options:
                self.assertEqual(option in visit[2], place < 2, visit)

    def test_each_of_a_sides_words_is_one(self):
        said = self.gate("one", "two", "--base", "kernel=./a/,headers=./b", code=2)
        self.assertIn("--base kernel=./a/,headers=./b: expected one NAME=VALUE; "
                      "pass --base kernel=./a/ --base headers=./b", said)
        said = self.gate("one", "two", "--base", "cpu=max,-svm,handler=count", code=2)
        self.assertIn("pass --base cpu=max,-svm --base handler=count", said)

    def test_headers_go_with_the_kernel_of_their_side(self):
        one, two = (self.build(name, "instructions") for name in ("one", "two"))
        both = ["--kernel", "./b/", "--headers", "./headers-b"]
        for sides, base, head in (
                (["--base", "kernel=./a/", "--base", "headers=./headers-a", "--head", "kernel=./b/", "--head",
                  "headers=./headers-b"], "./a/ --headers ./headers-a", "./b/ --headers ./headers-b"),
                (["--base", "kernel=./a/", "--base", "headers=./headers-a", *both],
                 "./a/ --headers ./headers-a", "./b/ --headers ./headers-b"),
                (["--base", "kernel=6.12", *both], "6.12", "./b/ --headers ./headers-b")):
            self.gate(one, two, *sides, code=0)
            for visit, words in zip(self.visits()[-2:], (base, head)):
                self.assertIn(f"--kernel {words} --accel", visit[2])
            shutil.rmtree(self.directory / "session")
        for kernel in (["--base", "kernel=6.12"], []):
            said = self.gate("one", "two", *kernel, "--base", "headers=./headers-a", code=2)
            self.assertIn("--base headers=./headers-a: goes with a kernel= that is a path", said)

    def test_handlers_may_be_what_differs(self):
        run = copy.deepcopy(TEMPLATES["tsc"])
        run["cells"][0]["name"] = CELL.replace("nop", "delay:9")
        one, two = self.build("one"), self.build("two", slower=1.1, run=run)
        report = self.gate(one, two, "--base", "handler=nop", "--head", "handler=delay:9", code=3)
        self.assertEqual(self.cell(report)["cell"], CELL.replace("nop/", ""))
        self.assertTrue(any("--handler delay:9" in visit[2] for visit in self.visits()))
        again = subprocess.run([PROBEBENCH, "gate", str(self.directory / "session")], stdout=subprocess.PIPE,
                               check=False)
        self.assertEqual(again.returncode, 3, "the session knows how its cells go together")


if __name__ == "__main__":
    unittest.main()
