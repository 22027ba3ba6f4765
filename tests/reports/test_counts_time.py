# SPDX-License-Identifier: MIT
"""Counts against time: ranks, reversed pairs, and what a run lacks."""

import pytest

from conftest import DATA, ROOT
from reports.counts_time import Point, Series, all_series, changes, measured_series, ranks
from reports.load import load
from reports.merge import merge
from reports.published import reference_run


def series(*points):
    return Series("x", [Point(name, count, low, (low + high) / 2, high) for name, count, low, high in points])


def test_ranks_are_shared_by_equals():
    assert ranks([5, 1, 5, 9]) == [2.5, 1, 2.5, 4]


@pytest.mark.parametrize("times, correlation", [((1, 2, 3), 1), ((3, 2, 1), -1), ((1, 3, 2), 0.5), ((2, 2, 2), 0)])
def test_the_correlation_is_that_of_the_ranks(times, correlation):
    one = series(*((str(time), count, time, time) for count, time in zip((10, 200, 3000), times)))
    assert one.correlation() == pytest.approx(correlation)


def test_a_pair_is_reversed_beyond_its_intervals_only():
    one = series(("a", 10, 5, 6), ("b", 20, 3, 4), ("c", 30, 5.5, 9), ("d", 30, 1, 2))
    assert [(longer.name, shorter.name) for longer, shorter in one.flips()] == [("d", "a"), ("d", "b"), ("b", "a")]


def test_both_clocks_in_one_run(bench):
    def on_time(results):
        for target in results["targets"]:
            target.update(clock="tsc", accel="kvm")
    counted, timed = load(str(DATA / "exact")), load(str(bench.run("run", on_time, source="noisy")))
    found = list(measured_series(merge([counted, timed])))
    assert found and all(one.title.startswith("Times: Linux ") and ", counts: Linux " in one.title for one in found)
    names = {point.name for one in found for point in one.points}
    assert "kprobe-stepped/mid-step" in names
    assert list(measured_series(counted)) == []
    assert list(measured_series(merge([counted, load(str(bench.run("emulated", source="noisy")))]))) == []


def test_another_state_is_another_path(bench):
    def called(results):
        for target in results["targets"]:
            target.update(clock="tsc", accel="kvm")
        for cell in results["cells"]:
            cell["evidence"]["state"] = "call"
    run = merge([load(str(DATA / "exact")), load(str(bench.run("run", called, source="noisy")))])
    assert [one.points for one in measured_series(run) if one.points] == []


def test_published_times_beside_the_reference_run():
    run = reference_run(ROOT)
    by_claim = {one.title.split(",")[0]: one for one in all_series(run)}
    one = by_claim["Times: starovoitov-2019"]
    assert [(longer.name, shorter.name) for longer, shorter in one.flips()] == [
        ("fentry", "raw_tp"), ("fexit", "raw_tp")]
    assert one.correlation() == pytest.approx(0.7)
    assert by_claim["Times: bpfbench-2025"].flips() == []  # tp 9.8 and fexit 10.0 ns are no order
    reversed_ones = {change.name for change in changes(run) if change.flipped}
    assert reversed_ones == {"kretprobe-multi", "kprobe-multi"}


def test_a_run_without_such_cells_has_no_section(bench):
    html, _ = bench.page(bench.run("run"))
    assert 'id="counts-time"' not in html
