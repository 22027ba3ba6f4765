# SPDX-License-Identifier: MIT
"""A store in a PostgreSQL of our own: what holds in SQLite holds there, of many writers at once each writes what is
new, one that is killed has written nothing, and a database that goes away loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from conftest import DATA, ROOT, read
from postgresql import Server
from reports.errors import UNAVAILABLE
from reports.store import open_store, write
from reports.store.many import BATCH, Files, add_many
from test_store import (PUBLISHED, files_of, later, refused, results, rows_in,  # noqa: F401
                        test_a_key_is_answered_once_on_an_occasion, test_a_path_is_kept_once, test_a_run_is_added_once,
                        test_a_store_of_a_newer_version_is_left_alone, test_any_text_comes_back,
                        test_baselines_and_contributions_come_out_as_they_went_in,
                        test_several_at_once_are_all_or_none, test_the_migrations_end_in_the_schema,
                        test_what_a_run_took, test_what_ended_early_answers_nothing, test_what_is_no_run_is_refused,
                        test_what_is_published_comes_out_as_it_went_in, test_who_reads_does_not_write)

WRITERS = 8
RUNS = 24  # of each writer: a third its own, the others of all

WRITE = """
import json, sys
from reports.store import open_store, write
from reports.store.many import BATCH, Files, add_many
document, writer = json.load(open(sys.argv[2])), int(sys.argv[3])
new = 0
with open_store(sys.argv[1]) as store:
    for place in range({runs}):
        shared = place % 3
        document["seed"] = place if shared else 1000 * (writer + 1) + place
        new += store.add(document, None if shared == 2 else f"key {{document['seed']}}", node=str(writer))
print(new)
""".format(runs=RUNS)


@pytest.fixture(scope="module")
def server():
    started = Server()
    yield started
    started.end()


@pytest.fixture
def url(server, request):
    return server.database(f"base{abs(hash(request.node.name))}")


def writer(url, *arguments, script=WRITE):
    return subprocess.Popen([sys.executable, "-P", "-c", script, url, *map(str, arguments)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_many_writers_at_once(url, tmp_path):
    """They find an empty database, too."""
    (tmp_path / "results.json").write_text(json.dumps(read(DATA / "exact/results.json")))
    writers = [writer(url, tmp_path / "results.json", number) for number in range(WRITERS)]
    ended = [one.communicate(timeout=300) for one in writers]
    assert all(one.returncode == 0 for one in writers), ended
    own, shared = WRITERS * RUNS // 3, RUNS * 2 // 3
    assert sum(int(out) for out, _error in ended) == own + shared
    rows, cells = rows_in(url), len(results()["cells"])
    assert rows["run"] == rows["file"] == own + shared and rows["cell"] == rows["run"] * cells
    assert rows["cell_name"] == len({cell["name"] for cell in results()["cells"]})
    assert rows["target"] == rows["run"] * len(results()["targets"])
    figures = sum(figure is not None for cell in results()["cells"] for figure in cell["metrics"].values())
    assert rows["metric"] == rows["run"] * figures


# Tells when its rows are written but not committed, and waits.
STOP = """
import json, sys, time
from reports.store import open_store, write
from reports.store.many import BATCH, Files, add_many
import reports.store.write as write
insert_runs = write.insert_runs
def insert_and_wait(connection, batch):
    new = insert_runs(connection, batch)
    print("written", flush=True)
    time.sleep(300)
    return new
write.insert_runs = insert_and_wait
open_store(sys.argv[1]).add(json.load(open(sys.argv[2])), "key")
"""


def test_a_writer_that_is_killed_has_written_nothing(url, tmp_path):
    (tmp_path / "results.json").write_text(json.dumps(results()))
    open_store(url).close()
    first = writer(url, tmp_path / "results.json", script=STOP)
    assert first.stdout.readline() == "written\n"
    second = writer(url, tmp_path / "results.json", script=STOP.replace("time.sleep(300)", ""))
    time.sleep(1)
    assert second.poll() is None, "it waits for the first, who may still end well"
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=60)
    assert second.communicate(timeout=60) == ("written\n", "") and second.returncode == 0
    rows = rows_in(url)
    assert rows["run"] == 1 and rows["cell"] == len(results()["cells"])


def test_a_database_that_goes_away_loses_nothing(server, url):
    with open_store(url) as store:
        store.add(results())
        before = rows_in(url)
        server.stop("immediate")
        try:
            refused(UNAVAILABLE, "is the database up?", lambda: store.add(results(later)))
            refused(UNAVAILABLE, "is the database up?", lambda: open_store(url))
        finally:
            server.start()
        assert rows_in(url) == before
        assert store.add(results(later)), "the same store goes on"
        assert not store.add(results()) and rows_in(url)["run"] == 2


def test_a_database_that_goes_away_in_the_middle_of_a_run(server, url, monkeypatch):
    with open_store(url) as store:
        store.add(results())
        before = rows_in(url)

        def copied_last(value):
            monkeypatch.undo()
            server.stop("immediate")
            return write.copied(value)
        monkeypatch.setattr(write, "copied", copied_last)
        try:
            refused(UNAVAILABLE, "is the database up?", lambda: store.add(results(later)))
        finally:
            server.start()
        assert rows_in(url) == before
        assert store.add(results(later)), "the same store goes on"


def seeded(seed):
    return Files(json.dumps(results(lambda document: document.update(seed=1000 + seed))).encode(), str(seed))


def test_all_readers_write(url):
    seeds = [*range(3 * BATCH), *range(BATCH // 2)]
    with open_store(url) as store:
        store.add(seeded(0).results)
        new = list(add_many(store, seeded, seeds, jobs=3))
        assert len(new) == len(seeds) and sum(new) == 3 * BATCH - 1 and not new[0]
        contents = {store.export(number)["results.json"] for number in store.numbers()}
    assert contents == {seeded(seed).results for seed in seeds}
    rows = rows_in(url)
    assert rows["run"] == rows["file"] == 3 * BATCH and rows["cell"] == rows["run"] * len(results()["cells"])


def test_who_may_not_write(server, url):
    from sqlalchemy import text
    with open_store(url) as store, store.engine.connect() as connection:
        store.add(results())
        connection.execution_options(isolation_level="AUTOCOMMIT")
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    refused(UNAVAILABLE, "give write permission", lambda: open_store(url).add(results(later)))
    reader = url.replace(f"user={server.user}", "user=reader")
    with open_store(reader, writable=False) as store:
        assert store.numbers() == [1] and store.export(1)
    with open_store(reader) as store:
        refused(UNAVAILABLE, "permission", lambda: store.add(results(later)))
    assert rows_in(url)["run"] == 1


def test_what_is_refused_by_name(server):
    refused(UNAVAILABLE, "createdb makes a database", lambda: open_store(server.url("nowhere")))
