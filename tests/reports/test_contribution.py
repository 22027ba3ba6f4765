# SPDX-License-Identifier: MIT
"""What other machines contributed: checked as a whole, then beside the runs."""

import gzip
import json

import pytest

from conftest import ROOT, read

NATIVE = ROOT / "reports/published/data/6-native/results.json"
CONTRIBUTED = sorted((ROOT / "reports/published/contributed").glob("*.json.gz"))


def contribution():
    results = read(NATIVE)
    target = results["targets"][0]
    target["environment"]["facts"].pop("kernel.cmdline", None)
    target["host"] = {}
    target["id"] = "native-of-others"
    for cell in results["cells"]:
        cell["target"] = target["id"]
    results.update(command=["run-bench", "contribute"], started="2026-11-27T00:00:00Z")
    return {"schema_version": 1, "kind": "contribution", "processes": 10, "unfit": ["load"],
            "missing": ["counts under emulation: no image"], "results": results, "reproduce": None}


def written(bench, document):
    path = bench.folder / "contribution.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return path


def test_another_machine_stands_beside_the_run(bench):
    own = bench.run("own")
    _, alone = bench.page(own)
    html, text = bench.page(own, add=written(bench, contribution()))
    assert 'id="contributed"' in html and "Times of Linux 6.18" in html
    assert ": 10 processes, 2026-11-27; contribution.json.gz, SHA-256 " in text
    assert "noisy by: load." in text and "Not measured: counts under emulation: no image." in text
    before, _, _ = text.partition("## Times that others contributed")
    assert alone.startswith(before), "nothing of it stands among the run's own figures"


def test_a_count_stands_beside_a_time_of_the_same_state(bench):
    document = contribution()
    results = document["results"]
    time = next(cell for cell in results["cells"] if cell["status"] == "measured" and cell["metrics"]["ns_per_hit"])
    target = json.loads(json.dumps(results["targets"][0]))
    target.update(id="vm-of-others", kind="vm", accel="tcg", clock="instructions", clock_unit="instructions")
    results["targets"].append(target)
    metric = {"value": 4711, "class": "exact", "low": 4711, "high": 4711, "spread": 0, "low_quantile": 4711, "n": 3,
              "note": None}
    count = {**time, "target": "vm-of-others",
             "metrics": {**dict.fromkeys(time["metrics"]), "instructions_per_hit": metric}}
    results["cells"].append(count)
    _, text = bench.page(bench.run("own"), add=written(bench, document))
    assert "| 4711 |" in text
    count["evidence"] = {**count["evidence"], "state": "stepped"}
    _, text = bench.page(bench.run("other"), add=written(bench, document))
    assert "| 4711 |" not in text


def test_it_can_stand_alone(bench):
    _, text = bench.page(add=written(bench, contribution()))
    assert "Machines: Linux 6." in text


def spoilt(place, value):
    def spoil(document):
        *way, last = place
        for name in way:
            document = document[name]
        document[last] = value
    return spoil


FACTS = ("results", "targets", 0, "environment", "facts")


@pytest.mark.parametrize("spoil, text", [
    (spoilt(("kind",), "letter"), "kind: "),
    (spoilt(("processes",), 0), "processes: "),
    (spoilt(("colour",), "red"), "'colour' was unexpected"),
    (spoilt(("results", "command"), ["/home/alice/run-bench"]), "results.command: "),
    (spoilt(("results", "started"), "2026-11-27T18:05:09Z"), "results.started: "),
    (spoilt(("results", "targets", 0, "kind"), "vm"), "results.targets.0.kind: "),
    (spoilt((*FACTS, "kernel.cmdline"), "quiet"), "results.targets.0.environment.facts: "),
    (spoilt(("results", "targets", 0, "host", "host.kernel"), "6.1"), "results.targets.0.host: "),
    (spoilt(("results", "cells", 0, "status"), "fine"), "results.cells.0"),
    (spoilt(("results", "cells", 0, "colour"), "red"), "results.cells.0: "),
    (spoilt(("reproduce",), {"command": ["./x"], "targets": []}), "reproduce: "),
    (spoilt((*FACTS, "cpu.model"), "root=UUID=1-2 quiet"), "a boot line"),
    (spoilt((*FACTS, "cpu.model"), "at ffffffff81000000"), "an address of the kernel"),
    (spoilt(("missing",), ["counts: /home/alice/vmlinuz is missing"]), "the folder of a user"),
])
def test_what_is_none_or_tells_too_much_is_refused(bench, spoil, text):
    document = contribution()
    spoil(document)
    bench.refused(2, text, "report", bench.run("own"), "--add", written(bench, document))


def test_it_is_no_run_and_a_run_is_none(bench):
    bench.refused(2, "name it behind --add", "report", written(bench, contribution()))
    bench.refused(2, "was it written by ./run-bench contribute?", "report", "--add", bench.run("own") / "results.json")
    bench.refused(2, "No such file", "report", bench.run("other"), "--add", "nowhere.json.gz")


@pytest.mark.parametrize("path", CONTRIBUTED, ids=lambda path: path.name)
def test_what_is_published_here_holds(bench, path):
    """As it lies in the repository; its own figures have the rules of every run."""
    html, _ = bench.page(bench.run("own"), add=path)
    assert 'id="contributed"' in html
    document = json.loads(gzip.decompress(path.read_bytes()))
    assert any(cell["status"] == "measured" for cell in document["results"]["cells"])
