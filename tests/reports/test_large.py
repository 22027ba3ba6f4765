# SPDX-License-Identifier: MIT
"""Results of ten thousands of cells: read as small ones are, and shown as far as somebody reads."""

import dataclasses
import gzip
import json

import pytest

from conftest import ROOT
from reports import large
from reports.load import large_run, load, whole_run
from reports.table import MOST_ROWS, table, titled

PUBLISHED = sorted((ROOT / "reports/published/data").iterdir())


def as_written(document):
    """Laid out as probebench does it, as far as the cut goes by it."""
    return json.dumps(document, indent=2) + "\n"


def published(folder):
    return json.loads(gzip.decompress((folder / "results.json.gz").read_bytes()))


def alike(one):
    return dataclasses.replace(one, notes=[], cells=[dataclasses.replace(cell, samples=[]) for cell in one.cells])


@pytest.mark.parametrize("block", [1, 4 << 20])
@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_both_ways_of_reading_agree(folder, block, tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    path.write_text(as_written(published(folder)), encoding="utf-8")
    whole = whole_run(path)
    head = path.read_bytes().find(large.FIRST)
    monkeypatch.setattr(large, "BLOCK", max(block, head + len(large.FIRST)))
    cut = large_run(path, least=0)
    assert cut is not None and len(cut.notes) == 1 and whole.cells
    assert alike(cut) == alike(whole)


def damage_text(document):
    document["cells"][1]["name"] = 5


def damage_number(document):
    document["cells"][0]["threads"] = -1


def damage_kind(document):
    document["cells"][0]["status"] = "fine"


def damage_member(document):
    del document["cells"][0]["hits"]["counted"]


def half_a_character(document):
    document["cells"][0]["reason"] = "\ud800"


@pytest.mark.parametrize("damage", [damage_text, damage_number, damage_kind, damage_member, half_a_character])
def test_what_is_wrong_is_left_to_the_other_way(damage, tmp_path, monkeypatch):
    document = published(PUBLISHED[0])
    damage(document)
    path = tmp_path / "results.json"
    path.write_text(as_written(document), encoding="utf-8")
    assert large_run(path, least=0) is None
    with pytest.raises(Exception, match="cells"):
        whole_run(path)


def test_other_layouts_and_cut_files_are_left_to_the_other_way(tmp_path):
    path = tmp_path / "results.json"
    whole = as_written(published(PUBLISHED[0]))
    for text in json.dumps(published(PUBLISHED[0])), whole[:-20], whole[:len(whole) // 2], "", "[]":
        path.write_text(text, encoding="utf-8")
        assert large_run(path, least=0) is None
    path.write_text(whole, encoding="utf-8")
    assert large_run(path) is None or path.stat().st_size >= large.LARGE  # a small one is looked at whole
    assert load(str(path)).cells


def test_a_table_says_what_it_leaves_out():
    made = table(("a",), [("1",), ("2",)])
    assert titled("T", made)[0] == "T"
    assert titled("T", dataclasses.replace(made, left_out=3))[0].startswith("T (the first 2 of 5 rows; results.json")
    assert MOST_ROWS >= 1000  # every type with every handler of several kernels
