# SPDX-License-Identifier: MIT
"""A lab's targets, their keys, what is submitted for them and what is said of them. Nothing is measured here:
tests/fleet does that."""

import argparse
import copy
import sys
from pathlib import Path

import pytest
from conftest import DATA, ROOT, read

from reports.sweep.accounting import Job, from_jobcomp, from_sacct, queued
from reports.sweep.command import Sweep
from reports.sweep.lab import load_lab
from reports.sweep.measure import HAND_IN, MEASURED, differences, hand_in_kept, note, runs_of
from reports.sweep.pair import alarm, sampled, second_key
from reports.sweep.prepared import Prepared, plan_name
from reports.sweep.slurm import in_ranges, kind_of, minutes_of
from reports.sweep.status import status
from reports.sweep.targets import targets_of
from reports.store import open_store

sys.path.insert(0, str(ROOT / "bench"))
from fleet_growth import NODES, bound, drawn, makespan, rows_of  # noqa: E402

LAB = """
rounds = 3
[axes]
kernels = ["6.1", "6.12"]
kernel_args = ["", "mitigations=off"]
cpus = ["max", "EPYC-Milan"]
probe_types = ["kmod", "fentry"]
handlers = ["nop", "count"]
"""


@pytest.fixture
def lab(tmp_path):
    def made(text=LAB):
        file = tmp_path / "lab.toml"
        file.write_text(text)
        return load_lab(str(file))
    return made


def targets(lab, text=LAB):
    return targets_of(lab(text), Path("/nowhere"))


def prepared(targets, **facts):
    known = {"kernel.release": "6.1.0", "compiler.version": "m", "qemu.version": "Q 7.2", **facts}
    return Prepared({target.kernel: {"digest": f"of {target.kernel}", "facts": known} for target in targets},
                    {plan_name(target): ["3 rounds", "a/cell"] for target in targets}, "source")


def test_axes_multiply_and_plans_do_not(lab):
    made = targets(lab)
    assert len(made) == 8 and len({target.label for target in made}) == 8
    assert made[-1].command() == ["--kernel", "6.12", "--accel", "tcg", "--no-plain", "--kernel-arg",
                                  "mitigations=off", "--cpu", "EPYC-Milan", "--probe-type", "kmod,fentry",
                                  "--handler", "nop,count", "--rounds", "3", "--seed", "1"]
    assert made[-1].title == "6.12 mitigations=off cpu=EPYC-Milan"


def test_excludes_take_targets_or_parts_of_plans(lab):
    made = targets(lab, LAB + '[[exclude]]\nkernels = "6.1"\ncpus = "EPYC-*"\n'
                              '[[exclude]]\nkernels = "6.12"\nprobe_types = "f*"\n')
    assert [(one.kernel, one.cpu, one.probe_types) for one in made if not one.kernel_args] == [
        ("6.1", "max", ("kmod", "fentry")), ("6.12", "max", ("kmod",)), ("6.12", "EPYC-Milan", ("kmod",))]


def test_times_are_of_machines(lab):
    made = targets(lab, LAB + '[time]\nmachines = ["xeon", "epyc"]\n')
    timed = [one for one in made if one.kind == "time"]
    assert len(made) == 16 and len(timed) == 8
    assert {kind_of(one, False).name for one in made} == {"exact", "time-xeon", "time-epyc"}
    assert kind_of(timed[0], False).options == ["--exclusive", "--constraint=xeon"]
    native = [one for one in targets(lab, LAB + '[time]\nmachines = "xeon"\naccel = "native"\n') if one.kind == "time"]
    assert [kind_of(one, False).options[1] for one in native] == [
        "--constraint=xeon&kernel_6.1", "--constraint=xeon&kernel_6.12"]  # the kernel's own arguments


def test_recipes_and_own_trees(lab, tmp_path):
    (tmp_path / "p.toml").write_text('[[config]]\nname = "rt"\noptions = ["PREEMPT=y"]\n[[config]]\nname = "plain"\n')
    made = targets(lab, '[axes]\ntrees = ["./linux"]\nconfigs = "p.toml"\ncost = ["recipes"]\n')
    assert [Path(one.kernel).name for one in made] == ["rt", "plain"]
    assert made[0].command()[0] == "cost" and made[0].command()[-2:] == ["--suite", "recipes"]
    assert made[0].kernel.endswith("/")  # a folder that is a build tree
    both = targets(lab, LAB + 'cost = ["recipes"]\n')
    assert [(one.kernel, one.cpu, one.kernel_args) for one in both if one.cost] == [("6.1", "", ""), ("6.12", "", "")]
    assert len(both) == 10


