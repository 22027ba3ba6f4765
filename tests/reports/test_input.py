# SPDX-License-Identifier: MIT
"""What cannot be reported on is refused with one line and its exit code."""

import json

import pytest

from conftest import DATA, read


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
])
def test_the_place_of_what_is_wrong_is_named(bench, place, value, text):
    def spoil(results):
        inner = results
        for name in place[:-1]:
            inner = inner[name]
        inner[place[-1]] = value
    bench.refused(2, text, "report", bench.run("run", spoil))


def test_what_is_missing(bench):
    bench.refused(69, "No such file", "report", "nowhere")
    bench.refused(69, "results/latest", "report")
    bench.refused(2, "--foo", "report", "--foo")
    run = bench.run("run")
    (run / "anatomy.json").write_text("{")
    bench.refused(2, "anatomy.json: not JSON", "report", run)


def test_where_it_cannot_be_written(bench):
    run = bench.run("run")
    (bench.folder / "file").write_text("")
    bench.refused(2, "--output", "report", run, "--output", bench.folder / "file")


def test_results_from_before_exceptions_were_a_metric(bench):
    def older(results):
        for cell in results["cells"]:
            cell["metrics"].pop("exceptions_per_hit")
    bench.page(bench.run("run", older))


def test_a_report_without_its_packages_says_what_to_install(bench):
    (bench.folder / "matplotlib.py").write_text("raise ImportError(name='matplotlib')")
    bench.refused(69, "install python3-matplotlib", "report", bench.run("run"), start=bench.start_alone)


def test_the_recorded_runs_are_what_probebench_writes():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DATA.parents[2] / "harness/results/results.schema.json").read_text())
    for name in ("exact", "noisy"):
        jsonschema.validate(read(DATA / name / "results.json"), schema)
