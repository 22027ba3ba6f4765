# SPDX-License-Identifier: MIT
"""The pages of a store, without a browser: what they answer, and that no text of a run becomes markup."""

import html.parser
import json
from urllib.parse import quote

import pytest

from conftest import DATA, read
from reports.serve.application import application
from reports.store import open_store

HOSTILE = "<script>alert('x')</script>\"'&\u202e\x1b{{7*7}}"


def results(**changes):
    return {**read(DATA / "exact/results.json"), **changes}


def hostile_everywhere(value):
    """Every text of it that is no word of the schema's own."""
    if isinstance(value, dict):
        return {name: hostile_everywhere(one) if name not in KEPT else one for name, one in value.items()}
    if isinstance(value, list):
        return [hostile_everywhere(one) for one in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) else value


KEPT = ("status", "class", "clock", "clock_unit", "kind", "accel", "leads", "metrics", "addresses")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    url = str(tmp_path_factory.mktemp("store") / "store.sqlite")
    dearer = results(started="2027-01-01T00:00:00Z")
    for cell in dearer["cells"]:
        if cell["metrics"]["instructions_per_hit"]:
            for name in ("value", "low", "high"):
                cell["metrics"]["instructions_per_hit"][name] += 1
    with open_store(url) as writing:
        for document in (results(), dearer, read(DATA / "noisy/results.json")):
            assert writing.add(document, source="a/results.json")
        hostile = hostile_everywhere(results(seed=3))
        assert writing.add(hostile, request={"kernel": HOSTILE}, node=HOSTILE, source=HOSTILE)
    with open_store(url, writable=False) as reading:
        yield reading


@pytest.fixture(scope="module")
def client(store):
    return application(store, frozenset({"localhost"})).test_client()


def data(client, path, **asked):
    answer = client.get("/api" + path, query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.json


def rows(client, path, **asked):
    table = data(client, path, **asked)["tables"][0]
    return [dict(zip(table["columns"], row)) for row in table["rows"]]


def keys(client):
    """Of the targets without hostile texts, oldest first."""
    return [row["key"] for row in rows(client, "/", all=1) if "<" not in row["target"]]


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, text):
        self.texts.append(text)


def all_views(client):
    cell = next(row["cell"] for row in rows(client, "/history") if "<" in row["cell"])
    key = next(row["key"] for row in rows(client, "/") if "<" in row["target"])
    series = rows(client, "/history", cell=cell)
    return ["/", "/?all=1", "/runs", "/runs/4", f"/targets/{key}", "/cells", "/history", "/matrix", "/compare",
            f"/history?cell={quote(cell)}", f"/matrix?cell={quote(cell)}", f"/compare?a={key}",
            f"/compare?a={key}&b={keys(client)[0]}", f"/?q={quote(HOSTILE)}&where={quote(HOSTILE)}",
            f"/history?cell={quote(HOSTILE)}", f"/?sort={quote(HOSTILE)}"] + ([] if series else ["nothing"])


def test_no_text_becomes_markup(client):
    for path in all_views(client):
        answer = client.get(path)
        assert answer.status_code in (200, 400, 404), path
        page = Tags(answer.text)
        assert {tag for tag, _attrs in page.tags} <= {
            "html", "head", "meta", "link", "title", "body", "nav", "a", "header", "h1", "h2", "p", "main", "form",
            "label", "input", "button", "section", "div", "table", "thead", "tr", "th", "tbody", "td", "wbr", "figure",
            "img"}
        for tag, attrs in page.tags:
            assert not any(name.startswith("on") for name in attrs), (path, tag, attrs)
            assert attrs.get("href", "/").startswith(("/", "data:,")) and not attrs.get("href", "/").startswith("//")
        assert "\x1b" not in answer.text and "\u202e" not in answer.text and "49" not in "".join(
            text for text in page.texts if "7" in text and "{{" not in text and "script" in text)
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_hostile_texts_are_shown(client):
    page = Tags(client.get("/").text)
    assert any("<script>alert('x')</script>" in text and "{{7*7}}" in text for text in page.texts)


def test_targets_are_filtered_sorted_and_searched(client):
    everything = rows(client, "/")
    assert {row["kernel"] for row in rows(client, "/", where="kernel=6.12*")} == {
        row["kernel"] for row in everything if row["kernel"].startswith("6.12")} != set()
    assert rows(client, "/", where="kernel=6.12* accel=kvm") == []
    assert len(rows(client, "/", where="'qemu.version=QEMU emulator*' clock=instructions")) > 0
    cells = [row["cells"] for row in rows(client, "/", sort="cells", order="desc")]
    assert cells == sorted(cells, reverse=True) and set(cells) == {row["cells"] for row in everything}
    found = rows(client, "/", q="5.10 TCG")
    assert all("5.10" in row["target"] for row in found) and len(found) < len(everything)


