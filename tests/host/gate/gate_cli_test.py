# SPDX-License-Identifier: MIT
"""compare, gate and baseline update as a user or a CI job runs them, on files; nothing is measured."""

import copy
import csv
import gzip
import io
import json
import unittest
import xml.etree.ElementTree
from pathlib import Path

from gate_case import NAMES, SAMPLE, Gate, change

# What junit-10.xsd of Jenkins' xunit plugin lets an element have, of those that are written.
JUNIT_10 = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id",
                  "package", "file", "log", "url"},
    "testcase": {"name", "time", "classname", "group"},
    "properties": set(), "property": {"name", "value"}, "system-out": set(), "system-err": set(),
    "failure": {"type", "message"}, "error": {"type", "message"}, "skipped": {"type", "message"},
}


class Verdicts(Gate):
    def test_a_run_against_itself_passes(self):
        self.assertIn("gate: pass", self.gate(self.a, self.a, code=0).stdout)

    def test_members_in_another_order_are_the_same_run(self):
        b = self.changed(lambda run: change(run, NAMES[1], 1))
        backwards = self.write("c.json", dict(reversed(json.loads(Path(b).read_text()).items())))
        self.assertEqual(self.judged(self.a, b, code=3)["targets"][0]["cells"],
                         self.judged(self.a, backwards, code=3)["targets"][0]["cells"])

    def test_one_instruction_more(self):
        b = self.changed(lambda run: change(run, NAMES[1], 1))
        cells = {cell["cell"]: cell for cell in self.judged(self.a, b, code=3)["targets"][0]["cells"]}
        self.assertEqual([name for name in NAMES if cells[name]["verdict"] == "regression"], [NAMES[1]])
        self.assertEqual(cells[NAMES[1]]["absolute"], 1)

    def test_a_hit_may_take_no_exception(self):
        def record(run):
            for cell in run["cells"]:
                metrics = cell["metrics"]
                if metrics["instructions_per_hit"]:
                    metrics["exceptions_per_hit"] = dict(metrics["instructions_per_hit"], value=0, low=0, high=0)
        b = self.changed(record)
        self.gate(b, b, code=0)

    def test_fewer_instructions(self):
        self.gate(self.a, self.changed(lambda run: change(run, NAMES[1], -5)), code=0)

    def test_limits(self):
        b = self.changed(lambda run: change(run, NAMES[1], 1))
        limits = self.write("limits.toml", "[default]\nabsolute = 1\n")
        self.gate(self.a, b, "--limits", limits, code=0)
        strict = self.write("strict.toml", "[default]\nabsolute = 0.5\n")
        self.gate(self.a, b, "--limits", strict, code=3)

    def test_limits_that_fit_nothing_are_named(self):
        limits = self.write("limits.toml", "[[limit]]\ncell = 'kprobe-optimised/*'\nabsolute = 2\n")
        said = self.gate(self.a, self.a, "--limits", limits, code=0).stdout
        self.assertIn("Limits that fit nothing that was compared: [[limit]] cell =", said)
        limits = self.write("limits.toml", "[[limit]]\ncell = 'kprobe-optimized/*'\nabsolute = 2\n")
        self.assertNotIn("Limits that fit nothing", self.gate(self.a, self.a, "--limits", limits, code=0).stdout)

    def test_a_removed_cell(self):
        b = self.changed(lambda run: run["cells"].pop())
        self.assertIn("incomplete", self.gate(self.a, b, code=3).stdout)
        accept = self.write("accept.toml", f'[[accept]]\ncell = "{NAMES[2]}"\nreason = "gone on purpose"\n')
        self.assertIn("gone on purpose", self.gate(self.a, b, "--limits", accept, code=0).stdout)

    def test_a_run_that_was_cut_off(self):
        def cut(run):
            gone = run["cells"].pop()
            run["targets"][0].update(ended="the guest's kernel panicked", not_run=[gone["name"]])
            run.update(complete=False, ended="the guest's kernel panicked")
        cut_off = self.changed(cut)
        self.assertIn("panicked", self.gate(self.a, cut_off, code=3).stdout)
        said = " ".join(self.gate(cut_off, self.a, code=0).stdout.split())
        self.assertIn("2 of 3 cells compared: the base ended early, the guest's kernel panicked", said)
        self.assertNotIn("ended early", self.gate(self.a, self.a, code=0).stdout)

    def test_another_machine(self):
        def move(run):
            run["targets"][0]["host"]["qemu.cpu_model"] = "Skylake"
            run["targets"][0]["fingerprint"] = "ffffffffffffffff"
        b = self.changed(move)
        self.assertIn("qemu.cpu_model", self.gate(self.a, b, code=5).stdout)
        self.gate(self.a, b, "--may-differ", "qemu.cpu_model", code=0)

    def test_another_module(self):
        b = self.changed(lambda run: run["targets"][0]["host"].update({"module.sha256": "ff"}))
        self.assertIn("module.sha256", self.gate(self.a, b, code=5).stdout)

    def test_nothing_in_common(self):
        def rename(run):
            for cell in run["cells"]:
                cell["name"] = "x" + cell["name"]
        self.assertIn("no cell in common", self.gate(self.a, self.changed(rename), code=5).stdout)

    def test_counts_that_are_not_exact(self):
        def demote(run):
            run["cells"][0]["metrics"]["instructions_per_hit"].update(
                {"class": "noisy", "low": 100, "high": 110, "note": "rounds differ: 100, 110"})
        self.assertIn("rounds differ", self.gate(self.a, self.changed(demote), code=5).stdout)

    def test_times_need_pairs(self):
        def time_it(run):
            for cell in run["cells"]:
                metrics = cell["metrics"]
                metrics["ticks_per_hit"] = dict(metrics["instructions_per_hit"], **{"class": "noisy"})
                metrics["instructions_per_hit"] = None
        b = self.changed(time_it)
        self.assertIn("interleaved", self.gate(b, b, code=5).stdout)

    def test_compare_has_no_opinion(self):
        b = self.changed(lambda run: change(run, NAMES[1], 1))
        done = self.run_program("compare", self.a, b)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line for line in done.stdout.splitlines() if line.startswith("kprobe")]
        self.assertTrue(rows[0].split()[0].endswith("/count"), "the change comes first")
        self.assertNotIn("regression", done.stdout)