@pytest.mark.parametrize("text, words", [
    ("[axes]\nkernel = ['6.1']\n", "unknown axis 'kernel', did you mean 'kernels'?"),
    ("[axes]\nmoons = ['6.1']\n", "unknown axis 'moons', known are kernels"),
    ("[axes]\ncpus = ['max']\n", "an empty matrix: neither axes.kernels nor axes.trees"),
    ("[axes]\nkernels = []\n", "axes.kernels: expected texts"),
    ("[axes]\nkernels = [6.1]\n", "axes.kernels: expected texts"),
    ("[axes]\nkernels = ['6.1', '6.1']\n", "'6.1' is there twice"),
    ("[axes]\nkernels = ['6.1']\n[[exclude]]\nkernels = '*'\n", "an empty matrix: every target is excluded"),
    ("[axes]\nkernels = ['6.1']\n[[exclude]]\ncpu = '*'\n", "unknown axis 'cpu', did you mean 'cpus'?"),
    ("[axes]\nkernels = ['6.1']\n[[exclude]]\nprobe_types = 'a'\n", "the lab has no such axis"),
    ("[axes]\nkernels = ['6.1']\ntrees = ['x']\n", "axes.trees and axes.configs go together"),
    ("[axes]\nkernels = ['6.1']\nprobe_types = ['a,b']\n", "a comma in a name"),
    ("rounds = 0\n[axes]\nkernels = ['6.1']\n", "rounds = 0: expected a number from 1 on"),
    ("rounds = true\n[axes]\nkernels = ['6.1']\n", "rounds: expected a whole number"),
    ("name = '../x'\n[axes]\nkernels = ['6.1']\n", "cannot name a file"),
    ("[axes]\nkernels = ['6.1']\n[time]\naccel = 'tcg'\n", "time.accel 'tcg': expected kvm or native"),
    ("[axes\n", "not TOML")])
def test_labs_that_are_refused(bench, text, words):
    (bench.folder / "lab.toml").write_text(text)
    bench.refused(2, words, "sweep", "lab.toml", "--dry-run")


def test_refusals_before_anything_is_measured(bench, monkeypatch):
    (bench.folder / "lab.toml").write_text("[axes]\nkernels = ['6.1']\n")
    bench.refused(2, "no.toml: No such file", "sweep", "no.toml")
    bench.refused(2, "--jobs 0", "sweep", "lab.toml", "--jobs", "0")
    bench.refused(2, "invalid choice: 'cron'", "sweep", "lab.toml", "--engine", "cron")
    monkeypatch.delenv("PROBEBENCH_PROGRAM", raising=False)
    bench.refused(69, "started by run-bench only", "sweep", "lab.toml")
    monkeypatch.setenv("PATH", str(bench.folder))
    bench.refused(69, "there is no sbatch here; apt-get install slurm-client", "sweep", "lab.toml", "--engine", "slurm")
    for program, said in (("sbatch", ""), ("scontrol", "scontrol: error: resolve_ctls_from_dns_srv: Unknown host")):
        (bench.folder / program).write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
        (bench.folder / program).chmod(0o755)
    bench.refused(69, "Slurm finds no slurm.conf here, docs/fleet.md has its lines", "sweep", "lab.toml", "--engine",
                  "slurm", "--store", "s.sqlite")
    bench.refused(69, "Connection refused", "sweep", "lab.toml", "--store", "postgresql://127.0.0.1:1/none")


def test_a_dry_run_names_the_targets_and_makes_nothing(bench):
    (bench.folder / "lab.toml").write_text(LAB)
    ended = bench.start("sweep", "lab.toml", "--dry-run", "--store", "s.sqlite")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("8 targets, 8 to be measured, 8 of them without an estimate\n")
    assert [one.name for one in bench.folder.iterdir()] == ["lab.toml"]


