# SPDX-License-Identifier: MIT
"""Runs in the history, and the points where exact counts changed."""


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


def test_refusals(bench):
    bench.refused(2, "no history yet", "history")
    (bench.folder / "text").write_text("this is no database, but long enough to be told from an empty file" * 20)
    bench.refused(69, "not a database", "history", bench.run("run"), "--store", "text")
    bench.refused(2, "--store", "history", bench.folder / "run", "--store", "/nowhere/h.sqlite")
    history(bench, bench.folder / "run")
    bench.refused(2, "--cell moon", "history", "--store", "h.sqlite", "--cell", "moon")