def test_two_targets_are_compared(client):
    old, new = [row for row in rows(client, "/", all=1) if row["target"] == rows(client, "/", all=1)[0]["target"]][:2]
    view = data(client, "/compare", a=old["key"], b=new["key"])
    table = [dict(zip(view["tables"][0]["columns"], row)) for row in view["tables"][0]["rows"]]
    moved = [row for row in table if row["a"] is not None]
    assert moved and all(row["change"] == 1 and row["apart"] is True for row in moved)
    assert f"{len(moved)} of them with another figure" in view["finding"]
    assert view["tables"][1]["rows"] == []  # no fact differs
    assert [row["percent"] for row in rows(client, "/compare", a=new["key"], b=old["key"]) if row["a"]][0] < 0


def test_two_runs_are_compared(client):
    runs = sorted(rows(client, "/runs"), key=lambda row: row["run"])
    table = rows(client, "/compare", a=runs[0]["run"], b=runs[1]["run"])
    assert len({row["target"] for row in table}) == runs[0]["targets"] > 1
    assert len(table) == runs[0]["cells"]


def test_a_cell_over_time(client):
    cell = next(row["cell"] for row in rows(client, "/history") if row["cell"].startswith("kprobe-optimized/"))
    lines = rows(client, "/history", cell=cell, where="kernel=6.12*")
    assert [(line["runs"], line["exact_changes"]) for line in lines if "<" not in line["target"]] == [(2, 1)]
    page = client.get("/history", query_string={"cell": cell, "where": "kernel=6.12*"}).text
    link = next(attrs["href"] for tag, attrs in Tags(page).tags if "series=" in attrs.get("href", ""))
    path, _mark, asked = link.partition("?")
    line = client.get("/api" + link).json
    assert [row[6] for row in line["tables"][0]["rows"]] == [None, 1]
    picture = client.get(line["figures"][0])
    assert picture.mimetype == "image/svg+xml" and picture.text.startswith("<") and "<script" not in picture.text
    assert path == "/history" and "cell=" in asked


def test_kernel_by_cpu(client):
    cell = next(row["cell"] for row in rows(client, "/history") if row["cell"].startswith("ftrace/"))
    view = data(client, "/matrix", cell=cell)
    assert {"kernel", "arguments", "max"} <= set(view["tables"][0]["columns"])
    assert {row[0] for row in view["tables"][0]["rows"]} >= {"6.12.117+deb12-cloud-amd64"}


def test_a_run_is_handed_out_as_it_came(client):
    assert json.loads(client.get("/runs/1/results.json").data) in (results(), read(DATA / "noisy/results.json"))


@pytest.mark.parametrize("path, code, words", [
    ("/targets/1.99", 404, "it is not in the store"), ("/targets/x", 404, "it is not in the store"),
    ("/runs/99", 404, "run 99"), ("/compare?a=1.0&b=9.9", 404, "no such target or run"),
    ("/history?cell=moon", 404, "cell moon"), ("/matrix?cell=*", 404, "a matrix is of one"),
    ("/?where=moon%3D1", 400, "no target has that"), ("/?where=kernel", 400, "expected NAME=PATTERN"),
    ("/?where='", 400, "quote a pattern"), ("/figures/trend.svg?cell=moon", 404, "no such line"),
    ("/targets/1.99/report", 404, ""), ("/runs/99999999999999999999", 404, ""), ("/targets/99999999999.0", 404, "")])
def test_what_is_not_there(client, path, code, words):
    for answer in (client.get(path), client.get("/api" + path)):
        assert answer.status_code == code and "Traceback" not in answer.text
    assert words in client.get(path).text


def test_a_view_has_an_end(client, monkeypatch):
    monkeypatch.setattr("reports.serve.views.MOST_NAMES", 2)
    answer = client.get("/history?cell=*")
    assert answer.status_code == 400 and "a view is of 2 at most" in answer.text


def test_nothing_is_written(client, store):
    for path in ("/", "/api/", "/runs", "/compare"):
        for method in (client.post, client.put, client.delete, client.patch):
            assert method(path).status_code == 405
    from reports.errors import ReportError
    with pytest.raises(ReportError):
        store.add(results(seed=99))


def test_another_name_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:8080"}).status_code == 200


def test_refusals(bench):
    bench.refused(2, "there is no store", "serve", "--store", "none")
    bench.refused(69, "is the database up?", "serve", "--store", "postgresql://nobody@127.0.0.1:1/x")
    with open_store(str(bench.folder / "s")):
        pass
    bench.refused(69, "name another with --port", "serve", "--store", bench.folder / "s", "--bind", "192.0.2.1")
    bench.refused(2, "expected one argument", "serve", "--port")