def test_a_job_finds_the_store_from_wherever_it_starts(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    file = str(lab().file)

    def store(url):
        options = argparse.Namespace(lab=file, work="work", store=url, again=False)
        return Sweep(options).words()[:2]
    assert store("s.sqlite") == store("sqlite:///s.sqlite") == ["--store", str(tmp_path / "s.sqlite")]
    assert store("postgresql:///x") == ["--store", "postgresql:///x"]
    (tmp_path / "results/store.sqlite").touch()
    assert store(None) == ["--store", str(tmp_path / "results/store.sqlite")]


def test_a_job_is_of_its_target_and_no_sweep(bench):
    (bench.folder / "lab.toml").write_text(LAB)
    for job in ("--task", "--pair", "--measure"):
        bench.refused(69, "no sweep of this lab has been here", "sweep", "lab.toml", job, "0", "--store", "s.sqlite")
        bench.refused(2, "there is no target 8", "sweep", "lab.toml", job, "8", "--store", "s.sqlite")


def test_a_key_is_of_what_is_built_and_asked(lab):
    made = targets(lab)
    known = prepared(made)
    keys = {known.key_of(target) for target in made}
    assert len(keys) == 8
    assert keys == {known.key_of(target) for target in targets(lab)}
    for other in (prepared(made, **{"compiler.version": "n"}), prepared(made, **{"qemu.version": "Q 8"})):
        assert not keys & {other.key_of(target) for target in made}
    changed = copy.deepcopy(known)
    changed.plans[plan_name(made[0])].append("b/cell")
    assert not keys & {changed.key_of(target) for target in made}


def test_what_was_measured_is_held_against_what_was_asked(lab):
    made = targets(lab)
    document = {"targets": [{"host": {"qemu.version": "Q 7.2", "compiler.version": "m", "qemu.cpu_model": "max"},
                             "environment": {"facts": {"kernel.release": "6.1.0"}}}]}
    assert differences(document, made[0], prepared(made)) == []
    document["targets"][0]["host"]["qemu.version"] = "Q 8"
    assert differences(document, made[0], prepared(made)) == ["qemu.version is Q 8, asked was Q 7.2"]


def keep(bench, target, name, started, occasion=""):
    run = runs_of(bench.folder, target) / name
    run.parent.mkdir(parents=True, exist_ok=True)
    bench.run("kept", lambda document: document.update(started=started))
    (bench.folder / "kept").rename(run)
    note(run / MEASURED, {"seconds": 1.5, "node": "n1", "request": {"kernel": "6.1"}})
    note(run / HAND_IN, {"key": "k", "occasion": occasion})


def test_what_could_not_be_handed_in_is_by_the_next_sweep(lab, bench):
    target, done = targets(lab)[0], set()
    keep(bench, target, "1.0@n1", "2026-01-01T00:00:00Z")
    with open_store(str(bench.folder / "s.sqlite")) as store:
        assert hand_in_kept([target], store, bench.folder, done) == 1 and done == {"k"}
        assert hand_in_kept([target], store, bench.folder, store.keys()) == 0
        assert store.keys() == {"k"} and store.seconds_of(kernel="6.1") == 1.5
        keep(bench, target, "2.0@n1", "2026-01-02T00:00:00Z", "again 2026-01-02T00:00:00Z")  # by --again
        assert hand_in_kept([target], store, bench.folder, store.keys()) == 1
        assert hand_in_kept([target], store, bench.folder, store.keys()) == 0 and len(store.numbers()) == 2


def recorded(change=lambda document: None):
    document = read(DATA / "exact/results.json")
    change(document)
    return document


def test_two_nodes_have_to_agree():
    assert alarm(["n1", "n2"], [recorded(), recorded(lambda one: one.update(started="2030-01-01T00:00:00Z"))]) is None

    def dearer(document):
        cell = next(one for one in document["cells"] if one["status"] == "measured")
        cell["metrics"]["instructions_per_hit"]["value"] += 1
        document["targets"][0]["host"]["qemu.version"] = "QEMU 9"
    said = alarm(["n1", "n2"], [recorded(), recorded(dearer)])
    cell = next(one for one in recorded()["cells"] if one["status"] == "measured")
    assert said.startswith("ALARM: nodes n1 (QEMU ") and "n2 (QEMU 9) disagree: " + cell["name"] in said
    value = cell["metrics"]["instructions_per_hit"]["value"]
    assert f"instructions_per_hit {value:g} and " in said and f"instructions_per_hit {value + 1:g}" in said
    assert "and 1 more" not in said

    def lost(document):
        document["cells"] = document["cells"][1:]
    assert "nothing" in alarm(["n1", "n2"], [recorded(), recorded(lost)])


def test_the_sample_is_a_twentieth_of_the_exact_ones(lab):
    made = targets(lab, LAB + '[time]\nmachines = "xeon"\n')
    keys = {f"{at:03}": made[at % len(made)] for at in range(240)}
    exact = [key for key, target in keys.items() if target.kind == "exact"]
    assert len(sampled(keys)) == len(exact) // 20 and sampled(keys) < set(exact)
    assert sampled({"a": made[0]}) == {"a"} and second_key("a") != second_key("b")


def test_arrays():
    assert in_ranges([7, 1, 2, 3, 9, 10]) == "1-3,7,9-10"
    assert (minutes_of([None, None]), minutes_of([20, None, 90]), minutes_of([1])) == (30, 6, 2)


def test_what_slurm_says():
    names = {"probebench-x": 0, "probebench-x+1001": 1001}
    assert list(queued("5|3|PENDING||Priority|probebench-x\n5|4|RUNNING|n1|None|probebench-x+1001\n"
                       "6|N/A|RUNNING|n2|None|probebench-x-prepare\n", names)) == [
        Job(5, 3, 3, "PENDING", "", "Priority"), Job(5, 4, 1005, "RUNNING", "n1")]
    assert list(from_sacct("5_3|CANCELLED by 0|0:15|n1|probebench-x\n5_4|FAILED|1:0|n2|probebench-x+1001\n"
                           "6|COMPLETED|0:0|n1|probebench-x\n5_[7-9]|PENDING|0:0||probebench-x\n", names)) == [
        Job(5, 3, 3, "CANCELLED", "n1"), Job(5, 4, 1005, "FAILED", "n2", "exit code 1")]
    line = ("JobId=7 UserId=root(0) GroupId=root(0) Name={} JobState={} Partition=all TimeLimit=30 StartTime=x "
            "NodeList={} NodeCnt=1 ReservationName= Tres=cpu=1,mem=1M Account= ArrayJobId=5 ArrayTaskId={} "
            "DerivedExitCode=0:0 ExitCode={} \n")
    text = (line.format("probebench-x", "NODE_FAIL", "n1", 3, "0:0") + "JobId=9 Name=other\n"
            + line.format("probebench-x+1001", "FAILED", "n2", 4, "69:0"))
    assert list(from_jobcomp(text, names)) == [Job(5, 3, 3, "NODE_FAIL", "n1"),
                                               Job(5, 4, 1005, "FAILED", "n2", "exit code 69")]


def test_status_says_why(lab, tmp_path):
    made = targets(lab)
    known = prepared(made)
    known.kernels["6.12"] = {"error": "no network"}
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/5_2").write_text("run-bench: no room\n")
    jobs = {1: Job(5, 1, 1, "RUNNING", "n1"), 2: Job(5, 2, 2, "FAILED", "n2", "exit code 69"),
            3: Job(5, 3, 3, "PENDING", "", "Priority")}
    text = status(made, known, {known.key_of(made[0])}, tmp_path, jobs)
    assert text.splitlines()[:4] == [
        "6.1 cpu=EPYC-Milan: running: on n1",
        "6.1 mitigations=off cpu=max: failed: failed on n2: exit code 69: run-bench: no room",
        "6.1 mitigations=off cpu=EPYC-Milan: waiting: Priority", "6.12 cpu=max: failed: no network"]
    assert text.endswith("8 targets: 1 done, 1 running, 1 waiting, 5 failed\n")


def test_growth():
    assert makespan([3, 1, 1, 1], 2) == 3 and bound([3, 1, 1, 1], 2) == 3
    assert makespan([1, 1, 1, 1, 4], 2) == 6 and bound([1, 1, 1, 1, 4], 2) == 4  # the longest last
    assert makespan([1.5, 1.5, 1.5], 1, tick=1) == 5.5  # begun at 0, 2 and 4
    assert makespan([5], 512) == 5
    times = drawn([18, 20, 22], 1000, 1)
    rows = list(rows_of([18, 20, 22], 1000, 0, 1))
    assert [row[0] for row in rows] == NODES and rows[0][1] == rows[0][2] == sum(times)
    assert all(took >= least for _, least, took, _ in rows)
