# SPDX-License-Identifier: MIT
"""Runs to report on: recorded ones (data/), and those with something changed in them."""

import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).with_name("data")
sys.path.insert(0, str(ROOT))

# Shaped as docs/reproduce.md has it; the figures are made up, for nothing is concluded from them here.
EXPERIMENT = {
    "workloads": [
        {"name": name, "suite": "intrusion", "status": "measured", "reason": None, "operations": 10,
         "base_per_op": 1000, "hits_per_op": 2, "sites": 5, "rows": [
             {"mechanism": mechanism, "armed_per_op": 1000 * slowdown, "slowdown": slowdown, "status": "measured",
              "hits": {"expected": 20, "counted": 20, "missed": 0}, "predicted_slowdown": slowdown * 1.02,
              "residual_percent": 2.0, "reason": None}
             for mechanism, slowdown in (("kprobe-stepped", stepped), ("kprobe-optimized", stepped / 1.2))]}
        for name, stepped in (("null-syscall", 1.8), ("pipe", 1.3))]
    + [{"name": "compile", "suite": "hot-path", "status": "skipped", "reason": "no compiler in the guest",
        "operations": None, "base_per_op": None, "hits_per_op": None, "sites": None, "rows": []}],
    "suites": [{"name": "intrusion", "functions": 120, "probed": 110, "optimizable": 90,
                "refusals": [{"reason": "a jump target in the way", "count": 20}]}],
    "control_plane": [{"probe_type": "kprobe-optimized", "probes": 1, "step": "register", "value": 5000,
                       "unit": "instructions", "class": "exact", "note": None}],
    "kretprobe_misses": [{"maxactive": 20, "concurrent": 20, "hits": 20, "missed": 0}],
    "time_curve": {"points": [{"trap_ns": 0, "ratio": {"low": 5.05, "high": 5.05}},
                              {"trap_ns": 300, "ratio": {"low": 10.1, "high": 27.2}}],
                   "marks": [{"source": "krst-e5410-64", "machine": "Xeon", "trap_ns": {"low": 232, "high": 362},
                              "ratio": {"low": 11.7, "high": 18.1}}],
                   "measured": {"source": "this run", "machine": "this machine",
                                "trap_ns": {"low": 401, "high": 409}, "ratio": {"low": 12.5, "high": 36.5}}},
    "traps": [{"trap": "int3", "per_trap": {"value": 2400, "low": 2390, "high": 2410},
               "less_signal": {"value": 405, "low": 401, "high": 409},
               "hits": {"expected": 65, "counted": 65, "missed": 0}, "status": "measured", "reason": None},
              {"trap": "signal", "per_trap": {"value": 1995, "low": 1995, "high": 1995}, "less_signal": None,
               "hits": {"expected": 65, "counted": 65, "missed": 0}, "status": "measured", "reason": None}],
    "pruning": [{"suite": "intrusion", "mechanism": "kprobe-optimized", "state": "optimized", "line_percent": 5,
                 "sites": 110, "kept": 108, "left_out": ["hot", "warm"], "sets": 1, "above": 1, "confirmed": True,
                 "status": "measured", "note": None, "workloads": [
                     {"name": "pipe", "overhead_percent": 30, "pruned_predicted_percent": 4,
                      "pruned_percent": 4.25}]}],
    "verdict": "Both are right in their corner.",
}
FITS = [{"mechanism": mechanism, "cost": cost, "points": 8, "residual_median_percent": 0.1,
         "residual_max_percent": 0.4, "note": None} for mechanism, cost in (("kprobe-stepped", 520),
                                                                            ("kprobe-optimized", 103))]
MODELLED = [{"probe_type": "kprobe-stepped", "state": "stepped", "low": 500, "high": 900}]


def read(path):
    packed = path.with_name(path.name + ".gz")
    return json.loads(gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes())


class Bench:
    """A directory with runs in it, and the program."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, name, change=None, source="exact", extras=("anatomy.json",)):
        """A copy of a recorded run, with `change` applied to its results."""
        results = read(DATA / source / "results.json")
        if change:
            change(results)
        place = self.folder / name
        place.mkdir()
        (place / "results.json").write_text(json.dumps(results))
        for extra in extras:
            if (DATA / source / extra).exists():
                (place / extra).write_bytes((DATA / source / extra).read_bytes())
        return place

    def experiment(self, name):
        """A run with all that reproduce adds."""
        place = self.run(name)
        document = read(DATA / "reproduce.json")
        document["targets"][0].update(EXPERIMENT)
        document["targets"][0]["surface"]["fits"] = FITS
        document["targets"][0]["per_hit"]["modelled"] = MODELLED
        (place / "reproduce.json").write_text(json.dumps(document))
        return place

    def start(self, *arguments):
        """In this process, which has matplotlib loaded already; what is not foreseen comes out as it is."""
        from reports.__main__ import main
        said, complaint = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complaint):
            code = main([str(word) for word in arguments])
        return subprocess.CompletedProcess(arguments, code, said.getvalue(), complaint.getvalue())

    def start_alone(self, *arguments):
        """As run-bench starts it."""
        return subprocess.run([sys.executable, "-P", "-m", "reports", *map(str, arguments)], cwd=self.folder,
                              text=True, capture_output=True, check=False,
                              env={**os.environ, "PYTHONPATH": f"{self.folder}:{ROOT}"})

    def refused(self, code, text, *arguments, start=None):
        """One clear line, and that exit code."""
        ended = (start or self.start)(*arguments)
        assert ended.returncode == code, ended.stderr
        assert text in ended.stderr
        assert ended.stderr.count("\n") == 1 and "Traceback" not in ended.stderr

    def page(self, *runs, **others):
        """The HTML and the Markdown of a report."""
        folder = self.folder / "page"
        options = [word for name, value in others.items() for word in (f"--{name}", value)]
        ended = self.start("report", *runs, "--output", folder, "--no-png", *options)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout == f"report: {folder / 'report.html'}\n"
        return (folder / "report.html").read_text(), (folder / "report.md").read_text()


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("PROBEBENCH_ROOT", str(tmp_path / "project"))
    return Bench(tmp_path)


@pytest.fixture
def every_figure_anew():
    """For tests of the drawing itself."""


_drawn = {}


@pytest.fixture(autouse=True)
def figures_drawn_once(request, monkeypatch):
    """Most of a test's time is spent on drawing, and most figures are those of the test before: a figure's table holds
    all that it shows."""
    if "every_figure_anew" in request.fixturenames:
        return
    import reports.write
    draw_all = reports.write.draw_all

    def draw_new(figures, with_png):
        keys = [(with_png, figure.id, figure.title, figure.caption, figure.alt, figure.height, repr(figure.table))
                for figure in figures]
        new = {key: figure for key, figure in zip(keys, figures) if key not in _drawn}
        _drawn.update(zip(new, draw_all(list(new.values()), with_png)))
        return [_drawn[key] for key in keys]

    monkeypatch.setattr(reports.write, "draw_all", draw_new)