class Outputs(Gate):
    def setUp(self):
        super().setUp()

        def mutate(run):
            change(run, NAMES[1], 2)
            run["cells"].pop(0)
        self.b = self.changed(mutate)

    def export(self, kind):
        path = self.directory / kind
        self.gate(self.a, self.b, "--export", f"{kind}={path}", code=3)
        return path.read_text()

    def test_junit(self):
        root = xml.etree.ElementTree.fromstring(self.export("junit"))
        self.assertEqual((root.get("tests"), root.get("failures"), root.get("errors")), ("3", "2", "0"))
        failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
        self.assertIn("+2", failures[NAMES[1]].get("message"))
        self.assertEqual(failures[NAMES[0]].get("type"), "incomplete")
        self.assertIsNone(failures[NAMES[2]])

    def test_junit_has_no_words_but_those_of_the_schema(self):
        root = xml.etree.ElementTree.fromstring(self.export("junit"))
        for element in root.iter():
            self.assertLessEqual(set(element.attrib), JUNIT_10[element.tag], element.tag)
        self.assertEqual({"testsuite"}, {suite.tag for suite in root})

    def test_junit_of_incomparable_targets_is_no_success(self):
        b = self.changed(lambda run: run["targets"][0]["host"].update({"qemu.version": "9"}))
        self.gate(self.a, b, "--export", f"junit={self.directory / 'j'}", code=5)
        self.assertEqual(xml.etree.ElementTree.parse(self.directory / "j").getroot().get("errors"), "1")

    def test_bencher_metric_format(self):
        figures = json.loads(self.export("bmf"))
        self.assertEqual(set(figures), set(NAMES[1:]))
        self.assertEqual(figures[NAMES[1]]["instructions_per_hit"]["value"], 107)

    def test_smaller_is_better(self):
        entries = {entry["name"]: entry for entry in json.loads(self.export("smaller"))}
        self.assertEqual(entries[NAMES[1]]["value"], 107)
        self.assertEqual(entries[NAMES[1]]["unit"], "insns/hit")

    def test_csv_is_long(self):
        rows = list(csv.DictReader(io.StringIO(self.export("csv"))))
        self.assertEqual({row["verdict"] for row in rows}, {"regression", "incomplete", "pass"})
        self.assertEqual(next(row for row in rows if row["cell"] == NAMES[1])["absolute"], "2")

    def test_selftest_text(self):
        self.assertRegex(self.export("selftest"), r"mid/count +: +105\.000 ± 0\.000 -> +107\.000 ± 0\.000 insns/hit")

    def test_markdown_and_the_job_summary(self):
        summary = self.directory / "summary.md"
        summary.write_text("before\n")
        done = self.gate(self.a, self.b, code=3, GITHUB_STEP_SUMMARY=str(summary), GITHUB_ACTIONS="true")
        text = summary.read_text()
        self.assertTrue(text.startswith("before\n## probebench gate: regression"))
        self.assertIn("| regression | `kprobe-optimized/module/mid/count` | 105 | 107 | +2 (+1.9 %) |", text)
        self.assertEqual(len([line for line in done.stderr.splitlines() if line.startswith("::error ")]), 2)

    def test_no_annotations_elsewhere(self):
        self.assertNotIn("::error", self.gate(self.a, self.b, code=3).stderr)

    def test_formats(self):
        for kind, begin in (("json", "{"), ("csv", "target,"), ("markdown", "## ")):
            self.assertTrue(self.gate(self.a, self.b, "--format", kind, code=3).stdout.startswith(begin))


