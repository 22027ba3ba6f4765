# SPDX-License-Identifier: MIT
"""Results as a table of pandas, and the example notebook as it stands."""

import json
import sys

import pytest

from conftest import ROOT

pandas = pytest.importorskip("pandas")
sys.path.append(str(ROOT / "reports"))
import probebench  # noqa: E402


def test_a_row_for_each_figure_and_for_each_cell_without_one(bench):
    frame = probebench.load(bench.run("run"))
    assert list(frame.columns) == list(probebench.COLUMNS) and set(frame.run) == {"run"}
    stepped = frame[(frame.probe_type == "kprobe-stepped") & (frame.handler == "nop")
                    & (frame.metric == "instructions_per_hit") & frame.kernel.str.startswith("6.12")]
    assert stepped.value.tolist() == [485] and stepped.exact.tolist() == [True] and stepped.missed.tolist() == [0]
    skipped = frame[frame.status == "skipped"]
    assert len(skipped) and skipped.metric.isna().all() and skipped.reason.notna().all()


def test_a_folder_of_runs_is_all_of_them(bench):
    bench.run("a")
    bench.run("b", source="noisy")
    frame = probebench.load(bench.folder)
    assert set(frame.run) == {"a", "b"} and len(frame) == len(probebench.load(bench.folder / "a", bench.folder / "b"))


def test_the_example_runs_as_it_stands(monkeypatch):
    monkeypatch.chdir(ROOT)
    notebook = json.loads((ROOT / "reports/example.ipynb").read_text())
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "example.ipynb", "exec"), names)
    assert names["by_kernel"].loc["kprobe-optimized"].min() > 0 and len(names["by_kernel"].columns) == 4
