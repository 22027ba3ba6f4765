# SPDX-License-Identifier: MIT
"""Runs in the history, and the points where exact counts changed."""

import json
import sqlite3

from reports.serve.address import Asked
from reports.serve.views import matrix_view
from reports.store import open_store
from reports.store.questions import targets


def dearer_at(started, by):
    def change(results):
        results["started"] = started
        for cell in results["cells"]:
            if cell["probe_type"] == "ftrace":
                for name in ("value", "low", "high", "low_quantile"):
                    cell["metrics"]["instructions_per_hit"][name] += by
    return change


def history(bench, *arguments):
    ended = bench.start("history", "--store", "h.sqlite", *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_change_is_found_where_it_happened(bench):
    late, early, middle = (bench.run(name, dearer_at(f"2026-01-0{day}T00:00:00Z", by))
                           for name, day, by in (("late", 3, 2), ("early", 1, 0), ("middle", 2, 2)))
    text = history(bench, late, early, middle)  # in any order
    assert "2026-01-02  5.10.0-46  ftrace/module/entry/nop      29     31      +2\n" in text
    assert "2026-01-02  6.12.117   ftrace/module/entry/nop      38     40      +2\n" in text
    assert text.count("ftrace/module/entry/nop") == 2


def test_a_run_is_added_once_and_kept(bench):
    run = bench.run("run")
    assert "run/results.json: added" in history(bench, run)
    assert "is there already" in history(bench, run)
    text = history(bench)
    assert text.count("run/results.json") == 1 and "no exact count changed" in text


def test_trends_are_drawn_with_their_tables(bench):
    runs = [bench.run(f"run{day}", dearer_at(f"2026-01-0{day}T00:00:00Z", day // 3)) for day in (1, 2, 3)]
    history(bench, *runs, "--cell", "ftrace/module/entry", "--output", "trends")
    html = (bench.folder / "trends/report.html").read_text()
    assert "2 exact counts changed between 3 runs." in html
    assert 'id="trend-1"' in html and "<summary>Data of this figure</summary>" in html
    assert (bench.folder / "trends/figures/trend-1.png").stat().st_size > 1000


def test_times_do_not_change_exactly(bench):
    def later(results):
        results["started"] = "2027-01-01T00:00:00Z"
    runs = [bench.run("a", source="noisy"), bench.run("b", later, source="noisy")]
    assert "no exact count changed" in history(bench, *runs)


def another_flavour(results):
    """The same kernel with real-time scheduling: another count for every cell."""
    results["started"] = "2026-11-21T00:00:00Z"
    text = json.dumps(results).replace("-cloud-amd64", "-rt-amd64")
    results.update(json.loads(text))
    for cell in results["cells"]:
        if figure := cell["metrics"]["instructions_per_hit"]:
            figure.update(value=figure["value"] + 5, low=figure["low"] + 5, high=figure["high"] + 5)


def test_another_flavour_is_another_series(bench):
    """And no change of the first."""
    assert "no exact count changed" in history(bench, bench.run("cloud"), bench.run("rt", another_flavour))
    text = history(bench, bench.run("later", dearer_at("2026-11-22T00:00:00Z", 2)))
    assert "ftrace/module/entry/nop      38     40      +2" in text and "-rt" not in text.split("\n\n")[-1]


def configured(folder, by):
    def change(results):
        dearer_at("2026-11-21T00:00:00Z", by)(results)
        results["targets"] = results["targets"][:1]
        results["cells"] = [cell for cell in results["cells"] if cell["target"] == results["targets"][0]["id"]]
        results["targets"][0]["host"]["kernel.name"] = f"/srv/trees/linux-1b2c/{folder}/"
    return change


def test_another_configuration_of_a_tree_is_another_series(bench):
    runs = [bench.run(folder, configured(folder, by)) for by, folder in enumerate(("base", "preempt"))]
    assert "no exact count changed" in history(bench, *runs)
    with open_store(str(bench.folder / "h.sqlite"), writable=False) as store:
        rows = targets(store)
        assert {row.flavour.split()[-1] for row in rows} == {"base", "preempt"}
        assert len({row.label for row in rows}) == 2
        asked = Asked("/matrix", {"cell": "ftrace/module/entry/nop/threads:1"})
        (one, _, count, _), (other, _, more, _) = matrix_view(store, asked).grids[0].rows
    assert one.endswith(" base") and other.endswith(" preempt") and more == count + 1


def noisy_at(day, by):
    def change(results):
        results["started"] = f"2026-{day // 28 + 1:02d}-{day % 28 + 1:02d}T00:00:00Z"
        for cell in results["cells"]:
            for figure in filter(None, cell["metrics"].values()):
                for name in ("value", "low", "high"):
                    figure[name] *= 1 + by + day % 7 / 1000
    return change


def test_a_time_changes_beyond_chance(bench):
    runs = [bench.run(f"run{day}", noisy_at(day, 0.2 * (day >= 12)), source="noisy") for day in range(24)]
    text = history(bench, *runs, "--cell", "kprobe-optimized/module/mid/nop", "--output", "trends")
    assert "no exact count changed" in text
    changed = [line.split() for line in text.splitlines() if line.startswith("2026-01-13 ")]
    assert changed and all(line[5].startswith(("+19.", "+20.")) for line in changed), text
    assert "Where times changed" in (bench.folder / "trends/report.html").read_text()


def test_runs_are_exported_as_they_were(bench):
    run = bench.run("run")
    history(bench, run)
    assert history(bench, "--export", "out") == "out: 1 runs\n"
    for name in ("results.json", "anatomy.json"):
        assert json.loads((bench.folder / "out/1" / name).read_text()) == json.loads((run / name).read_text())
    assert history(bench, "--export", "none", "--where", "kernel=9.*") == "none: 0 runs\n"


def test_a_report_of_a_store(bench):
    history(bench, bench.run("old"), bench.run("new", dearer_at("2026-01-03T00:00:00Z", 2)))
    ended = bench.start("report", "--store", "h.sqlite", "--where", "kernel=6.12*", "--output", "page", "--no-png")
    assert ended.returncode == 0, ended.stderr
    text = (bench.folder / "page/report.md").read_text()
    assert "6.12.117" in text and "5.10.0-46" not in text
    bench.refused(2, "no target is kernel=9*", "report", "--store", "h.sqlite", "--where", "kernel=9*", "--output", "p")
    bench.refused(2, "--output is missing", "report", "--store", "h.sqlite")
    bench.refused(2, "name it with --store", "report", "--where", "kernel=6*")
    bench.refused(2, "leave the name out", "report", "old", "--store", "h.sqlite", "--output", "p")
    bench.refused(2, "did you mean kernel?", "report", "--store", "h.sqlite", "--where", "kernal=6*", "--output", "p")


def test_a_history_of_before_there_was_a_store(bench):
    base = sqlite3.connect(bench.folder / "h.sqlite")
    base.executescript("CREATE TABLE run (id INTEGER); CREATE TABLE point (run INTEGER);")
    bench.refused(2, "name its runs once more", "history", "--store", "h.sqlite")


def test_refusals(bench):
    bench.refused(2, "no history yet", "history")
    (bench.folder / "text").write_text("this is no database, but long enough to be told from an empty file" * 20)
    bench.refused(69, "not a database", "history", bench.run("run"), "--store", "text")
    bench.refused(2, "--store", "history", bench.folder / "run", "--store", "/nowhere/h.sqlite")
    history(bench, bench.folder / "run")
    bench.refused(2, "--cell moon", "history", "--store", "h.sqlite", "--cell", "moon")
