# SPDX-License-Identifier: MIT
"""Verdicts on published claims: each kind, and what makes it another one."""

import pytest

from conftest import DATA, read
from reports import claim_tests
from reports.claims import claims, judge
from reports.errors import ReportError
from reports.load import load

STEPPED, OPTIMIZED = "kprobe-stepped/module/mid-step/nop", "kprobe-optimized/module/mid/nop"


def on_time(results):
    """As if a real CPU's clock had been read."""
    for target in results["targets"]:
        target.update(clock="tsc", accel="kvm")


def timed(results, probe_type, value, spread=0.0):
    for cell in results["cells"]:
        if cell["probe_type"] == probe_type and cell["metrics"]["ns_per_hit"]:
            cell["metrics"]["ns_per_hit"].update(value=value, low=value - spread, high=value + spread)


@pytest.fixture
def exact():
    return load(str(DATA / "exact"))


def word(run, **test):
    return claim_tests_of(test["kind"])(run, test).word


def claim_tests_of(kind):
    from reports.claims import TESTS
    return TESTS[kind]


def test_every_row_has_a_verdict_and_a_reason(exact):
    judged = judge(exact)
    assert len(judged) == len(claims()) > 40
    assert all(one.verdict.word in ("confirmed", "refuted", "not comparable") and one.verdict.why for one in judged)


def test_counts_decide_nothing_about_time(exact):
    for one in judge(exact):
        if one.claim.test["kind"] in ("time", "ratio", "rate"):
            assert one.verdict.word == "not comparable", one.claim.id


@pytest.mark.parametrize("stepped, spread, expected", [(1000, 0, "confirmed"), (500, 0, "refuted"),
                                                       (800, 100, "not comparable")])
def test_a_ratio_of_times_by_its_interval(bench, stepped, spread, expected):
    def change(results):
        on_time(results)
        timed(results, "kprobe-stepped", stepped, spread)
        timed(results, "kprobe-optimized", 100)
    run = load(str(bench.run("run", change, source="noisy")))
    assert word(run, kind="ratio", over=STEPPED, under=OPTIMIZED, expected=[8, 12]) == expected


def test_times_inside_an_emulator_decide_nothing(bench):
    run = load(str(bench.run("run", source="noisy")))
    verdict = claim_tests.ratio(run, {"over": STEPPED, "under": OPTIMIZED, "expected": [0, 1000]})
    assert (verdict.word, verdict.why.split(";")[0]) == ("not comparable", claim_tests.EMULATED)


def test_a_label_that_lies_is_named(exact):
    verdict = claim_tests.time(exact, {"cells": [STEPPED], "label": "it is ftrace"})
    assert verdict.word == "not comparable" and "its label names another mechanism: it is ftrace" == verdict.why


def test_exceptions_and_path(exact):
    twice = {"kind": "exceptions", "cell": STEPPED}
    assert word(exact, **twice, expected=["asm_exc_int3", "asm_exc_debug"]) == "refuted"
    assert word(exact, **twice, expected=["asm_exc_int3", "asm_exc_int3"]) == "confirmed"
    assert word(exact, kind="path", cell=STEPPED, expected=["exc_int3", "kprobe_int3_handler"]) == "confirmed"
    assert word(exact, kind="path", cell=STEPPED, expected=["exc_int3", "notify_die"]) == "refuted"
    assert word(exact, kind="path", cell="ftrace/module/entry/nop", expected=["x"]) == "not comparable"
    assert word(exact, kind="interrupts", cells=[STEPPED, OPTIMIZED]) == "refuted"
    assert word(exact, kind="interrupts", cells=[STEPPED]) == "confirmed"


def test_order(exact):
    assert word(exact, kind="order", low=["ftrace/module/entry/nop"], high=[OPTIMIZED, STEPPED]) == "confirmed"
    assert word(exact, kind="order", low=[STEPPED], high=[OPTIMIZED]) == "refuted"
    assert word(exact, kind="order", low=["fexit/module/entry/nop"], high=[OPTIMIZED]) == "not comparable"


def test_the_experiment(bench):
    run = load(str(bench.experiment("run")))
    assert word(run, kind="misses", maxactive=20, concurrent=20, missed=0) == "confirmed"
    assert word(run, kind="misses", maxactive=20, concurrent=20, missed=1) == "refuted"
    assert word(run, kind="misses", maxactive=1, concurrent=20, missed=0) == "not comparable"
    gain = {"kind": "workload-gain", "over": ["kprobe-stepped"], "under": "kprobe-optimized"}
    assert word(run, **gain, expected=[1, 2]) == "not comparable"  # instructions
    run.reproductions[0]["clock_unit"] = "ns"
    assert word(run, **gain, expected=[1, 2]) == "confirmed"
    assert word(run, **gain, expected=[1, 1.1]) == "refuted"
    slow = {"kind": "workload-slowdown", "mechanism": "kprobe-optimized"}
    assert word(run, **slow, suite="intrusion", expected=[1, 1.05]) == "refuted"
    assert word(run, **slow, suite="none", expected=[1, 1.05]) == "not comparable"


@pytest.mark.parametrize("text, complaint", [
    ("[[claim]]\nid = 'x'\n", "x: figure, read, says, source, test is missing"),
    ("claim = [", "not TOML"),
    ("[[claim]]\nid='x'\nsays='y'\nfigure='z'\nsource='s'\nread='heard'\ntest={kind='none'}\n", "expected one of read"),
    ("[[claim]]\nid='x'\nsays='y'\nfigure='z'\nsource='s'\nread='read'\ntest={kind='guess'}\n", "test.kind"),
    ("[[claim]]\nid='x'\nsays='y'\nfigure='z'\nsource='s'\nread='read'\ntest={kind='none'}\n" * 2, "there twice"),
])
def test_a_ledger_that_is_wrong(tmp_path, text, complaint):
    ledger = tmp_path / "claims.toml"
    ledger.write_text(text)
    with pytest.raises(ReportError, match=complaint):
        claims(ledger)


def test_the_recorded_anatomy_belongs_to_the_recorded_run():
    names = {cell["name"] for cell in read(DATA / "exact/results.json")["cells"]}
    assert {one["cell"] for one in read(DATA / "exact/anatomy.json")["anatomies"]} <= names
