# SPDX-License-Identifier: MIT
"""One source in several configurations: each sentence is what the cells say, whatever they say."""

import copy

import pytest

from reports.load import load
from reports.merge import merge
from reports.quantities import Reference, Wrong, quantity
from test_page import without_figures

BASE = "CPU_MITIGATIONS MITIGATION_RETHUNK"
COST = {"kprobe-stepped": 485, "kprobe-optimized": 103, "kprobe-ftrace": 170}


def column(results, name, options, costs, lacks=()):
    """The second kernel of the run, built below b/."""
    target = copy.deepcopy(next(one for one in results["targets"] if "6.12" in one["id"]))
    cells = [copy.deepcopy(cell) for cell in results["cells"] if cell["target"] == target["id"]
             and cell["probe_type"] in COST and cell["handler"] == "nop"]
    target.update(id=f"vm-tcg-b-{name}")
    target["host"].update({"kernel.name": f"b/{name}/", "kernel.options": options})
    for cell in cells:
        cell["target"] = target["id"]
        cell["metrics"]["instructions_per_hit"].update(dict.fromkeys(("value", "low", "high"),
                                                                     costs[cell["probe_type"]]))
        if cell["probe_type"] in lacks:
            without_figures(cell, "skipped")
    return target, cells


def with_columns(results, columns, alone=False):
    made = [column(results, *one) for one in columns]
    kept = [] if alone else results["targets"], [] if alone else results["cells"]
    results["targets"] = kept[0] + [target for target, _ in made]
    results["cells"] = kept[1] + [cell for _, cells in made for cell in cells]


def section_of(text):
    start = text.index("## One source, several configurations")
    return text[start:text.index("\n## ", start)].replace("\\_", "_")


def page_with(bench, *columns, alone=False):
    _, text = bench.page(bench.run("alone" if alone else "run", lambda results: with_columns(results, columns, alone)))
    return text


def test_what_an_option_takes_away_is_told_by_the_options_that_separate(bench):
    text = section_of(page_with(bench, ("none", BASE, COST), ("bare", "", COST),
                                ("preempt", f"PREEMPTION {BASE}", COST, ["kprobe-stepped"])))
    assert ("kprobe-stepped exists on none and bare, not on preempt: all of the latter have PREEMPTION, none of the "
            "former. Reason: made skipped.") in text


@pytest.mark.parametrize("second, told", [
    (580, "on preempt and dynamic, in executed instructions: kprobe-ftrace 170 and 580."),
    (590, "on preempt, in executed instructions: kprobe-ftrace 170 and 580. What is ftrace on none and stepped on "
          "dynamic, in executed instructions: kprobe-ftrace 170 and 590."),
])
def test_what_is_armed_in_another_way_is_told_with_both_figures(bench, second, told):
    def changed(results):
        with_columns(results, (("none", BASE, COST), ("preempt", f"PREEMPTION {BASE}", {**COST, "kprobe-ftrace": 580}),
                               ("dynamic", f"PREEMPTION PREEMPT_DYNAMIC {BASE}", {**COST, "kprobe-ftrace": second})))
        for cell in results["cells"]:
            if cell["target"] in ("vm-tcg-b-preempt", "vm-tcg-b-dynamic") and cell["probe_type"] == "kprobe-ftrace":
                cell["evidence"]["state"] = "stepped"
    _, text = bench.page(bench.run("run", changed))
    assert f"What is ftrace on none and stepped {told}" in section_of(text)


def test_what_an_option_gives(bench):
    text = section_of(page_with(bench, ("none", BASE, COST), ("bare", "", COST, ["kprobe-ftrace"])))
    assert ("kprobe-ftrace exists on none, not on bare: all of the former have CPU_MITIGATIONS and "
            "MITIGATION_RETHUNK, none of the latter.") in text


def test_what_no_option_tells_apart_is_said(bench):
    text = section_of(page_with(bench, ("none", BASE, COST, ["kprobe-ftrace"]), ("preempt", f"PREEMPTION {BASE}", COST),
                                ("bare", "", COST, ["kprobe-ftrace"]), ("both", f"PREEMPTION {BASE}", COST,
                                                                        ["kprobe-ftrace"])))
    assert "kprobe-ftrace exists on preempt, not on none, bare and both: no one option tells these apart." in text


