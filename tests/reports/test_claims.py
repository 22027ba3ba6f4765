# SPDX-License-Identifier: MIT
"""Verdicts on published claims: each kind, and what makes it another one."""

from dataclasses import replace

import pytest

from conftest import DATA, ROOT, read
from reports import claim_tests
from reports.claims import claims, judge
from reports.errors import ReportError
from reports.load import load
from reports.published import reference_run

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
    assert all(one.verdict.word in claim_tests.WORDS and one.verdict.why for one in judged)


def test_the_reference_run_decides_what_is_no_time():
    words = [one.verdict.word for one in judge(reference_run(ROOT)) if one.verdict.word in claim_tests.DECIDED]
    assert len(words) >= 12 and {"confirmed", "refuted", "outdated"} <= set(words)


def test_counts_decide_nothing_about_time(exact):
    for one in judge(exact):
        if one.claim.test["kind"] in ("time", "ratio", "rate"):
            assert one.verdict.word == "not comparable", one.claim.id


@pytest.mark.parametrize("stepped, spread, expected", [(1000, 0, "confirmed"), (500, 0, "refuted"),
                                                       (800, 100, "undecided")])
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
    outdated = claim_tests.exceptions(exact, {**twice, "expected": ["asm_exc_debug"], "until": "5.13"})
    assert outdated.word == "outdated" and outdated.why.startswith("outdated since Linux 5.13: ")
    assert word(exact, kind="path", cell=STEPPED, expected=["do_debug"], until="5.13") == "outdated"
    assert word(exact, **twice, expected=["asm_exc_int3", "asm_exc_int3"]) == "confirmed"
    assert word(exact, kind="path", cell=STEPPED, expected=["exc_int3", "kprobe_int3_handler"]) == "confirmed"
    assert word(exact, kind="path", cell=STEPPED, expected=["exc_int3", "notify_die"]) == "refuted"
    assert word(exact, kind="path", cell="ftrace/module/entry/nop", expected=["x"]) == "not comparable"
    assert word(exact, kind="interrupts", cells=[STEPPED, OPTIMIZED]) == "refuted"
    assert word(exact, kind="interrupts", cells=[STEPPED]) == "confirmed"


def order(run, low, high):
    return word(run, kind="order", pairs=[{"low": [low], "high": high}])


def test_the_order_of_counts_is_that_of_paths_that_contain_each_other(exact):
    """A count alone tells no order of times: a longer path may be the faster one."""
    assert exact.anatomies and order(exact, "ftrace/module/entry/nop", STEPPED) == "not comparable"
    stepped = next(one for one in exact.anatomies if one.cell == f"{STEPPED}/threads:1")
    inside = replace(stepped, cell="ftrace/module/entry/nop/threads:1", steps=stepped.steps[:5])
    run = replace(exact, anatomies=[*exact.anatomies, inside])
    assert order(run, "ftrace/module/entry/nop", STEPPED) == "confirmed"
    assert order(run, STEPPED, "ftrace/module/entry/nop") == "refuted"
    assert order(run, "fexit/module/entry/nop", OPTIMIZED) == "not comparable"


@pytest.mark.parametrize("stepped, spread, expected", [(1000, 10, "refuted"), (50, 10, "confirmed"),
                                                       (100, 90, "undecided")])
def test_the_order_of_times_is_that_of_their_intervals(bench, stepped, spread, expected):
    def change(results):
        on_time(results)
        timed(results, "kprobe-stepped", stepped, spread)
        timed(results, "kprobe-optimized", 100, 1)
    run = load(str(bench.run("run", change, source="noisy")))
    assert order(run, STEPPED, OPTIMIZED) == expected


def test_one_reversed_pair_refutes_an_order(bench):
    def change(results):
        on_time(results)
        timed(results, "kprobe-stepped", 1000)
        timed(results, "kprobe-optimized", 100)
    run = load(str(bench.run("run", change, source="noisy")))
    pairs = [{"low": [OPTIMIZED], "high": STEPPED}, {"low": [STEPPED], "high": OPTIMIZED}]
    assert word(run, kind="order", pairs=pairs[:1]) == "confirmed"
    assert word(run, kind="order", pairs=pairs) == "refuted"
    seen = next(cell.state for cell in run.cells if cell.name == f"{OPTIMIZED}/threads:1")
    assert word(run, kind="order", pairs=[{**pairs[0], "state": seen}]) == "confirmed"
    assert word(run, kind="order", pairs=[{**pairs[0], "state": "call"}]) == "not comparable"


@pytest.mark.parametrize("low, high, expected", [(2e5, 3e5, "confirmed"), (5e4, 9e4, "refuted"),
                                                 (9e4, 2e5, "undecided")])