class Baselines(Gate):
    def setUp(self):
        super().setUp()
        self.folder = self.directory / "baselines"

    def update(self, run, reason="the first"):
        done = self.run_program("baseline", "update", run, "--reason", reason, "--baselines", str(self.folder))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_accepts_and_gates(self):
        self.update(self.a)
        self.gate(str(self.folder), self.a, code=0)
        b = self.changed(lambda run: change(run, NAMES[1], 1))
        self.assertIn("+1", self.gate(str(self.folder), b, code=3).stdout)

    def test_is_found_by_its_name(self):
        self.update(self.a)
        name = next(self.folder.iterdir()).stem
        self.gate(name, self.a, "--baselines", str(self.folder), code=0)

    def test_keeps_every_reason_and_changes_one_line_a_cell(self):
        self.update(self.a)
        path = next(self.folder.iterdir())
        before = path.read_text().splitlines()
        self.update(self.changed(lambda run: change(run, NAMES[1], 1)), "a slower counter")
        self.assertEqual(list(self.folder.iterdir()), [path])
        after = path.read_text().splitlines()
        self.assertEqual(len([line for line in after if line not in before]), 3)  # two updates' lines, one cell
        updates = json.loads(path.read_text())["updates"]
        self.assertEqual([update["reason"] for update in updates], ["the first", "a slower counter"])
        self.assertEqual(updates[1]["changed_cells"], 1)

    def test_keeps_the_cells_that_a_run_of_fewer_has_not(self):
        self.update(self.a)
        path = next(self.folder.iterdir())
        before = list(json.loads(path.read_text())["cells"])
        fewer = self.changed(lambda run: (change(run, NAMES[1], 2), run.update(cells=run["cells"][1:2])))
        self.assertIn("3 cells, 1 changed, 2 kept that the run does not have", self.update(fewer, "again").stdout)
        self.assertEqual(list(json.loads(path.read_text())["cells"]), before)
        full = self.changed(lambda run: change(run, NAMES[1], 2), "c.json")
        self.assertIn("3 pass", self.gate(str(self.folder), full, code=0).stdout)

    def test_a_run_of_fewer_handlers_is_judged_by_these(self):
        self.update(self.a)
        fewer = self.changed(lambda run: run["cells"].pop())
        done = self.gate(str(self.folder), fewer, code=0)
        self.assertIn("1 cells of the baseline have handlers that this run did not measure", done.stdout)

    def test_impossible_counts_are_refused(self):
        arguments = ("--reason", "x", "--baselines", str(self.folder))
        minus = self.changed(lambda run: change(run, NAMES[0], -10000))
        self.assertIn("from 1 to 2^53", self.refused("baseline", "update", minus, *arguments))
        self.update(self.a)
        path = next(self.folder.iterdir())
        path.write_text(path.read_text().replace("105", "0", 1))
        self.assertIn("from 1 to 2^53, not 0", self.refused("gate", str(self.folder), self.a))

    def test_another_kernel_is_incomparable_with_the_way_out(self):
        self.update(self.a)
        b = self.changed(lambda run: run["targets"][0]["environment"]["facts"].update({"kernel.release": "6.13"}))
        self.assertIn("baseline update", self.gate(str(self.folder), b, code=5).stdout.replace("\n", " "))
        self.update(b, "a new kernel")
        self.assertEqual(len(list(self.folder.iterdir())), 2)
        self.gate(str(self.folder), b, code=0)
        self.gate(str(self.folder), self.a, code=0)

    def test_an_empty_folder_is_incomparable(self):
        self.folder.mkdir()
        self.gate(str(self.folder), self.a, "--baselines", str(self.folder), code=5)

    def test_a_changed_module_is_judged_not_set_apart(self):
        self.update(self.a)
        b = self.changed(lambda run: run["targets"][0]["host"].update({"module.sha256": "ff"}))
        self.assertIn("module.sha256", self.gate(str(self.folder), b, code=0).stdout)

    def test_refuses_what_cannot_be_a_baseline(self):
        def demote(run):
            run["cells"][0]["metrics"]["instructions_per_hit"].update({"class": "noisy", "note": "rounds differ"})

        def fail(run):
            run["cells"][0].update(status="invalid", reason="3 misses")
            run["cells"][0]["metrics"] = dict.fromkeys(run["cells"][0]["metrics"])
        arguments = ("--reason", "x", "--baselines", str(self.folder))
        self.assertIn("not exact", self.refused("baseline", "update", self.changed(demote), *arguments))
        self.assertIn("3 misses", self.refused("baseline", "update", self.changed(fail), *arguments))
        self.update(self.a)
        path = str(next(self.folder.iterdir()))
        self.assertIn("already", self.refused("baseline", "update", path, *arguments))

    def test_damaged_baselines(self):
        self.update(self.a)
        path = next(self.folder.iterdir())
        good = path.read_text()
        for bad, expected in ((good[:-20], "cut off"), (good.replace('"version": 1', '"version": 9'), "version"),
                              (good.replace("105", '"x"'), "expected a number")):
            path.write_text(bad)
            self.assertIn(expected, self.refused("gate", str(self.folder), self.a))