@pytest.mark.parametrize("bare, said, rows", [
    ({"kprobe-stepped": 485, "kprobe-optimized": 51.5, "kprobe-ftrace": 160},
     "1.06 times in the middle, at most 2.00 (kprobe-optimized).", "2 | 1 | 0"),
    ({"kprobe-stepped": 485, "kprobe-optimized": 103, "kprobe-ftrace": 170},
     "1.00 times in the middle, at most 1.00 (kprobe-stepped).", "0 | 3 | 0"),
    ({"kprobe-stepped": 485, "kprobe-optimized": 103, "kprobe-ftrace": 340},
     "1.00 times in the middle, at most 1.00 (kprobe-stepped).", "0 | 2 | 1"),
])
def test_the_cost_of_mitigations_is_with_them_against_without(bench, bare, said, rows):
    text = section_of(page_with(bench, ("none", BASE, COST), ("bare", "", bare)))
    assert f"Mitigations, on none, not on bare: {said}" in text
    assert f"| Mitigations (CPU_MITIGATIONS) | none | bare | 3 | {rows} | " in text


def test_the_steps_of_a_feature_that_the_base_lacks(bench):
    slow = {name: 10 * cost for name, cost in COST.items()}
    text = section_of(page_with(bench, ("none", BASE, COST), ("lockdep", f"{BASE} PROVE_LOCKING", slow)))
    assert "| Lockdep (PROVE_LOCKING) | lockdep | none | 3 | 3 | 0 | 0 | 10.00 times (kprobe-stepped) | " in text
    assert "| kprobe-stepped | 485 | 4850 (+4365) |" in text


@pytest.mark.parametrize("dearer, told", [
    (0, ("preempt, not on none: 1.00 times in the middle", "dynamic, not on none: 1.06 times in the middle")),
    (10, ("preempt and dynamic, not on none: 1.06 times in the middle",)),
])
def test_configurations_of_one_option_are_told_at_once_where_they_cost_the_same(bench, dearer, told):
    preempt, dynamic = ({name: cost + more for name, cost in COST.items()} for more in (dearer, 10))
    text = section_of(page_with(bench, ("none", BASE, COST), ("preempt", f"PREEMPTION {BASE}", preempt),
                                ("dynamic", f"PREEMPTION PREEMPT_DYNAMIC {BASE}", dynamic)))
    for one in told:
        assert f"Preemption, on {one}" in text


def test_configurations_have_no_part_in_the_other_sections_where_there_are_others(bench):
    _, plain = bench.page(bench.run("plain"))
    text = page_with(bench, ("none", BASE, COST), ("bare", "", COST))
    cost = slice(plain.index("## Cost of a hit"), plain.index("\n## ", plain.index("## Cost of a hit") + 1))
    assert plain[cost] in text
    assert "several configurations" not in plain
    alone = page_with(bench, ("none", BASE, COST), ("bare", "", COST), alone=True)
    assert "## Cost of a hit" in alone and "several configurations" in alone


def test_equal_options_are_no_axis(bench):
    assert "several configurations" not in page_with(bench, ("a", BASE, COST), ("b", BASE, COST))


def test_a_text_names_a_kernel_by_its_folder(bench):
    columns = ("none", BASE, COST), ("preempt", f"PREEMPTION {BASE}", {**COST, "kprobe-stepped": 500})
    reference = Reference(load(str(bench.run("run", lambda results: with_columns(results, columns)))))
    spec = {"cell": "kprobe-stepped/module/mid-step/nop", "state": "stepped"}
    assert [quantity(reference, {**spec, "kernel": kernel}) for kernel in ("none/", "preempt/", "6.12")] == [485, 500,
                                                                                                             485]
    with pytest.raises(Wrong, match="no figure of .* on lockdep/"):
        quantity(reference, {**spec, "kernel": "lockdep/"})


def test_runs_that_number_their_kernels_themselves_are_put_together(bench):
    """The second run's first kernel gives way to another one of its name, and not to the run's own second."""
    def numbered(names):
        def change(results):
            with_columns(results, [(name, BASE, {**COST, "kprobe-ftrace": cost}) for name, cost in names], alone=True)
            for number, target in enumerate(results["targets"], 1):
                mark = "kernel" + f"#{number}" * (number > 1)
                for cell in results["cells"]:
                    cell["target"] = mark if cell["target"] == target["id"] else cell["target"]
                target.update(id=mark, fingerprint=target["host"]["kernel.name"])
        return change
    runs = [bench.run(f"run{number}", numbered(names))
            for number, names in enumerate(([("a", 170)], [("b", 180), ("c", 190)]))]
    run = merge([load(str(path)) for path in runs])
    costs = {target.folder: [cell.metrics["instructions_per_hit"].value for cell in run.cells_of(target)
                             if cell.probe_type == "kprobe-ftrace"] for target in run.targets}
    assert costs == {"a": [170], "b": [180], "c": [190]}
