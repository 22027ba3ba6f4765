# SPDX-License-Identifier: MIT
"""Runs into a store and out again: each once, and as it was."""

import gzip
import json
import sqlite3
import zlib

import pytest

from conftest import DATA, ROOT, read
from reports.errors import UNAVAILABLE, USAGE, ReportError
from reports.store import open_store, skim
from reports.store.rows import rows_of
from reports.store.schema import REVISION

PUBLISHED = sorted((ROOT / "reports/published/data").iterdir())
BESIDE = ("anatomy.json", "reproduce.json")


def files_of(folder):
    """By name, as bytes."""
    return {path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()) for path in folder.glob("*.json.gz")}


@pytest.fixture
def url(tmp_path):
    return str(tmp_path / "store.sqlite")


def results(change=None):
    document = read(DATA / "exact/results.json")
    if change:
        change(document)
    return document


def refused(code, words, action):
    with pytest.raises(ReportError) as caught:
        action()
    assert caught.value.exit_code == code, caught.value
    assert words in str(caught.value) and "\n" not in str(caught.value)


def rows_in(url):
    """How many each table has."""
    from sqlalchemy import func, inspect, select
    from reports.store.schema import metadata
    with open_store(url, writable=False) as store, store.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
        return {name: connection.execute(select(func.count()).select_from(table)).scalar()
                for name, table in metadata.tables.items()}


def test_what_is_published_comes_out_as_it_went_in(url):
    with open_store(url) as store:
        for folder in PUBLISHED:
            files = files_of(folder)
            content = files.pop("results.json")
            assert store.add(content, beside=files), folder
        by_digest = {}
        for number in store.numbers():
            files = store.export(number)
            by_digest[files.pop("results.json")] = files
    assert len(by_digest) == len(PUBLISHED) >= 6
    for folder in PUBLISHED:
        files = files_of(folder)
        out = by_digest[files.pop("results.json")]  # byte for byte
        assert {name: json.loads(content) for name, content in out.items()} == {
            name: json.loads(content) for name, content in files.items()}


def test_baselines_and_contributions_come_out_as_they_went_in(url):
    from reports.history.trends import add_runs
    files = [*(ROOT / "ci/baselines").iterdir(), *(ROOT / "reports/published/contributed").iterdir()]
    with open_store(url) as store:
        assert all(line.endswith(": added") for line in add_runs(store, [str(file) for file in files]))
        assert all(line.endswith(": is there already") for line in add_runs(store, [str(file) for file in files]))
        out = [content for number in store.numbers() for content in store.export(number).values()]
    for file in files:
        content = file.read_bytes()
        assert (gzip.decompress(content) if file.suffix == ".gz" else content) in out, file
    baseline = json.loads(files[0].read_bytes())
    assert rows_in(url)["cell"] > len(baseline["cells"]) and rows_in(url)["metric"] > 100


def test_a_path_is_kept_once(url):
    files = files_of(ROOT / "reports/published/data/3-anatomy")
    anatomy = json.loads(files["anatomy.json"])
    with open_store(url) as store:
        store.add(files["results.json"], beside={"anatomy.json": anatomy})
        before = rows_in(url)["path"]
        again = json.loads(files["results.json"])
        again["started"] = "2030-01-01T00:00:00Z"
        store.add(again, beside={"anatomy.json": files["anatomy.json"]})
        assert rows_in(url)["path"] == before == len({json.dumps(one["runs"]) for one in anatomy["anatomies"]})
        assert rows_in(url)["anatomy"] == 2 * len(anatomy["anatomies"])
    assert anatomy == json.loads(files["anatomy.json"]), "the caller's document is the caller's"


def test_a_run_is_added_once(url):
    with open_store(url) as store:
        assert store.add(results(), "key")
        before = rows_in(url)
        assert not store.add(results(), "key") and not store.add(json.dumps(results(), separators=(",", ":")).encode())
        assert rows_in(url) == before
    with open_store(url) as store:  # another process, which has not seen any of it
        assert not store.add(results())
        assert store.add(results(lambda document: document.update(seed=2)))
    after = rows_in(url)
    assert after["run"] == 2 and after["cell"] == 2 * before["cell"]
    assert all(after[table] == before[table] for table in ("cell_name", "evidence", "fact"))