def session(pairs, head, spread=0.002, confirmation=None):
    """Pairs whose head costs `head` of the base; the values go up and down by `spread`."""
    wave = [1 + spread * ((7 * i) % 5 - 2) for i in range(pairs)]
    values = {"base": [1000 * w for w in wave], "head": [1000 * head * w for w in wave[::-1]],
              "control": [1000 * w for w in wave[1:] + wave[:1]]}
    cell = {"name": NAMES[0], "metric": "ticks_per_hit", "resolution": 0, "values": values,
            "confirmation": confirmation}
    return {"format": "probebench-session", "version": 1, "seed": 1, "blocks": pairs, "extended": False,
            "identical": False, "any_handler": False, "cells": [cell]}


class Sessions(Gate):
    def setUp(self):
        super().setUp()
        run = copy.deepcopy(SAMPLE)
        run["cells"] = run["cells"][:1]
        metrics = run["cells"][0]["metrics"]
        metrics["ticks_per_hit"] = dict(metrics["instructions_per_hit"], **{"class": "noisy"})
        metrics["instructions_per_hit"] = None
        for side in ("base", "head"):
            (self.directory / "s" / side).mkdir(parents=True)
            self.write(f"s/{side}/results.json", run)

    def judge(self, content, code):
        self.write("s/session.json", content)
        return self.gate(str(self.directory / "s"), code=code)

    def test_judges_a_session_again(self):
        self.judge(session(20, 1.00), 0)
        self.assertIn("+10", self.judge(session(20, 1.10), 3).stdout)
        self.judge(session(20, 0.90), 0)
        self.judge(session(8, 1.10), 5)

    def test_damaged_sessions(self):
        good = session(20, 1)
        bad = copy.deepcopy(good)
        bad["cells"][0]["values"]["head"].pop()
        for content, expected in ((bad, "as many values"), ({"a": 1}, "not a session"), ("", "empty")):
            self.write("s/session.json", content)
            self.assertIn(expected, self.refused("gate", str(self.directory / "s")))

    def test_judges_an_exact_session_again(self):
        """It leaves a run for each side and nothing else."""
        session = self.directory / "session"
        for side, content in (("base", SAMPLE), ("head", copy.deepcopy(SAMPLE))):
            (session / side).mkdir(parents=True)
            if side == "head":
                change(content, NAMES[0], 3)
            (session / side / "results.json").write_text(json.dumps(content))
        self.assertIn("+3", self.gate(str(session), code=3).stdout)


