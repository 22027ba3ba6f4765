# SPDX-License-Identifier: MIT
"""What cannot be reported on is refused with one line and its exit code."""

import errno
import json
import os
import subprocess
import sys

import pytest

from conftest import DATA, ROOT, read


def put(document, place, value):
    *way, last = place
    for name in way:
        document = document[name]
    document[last] = value


@pytest.mark.parametrize("content, text", [
    ("{", "not JSON"), ("", "not JSON"), ("[" * 100000, "not JSON"), ("[]", "expected an object"),
    ("{}", "schema_version: this member is missing"), ('{"schema_version": NaN}', "NaN"),
    ('{"schema_version": 0}', "schema_version is 0, this reads 1"),
    ('{"schema_version": 2}', "schema_version is 2, this reads 1"),
    ('{"schema_version": 1}', "this member is missing"), ("\x00\xff", "not JSON"),
])
def test_files_that_are_none(bench, content, text):
    (bench.folder / "results.json").write_bytes(content.encode("latin-1"))
    bench.refused(2, text, "report", bench.folder / "results.json")
    bench.refused(2, text, "history", bench.folder / "results.json")


@pytest.mark.parametrize("place, value, text", [
    (("cells", 0, "metrics", "instructions_per_hit", "value"), "x", "cells[0].metrics.instructions_per_hit.value"),
    (("cells", 0, "metrics"), None, "cells[0].metrics: expected an object"),
    (("cells", 0, "status"), "fine", "expected measured, skipped, errored or invalid, found 'fine'"),
    (("cells", 0, "target"), "moon", "its target 'moon' is not among the targets"),
    (("cells", 0, "threads"), -1, "cells[0].threads: expected a count"),
    (("cells",), {}, "cells: expected an array"),
    (("targets", 0, "host"), [], "targets[0].host: expected an object"),
    (("started",), 5, "started: expected a text"),
    (("started",), "\ud800", "started: expected a text, found a lone surrogate"),
    (("targets", 0, "host"), {"\udfff": "x"}, "targets[0].host: expected a text, found a lone surrogate"),
    (("cells", 0, "hits", "counted"), 10 ** 400, "cells[0].hits.counted: expected a number of at most 64 bits"),
    (("cells", 0, "metrics", "instructions_per_hit", "value"), -(2 ** 65), "expected a number of at most 64 bits"),
    (("cells", 0, "samples", 0, "armed", "n", "ticks"), 2 ** 64, "samples[0].armed.n.ticks: expected a number of"),
])
def test_the_place_of_what_is_wrong_is_named(bench, place, value, text):
    def spoil(results):
        put(results, place, value)
    bench.refused(2, text, "report", bench.run("run", spoil))


@pytest.mark.parametrize("place, value, text", [
    (("surface", "points", 0, "armed_per_op"), "x", "surface.points[0].armed_per_op: expected a finite number"),
    (("surface", "fits", 0), {}, "targets[0].surface.fits[0].mechanism: this member is missing"),
    (("workloads", 0, "rows", 0, "slowdown"), [], "targets[0].workloads[0].rows[0].slowdown"),
    (("suites",), {}, "targets[0].suites: expected an array"),
    (("pruning", 0, "workloads", 0, "pruned_percent"), "x", "pruning[0].workloads[0].pruned_percent"),
    (("pruning", 0, "left_out", 0), 1, "targets[0].pruning[0].left_out[0]: expected a text"),
    (("time_curve", "points", 0, "ratio"), 5, "targets[0].time_curve.points[0].ratio: expected an object"),
    (("verdict",), 1, "targets[0].verdict: expected a text"),
])
def test_an_experiment_that_is_wrong(bench, place, value, text):
    run = bench.experiment("run")
    document = json.loads((run / "reproduce.json").read_text())
    put(document["targets"][0], place, value)
    (run / "reproduce.json").write_text(json.dumps(document))
    bench.refused(2, text, "report", run)


@pytest.mark.parametrize("place, value, text", [
    (("phases",), 1.5, "anatomies[0].phases: expected an object, found 1.5"),
    (("phases",), ["call"], "anatomies[0].phases: expected an object"),
    (("phases", "call"), "x", "anatomies[0].phases.call: expected a count"),
    (("runs", 0, "symbol"), "\udcff", "anatomies[0].runs[0].symbol: expected a text, found a lone surrogate"),
    (("instructions_per_hit",), 10 ** 30, "anatomies[0].instructions_per_hit: expected a number of at most 64 bits"),
])
def test_paths_that_are_wrong(bench, place, value, text):
    run = bench.run("run")
    document = json.loads((run / "anatomy.json").read_text())
    put(document["anatomies"][0], place, value)
    (run / "anatomy.json").write_text(json.dumps(document))
    bench.refused(2, text, "report", run)


def test_samples_that_are_wrong(bench):
    def spoil(results):
        del results["cells"][0]["samples"][3]["armed"]["n"]
    bench.refused(2, "samples[3]", "report", bench.run("run", spoil, source="noisy"))


def test_parts_of_the_experiment_may_be_absent(bench):
    run = bench.experiment("run")
    for part in ("surface", "workloads", "suites", "control_plane", "kretprobe_misses", "verdict", "per_hit", "pruning",
                 "time_curve", "traps"):
        document = json.loads((run / "reproduce.json").read_text())
        document["targets"][0][part] = None
        (run / "reproduce.json").write_text(json.dumps(document))
    bench.page(run)