def layouts(document):
    """As it is published, and as probebench writes it."""
    return [json.dumps(document, separators=(",", ":")).encode(), json.dumps(document, indent=2).encode()]


def rows_uncut(content, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(skim, "cut", lambda _content: None)
        return rows_of(content)


def test_what_is_cut_makes_no_row(monkeypatch):
    for folder in PUBLISHED:
        for content in layouts(json.loads(files_of(folder)["results.json"])):
            read = skim.skimmed(content)
            assert ["samples" in cell for cell in read["cells"]] == [False] * (len(read["cells"]) - 1) + [True]
            assert rows_of(content) == rows_uncut(content, monkeypatch), folder


def a_cell_in_a_sample(document):
    document["cells"][0]["samples"] = [{"x": [{"y": 1}, {"name": "of another"}]}, {"name": "and another"}]


def marks_in_texts(document):
    document["cells"][0]["reason"] = ',"rest":{'
    document["cells"][1]["reason"] = '},{"name":"'


def another_order(document):
    for cell in document["cells"]:
        cell["hits"] = cell.pop("hits")


@pytest.mark.parametrize("change", [a_cell_in_a_sample, marks_in_texts, another_order])
def test_marks_elsewhere_cut_nothing_wrong(monkeypatch, change):
    for content in layouts(results(change)):
        assert rows_of(content) == rows_uncut(content, monkeypatch)


@pytest.mark.parametrize("old, new", [
    (b'"samples":[', b'"samples":[nonsense'), (b'"samples":[', b'"samples":[NaN,'), (b'"samples":[', b'"samples":[{}'),
    (b'"rest":{', b'"rest":{"a":"\xff",'), (b'"rest":{', b'"rest":{"a":1}},{"rest":{')])
def test_what_is_cut_is_json(old, new):
    content = json.dumps(results(), separators=(",", ":")).encode()
    with pytest.raises(ReportError):
        rows_of(content.replace(old, new, 1))


def later(document):
    document["started"] = "2030-01-01T00:00:00Z"


def test_a_key_is_answered_once_on_an_occasion(url):
    with open_store(url) as store:
        assert not store.has("key") and store.keys() == set()
        assert store.add(results(), "key") and store.has("key")
        assert not store.add(results(later), "key")
        assert store.add(results(later), "key", occasion="again") and store.add(results(), "key", occasion="node two")
        assert store.keys() == {"key"} and len(store.numbers()) == 3


def test_what_ended_early_answers_nothing(url):
    with open_store(url) as store:
        assert store.add(results(lambda document: document.update(complete=False)), "key")
        assert not store.has("key")
        assert store.add(results(), "key") and store.has("key")


def test_what_a_run_took(url):
    with open_store(url) as store:
        for seed, (kernel, seconds) in enumerate((("6.1", 20.0), ("6.1", 24.0), ("6.12", 31.0), ("6.12", None))):
            store.add(results(lambda document, seed=seed: document.update(seed=seed)), str(seed), seconds=seconds,
                      request={"kernel": kernel, "cpu": "max"})
        assert store.seconds_of(kernel="6.1", cpu="max") == 22 and store.seconds_of(kernel="6.12") == 31
        assert store.seconds_of() == 24 and store.seconds_of(kernel="5.10") is None


def test_several_at_once_are_all_or_none(url):
    from reports.store.store import about
    with open_store(url) as store:
        batch = [about(rows_of(results(lambda document, seed=seed: document.update(seed=seed))), None, "", None, None,
                       None, None) for seed in (1, 2)]
        del batch[1].run["started"]
        with pytest.raises(ReportError):
            store.add_rows(batch)
        assert store.numbers() == [] and rows_in(url)["cell"] == rows_in(url)["metric"] == 0


def no_name(document):
    del document["cells"][1]["name"]


@pytest.mark.parametrize("change, words", [
    (no_name, "cells[1].name: this member is missing"),
    (lambda document: document.update(schema_version=9), "schema_version is 9"),
    (lambda document: document["cells"][0].update(target="moon"), "its target 'moon' is not among the targets"),
    (lambda document: document["cells"][0]["hits"].update(counted="many"), "hits.counted: expected a count"),
    (lambda document: document["cells"][0]["hits"].update(counted=2 ** 70), "hits.counted: expected a number of at"),
    (lambda document: document["targets"][0]["host"].update(x=1), "targets[0].host.x: expected a text"),
    (lambda document: document["cells"][0].update(reason="\ud800"), "lone surrogate"),
    (lambda document: document.pop("started"), "started: this member is missing")])
def test_what_is_no_run_is_refused(url, change, words):
    with open_store(url) as store:
        refused(USAGE, words, lambda: store.add(results(change)))
        assert store.numbers() == []
        refused(USAGE, "not JSON", lambda: store.add(b"{"))


def test_any_text_comes_back(url):
    hostile = "'; DROP TABLE run; --\0\t\\N\n<script>\U0001f600"
    with open_store(url) as store:
        document = results(lambda document: document["cells"][0].update(reason=hostile, name=hostile))
        store.add(document, "'\"", request={"kernel": hostile})
        assert json.loads(store.export(1)["results.json"]) == document and store.has("'\"")


def test_other_databases_are_refused(tmp_path, bench):
    (tmp_path / "text").write_text("this is no database, but long enough to be told from an empty file" * 20)
    refused(UNAVAILABLE, "not a database", lambda: open_store(str(tmp_path / "text")))
    refused(USAGE, "there is no directory", lambda: open_store("/nowhere/store.sqlite"))
    refused(USAGE, "there is no store", lambda: open_store(str(tmp_path / "none"), writable=False))
    for other in ("mysql://name:secret@host/x", "postgresql:", "sqlite://"):
        refused(USAGE, "expected a file's path", lambda other=other: open_store(other))
    refused(USAGE, "expected postgresql://", lambda: open_store("postgresql://host:port/x"))
    refused(USAGE, "this is a directory", lambda: open_store(str(tmp_path)))
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE dish (name TEXT)")
    refused(USAGE, "with a table dish", lambda: open_store(str(tmp_path / "other")))
    refused(UNAVAILABLE, "is the database up?",
            lambda: open_store("postgresql://probebench:secret@127.0.0.1:1/probebench"))


def set_revision(url, revision):
    with open_store(url) as store, store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


def test_a_store_of_the_version_before_is_brought_up_to_date(url):
    """It has files that zlib compressed."""
    from reports.store.schema import file
    from sqlalchemy import select
    with open_store(url) as store:
        store.add(results())
        content = store.export(1)
        with store.engine.begin() as connection:
            packed = connection.execute(select(file.c.content)).scalar_one()
            connection.execute(file.update().values(content=zlib.compress(content["results.json"], 1)))
        assert len(packed) < len(zlib.compress(content["results.json"], 1))
    set_revision(url, "0001")
    refused(UNAVAILABLE, "brings it up to 0002", lambda: open_store(url, writable=False))
    with open_store(url) as store:
        assert store.export(1) == content
        assert store.add(results(later)) and not store.add(results())


def test_a_store_of_a_newer_version_is_left_alone(url):
    with open_store(url) as store:
        store.add(results())
        before = rows_in(url)
        set_revision(url, "9999")
        for writable in (True, False):
            refused(UNAVAILABLE, "its schema is 9999, this probebench knows up to", lambda: open_store(url, writable))
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{REVISION}'")
    assert rows_in(url) == before


def test_who_reads_does_not_write(url):
    with open_store(url) as store:
        store.add(results())
    with open_store(url, writable=False) as store:
        assert store.export(1)
        refused(UNAVAILABLE, "give write permission", lambda: store.add(results(later)))
    assert rows_in(url)["run"] == 1


def test_the_migrations_end_in_the_schema(url):
    """And its newest is the revision that is looked for."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from reports.store.migrate import known_revisions
    from reports.store.schema import metadata
    with open_store(url) as store, store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert known_revisions()[-1] == REVISION