class Elsewhere(Gate):
    def test_runs_are_found_from_any_directory(self):
        """In the working directory first, then in the project."""
        project = self.directory / "project"
        for name in ("kmod", "results/one", "results/session/base", "results/session/head"):
            (project / name).mkdir(parents=True)
        (project / "kmod/Kbuild").touch()
        for run in ("one", "session/base", "session/head"):
            (project / "results" / run / "results.json").write_text(json.dumps(SAMPLE))
        root = {"PROBEBENCH_ROOT": str(project)}
        self.gate(self.a, "results/one", code=0, **root)
        self.gate("results/session", code=0, **root)
        self.assertEqual(self.run_program("compare", self.a, "results/one", **root).returncode, 0)
        done = self.run_program("baseline", "update", "results/one", "--reason", "a test", **root)
        self.assertEqual(done.returncode, 0, done.stderr)
        (self.directory / "results/one").mkdir(parents=True)
        self.write("results/one/results.json", "{")
        self.gate(self.a, "results/one", code=2, **root)


class Packed(Gate):
    def test_what_gzip_made_is_read_as_what_it_was_made_from(self):
        folder = self.directory / "packed"
        folder.mkdir()
        content = gzip.compress(json.dumps(SAMPLE).encode())
        (folder / "results.json.gz").write_bytes(content)
        for name in (folder, folder / "results.json.gz"):
            self.gate(self.a, str(name), code=0)
        (folder / "results.json.gz").write_bytes(content[:len(content) // 2])
        self.assertIn("unpack ", self.refused("gate", self.a, str(folder)))


class Facts(Gate):
    def test_a_fact_that_neither_side_has(self):
        self.assertIn("--may-differ nonsense: neither side has such a fact",
                      self.refused("gate", self.a, self.a, "--may-differ", "nonsense"))
        self.gate(self.a, self.a, "--may-differ", "kernel.release", code=0)

    def test_an_export_that_cannot_be_written(self):
        self.assertIn("--export /no/such/folder/x: cannot be written",
                      self.refused("gate", self.a, self.a, "--export", "junit=/no/such/folder/x"))


class Size(Gate):
    def test_two_hundred_cells(self):
        run = copy.deepcopy(SAMPLE)
        run["cells"] = [dict(copy.deepcopy(run["cells"][0]), name=f"cell-{i}") for i in range(200)]
        path = self.write("big.json", run)
        self.assertIn("200 cells: 200 pass", self.gate(path, path, code=0).stdout)


if __name__ == "__main__":
    unittest.main()