def test_a_rate_by_its_interval(bench, low, high, expected):
    def change(results):
        on_time(results)
        for cell in results["cells"]:
            cell["metrics"]["hits_per_second"] = {**cell["metrics"]["ns_per_hit"], "value": (low + high) / 2,
                                                  "low": low, "high": high}
    run = load(str(bench.run("run", change, source="noisy")))
    assert word(run, kind="rate", cell=STEPPED, at_least=100000) == expected


def test_a_state_from_a_release_on(exact):
    optimized = {"kind": "state", "cell": OPTIMIZED, "expected": "optimized"}
    assert word(exact, **optimized, **{"from": "5.10"}) == "confirmed"
    assert word(exact, **{**optimized, "expected": "ftrace"}, **{"from": "6.0"}) == "refuted"
    assert word(exact, **optimized, **{"from": "7.0"}) == "not comparable"
    assert word(exact, **optimized, **{"from": "5.0", "before": "5.10"}) == "not comparable"


def test_a_claim_about_mechanisms_pairs_cells_of_one_site():
    for claim in claims():
        if claim.id.startswith("blog-table"):
            for pair in claim.test["pairs"]:
                assert {cell.split("/")[2] for cell in (*pair["low"], pair["high"])} == {pair["high"].split("/")[2]}


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


@pytest.mark.parametrize("low, high, expected", [(3, 4.9, "confirmed"), (-0.2, 0.1, "confirmed"),
                                                 (4, 6, "undecided"), (5.1, 8, "refuted"), (None, None, "undecided")])
def test_a_pruned_suite_by_the_range_of_its_rounds(bench, low, high, expected):
    run = load(str(bench.experiment("run")))
    run.reproductions[0]["pruning"] = []
    prune = {"kind": "pruned", "suite": "intrusion", "mechanisms": ["kprobe-optimized"], "expected": [-100, 5]}
    verdict = claim_tests.pruned(run, prune)
    assert verdict.word == "undecided" and verdict.why.startswith("no pruned suite was measured")
    workloads = [{"name": "pipe", "pruned_percent": 1, "pruned_low_percent": 1, "pruned_high_percent": 1},
                 {"name": "stat", "pruned_percent": 4, "pruned_low_percent": low, "pruned_high_percent": high}]
    run.reproductions[0]["pruning"] = [{"suite": "intrusion", "mechanism": "kprobe-optimized", "sites": 110,
                                        "kept": 100, "status": "measured", "workloads": workloads}]
    assert claim_tests.pruned(run, prune).word == "not comparable"  # instructions
    run.reproductions[0]["clock_unit"] = "ns"
    verdict = claim_tests.pruned(run, prune)
    assert verdict.word == expected and verdict.here.startswith("at most 4.0 % over 2 workloads")
    assert word(run, **{**prune, "suite": "none"}) == "undecided"


def test_a_gain_of_workloads_by_the_range_of_its_rounds(bench):
    run = load(str(bench.experiment("run")))
    experiment = run.reproductions[0]
    experiment["clock_unit"] = "ns"
    gain = {"kind": "workload-gain", "over": ["kprobe-stepped"], "under": "kprobe-optimized"}
    assert word(run, **gain, expected=[1.19, 1.21]) == "confirmed"
    for row in experiment["workloads"][0]["rows"]:
        row.update(base_rounds=[100, 101], armed_rounds=[100 * row["slowdown"], 102 * row["slowdown"]])
    assert word(run, **gain, expected=[1.19, 1.21]) == "undecided"


def test_the_reader_s_own_report_is_without_other_people_s_claims(bench):
    html, text = bench.page(bench.run("run"))
    assert "What others published" not in text and "Claims ledger" not in html and "| course-hit" not in text
    ended = bench.start("report", bench.folder / "run", "--output", "whole", "--no-png", "--ledger")
    assert ended.returncode == 0
    whole = (bench.folder / "whole/report.md").read_text()
    assert "| hiramatsu-10x | not comparable |" in whole and "| course-hit-exceptions | outdated |" in whole
    assert "[kernel commit c5d420c32cb4 [read]](https://git.kernel.org/torvalds/c/c5d420c32cb4)" in whole


def test_no_verdict_rests_on_a_point(exact):
    """A ratio, a rate, an order and a workload can each come out undecided: tested above, and here that no other kind
    of test compares figures."""
    kinds = {claim.test["kind"] for claim in claims()}
    assert kinds <= {"none", "time", "optimizable", "exceptions", "path", "interrupts", "misses", "state",
                     "ratio", "rate", "order", "workload-gain", "pruned"}


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