def test_what_is_missing(bench):
    bench.refused(2, "No such file", "report", "nowhere")
    bench.refused(2, "results/latest", "report")
    bench.refused(2, "--foo", "report", "--foo")
    run = bench.run("run")
    (run / "anatomy.json").write_text("{")
    bench.refused(2, "anatomy.json: not JSON", "report", run)


@pytest.fixture
def nothing_drawn(monkeypatch):
    import reports.write
    monkeypatch.setattr(reports.write, "draw_all", lambda *_: pytest.fail("it was drawn first"))


@pytest.mark.parametrize("folder", ["file", "/proc/x", "file/below"])
def test_where_it_cannot_be_written_is_said_before_anything_is_drawn(bench, nothing_drawn, folder):
    run = bench.run("run")
    (bench.folder / "file").write_text("")
    bench.refused(2, f"--output {folder}: ", "report", run, "--output", folder)
    bench.refused(2, f"--output {folder}: ", "history", run, "--output", folder)


def test_a_write_that_fails_late_is_no_wrong_usage(bench, monkeypatch):
    import reports.files

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(reports.files, "replace_file", full)
    bench.refused(1, "No space left on device; --output names another folder", "report", bench.run("run"), "--no-png")


def test_runs_are_found_from_any_directory(bench):
    project = bench.folder / "project"
    (project / "results").mkdir(parents=True)
    (project / "CMakeLists.txt").touch()
    bench.run("project/results/latest")
    ended = bench.start("report", "--no-png")
    assert ended.stdout == f"report: {project}/results/latest/report.html\n"
    assert "results.json: added" in bench.start("history", "results/latest").stdout
    assert "results/latest/results.json" in bench.start("history").stdout  # of the project's own database
    assert (project / "results/store.sqlite").exists() and not (bench.folder / "results").exists()
    (bench.folder / "results").mkdir()
    bench.run("results/latest")  # what the working directory has comes first
    assert bench.start("report", "--no-png").stdout == "report: results/latest/report.html\n"
    bench.refused(2, f"looked in {bench.folder} and {project};", "report", "results/moon")
    bench.refused(2, f"looked in {bench.folder};", "report", "moon")


@pytest.mark.parametrize("head, whose", [({}, "Google Benchmark"), ({"machine_info": {}}, "pytest-benchmark")])
def test_files_of_other_tools_are_told_apart(bench, head, whose):
    (bench.folder / "other.json").write_text(json.dumps({**head, "benchmarks": []}))
    bench.refused(2, f"this is the JSON of {whose};", "report", "other.json")


def test_a_reader_that_leaves_is_no_error(bench):
    bench.run("run")
    bench.start("history", "run", "--store", "h")
    command = (f"{sys.executable} -P -c 'import time, reports.__main__ as it; time.sleep(0.3);"
               " raise SystemExit(it.main([\"history\", \"--store\", \"h\"]))' | true; echo ${PIPESTATUS[0]}")
    ended = subprocess.run(["bash", "-c", command], cwd=bench.folder, text=True, capture_output=True, check=True,
                           env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (ended.stdout, ended.stderr) == ("0\n", "")


@pytest.mark.parametrize("command", ["report", "history"])
def test_help_has_examples_and_exit_codes(bench, command):
    said = bench.start_alone(command, "--help").stdout
    assert said.count(f"  ./run-bench {command}") >= 2 and "\nExit: 0 fine, " in said


def test_results_from_before_exceptions_were_a_metric(bench):
    def older(results):
        for cell in results["cells"]:
            cell["metrics"].pop("exceptions_per_hit")
    bench.page(bench.run("run", older))


def test_a_report_without_its_packages_says_what_to_install(bench):
    (bench.folder / "matplotlib.py").write_text("raise ImportError(name='matplotlib')")
    bench.refused(69, "install python3-matplotlib", "report", bench.run("run"), start=bench.start_alone)


def test_what_needs_a_store_says_so_and_nothing_else_needs_it(bench):
    """Where the packages are missing, as a name in their place that cannot be imported."""
    run = bench.run("run")
    (bench.folder / "s").touch()
    for package in ("sqlalchemy", "alembic", "zstandard", "psycopg2", "flask"):
        (bench.folder / f"{package}.py").write_text(f"raise ImportError(name='{package}')")
    subprocess.run([sys.executable, "-P", "-c", "import reports.__main__, reports.sections, reports.write"], check=True,
                   env={**os.environ, "PYTHONPATH": f"{bench.folder}:{ROOT}"})  # what a report takes
    for words in (("history", run), ("report", "--store", "s", "--output", "p"), ("serve", "--store", "s")):
        bench.refused(69, "install python3-sqlalchemy", *words, start=bench.start_alone)
    (bench.folder / "sqlalchemy.py").unlink()
    bench.refused(69, "install python3-alembic", "history", run, "--store", "s", start=bench.start_alone)
    (bench.folder / "alembic.py").unlink()
    bench.refused(69, "install python3-zstandard", "history", run, "--store", "s", start=bench.start_alone)
    (bench.folder / "zstandard.py").unlink()
    bench.refused(69, "install python3-psycopg2", "history", run, "--store", "postgresql:///x",
                  start=bench.start_alone)
    assert bench.start_alone("history", run, "--store", "s").returncode == 0
    bench.refused(69, "install python3-flask", "serve", "--store", "s", start=bench.start_alone)


def test_the_recorded_runs_are_what_probebench_writes():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DATA.parents[2] / "harness/host/results/results.schema.json").read_text())
    for name in ("exact", "noisy"):
        jsonschema.validate(read(DATA / name / "results.json"), schema)
