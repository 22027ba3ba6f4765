# SPDX-License-Identifier: MIT
"""The pages of a store in headless Chromium, from the command itself: filter, sort, compare, deep links, ten thousand
cells, and hostile texts as text."""

import json
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from reports.store import open_store
from test_browser import browser  # noqa: F401
from test_serve import HOSTILE, hostile_everywhere, results

CELLS = 10_000

# From the request to when all is laid out and painted.
PAINTED = """
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => setTimeout(() => {
  const [page] = performance.getEntriesByType("navigation");
  done([page.responseEnd, performance.now(), document.querySelectorAll("tbody tr").length]);
}));
"""


def many_cells():
    """A run with so many: those of a recorded one over and over, with other names of their sites."""
    document = results(seed=10_000)
    target = document["targets"][0]
    own = [cell for cell in document["cells"] if cell["target"] == target["id"]]
    cells = []
    while len(cells) < CELLS:
        for cell in own[:CELLS - len(cells)]:
            site = f"{cell['site']}-{len(cells)}"
            cells.append({**cell, "site": site, "name": cell["name"].replace(cell["site"], site)})
    many = {**target, "id": target["id"] + "+many"}
    return {**document, "targets": [many], "cells": [{**cell, "target": many["id"]} for cell in cells]}


def dearer():
    document = results(started="2027-01-01T00:00:00Z")
    for cell in document["cells"]:
        if cell["probe_type"] == "ftrace":
            for name in ("value", "low", "high"):
                cell["metrics"]["instructions_per_hit"][name] += 2
    return document


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    url = str(tmp_path_factory.mktemp("store") / "store.sqlite")
    with open_store(url) as store:
        for document in (results(), dearer(), many_cells()):
            store.add(document)
        store.add(hostile_everywhere(results(seed=3)), node=HOSTILE, source=HOSTILE)
    server = subprocess.Popen([sys.executable, "-P", "-m", "reports", "serve", "--store", url, "--port", "0"],
                              cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, text=True,
                              stderr=subprocess.PIPE)
    line = server.stderr.readline()
    assert line.startswith("http://127.0.0.1:"), line
    yield line.split()[0]
    server.terminate()
    server.communicate(timeout=30)


@pytest.fixture
def page(browser, site):  # noqa: F811
    class Page:
        def open(self, path):
            browser.get_log("browser")
            browser.get(site + path)
            assert browser.get_log("browser") == [], "no script, no style and no picture was refused"
            return self

        def column(self, title):
            return browser.execute_script("""
              const first = document.querySelector(".scroll");
              const head = [...first.querySelectorAll("th")].map(one => one.textContent);
              return [...first.querySelectorAll("tbody tr")]
                .map(row => row.cells[head.indexOf(arguments[0])].textContent);""", title)

        def press(self, selector):
            browser.find_element("css selector", selector).click()

        def write(self, name, text):
            field = browser.find_element("css selector", f"input[name={name}]")
            field.clear()
            field.send_keys(text + "\n")

        def link(self, text):
            browser.find_element("link text", text).click()

        def script(self, text, *arguments):
            return browser.execute_script(text, *arguments)

        @property
        def address(self):
            return browser.current_url.removeprefix(site)
    return Page()


def test_filter_and_search(page):
    everything = page.open("/").column("target")
    page.write("where", "kernel=6.12*")
    few = page.column("target")
    assert 0 < len(few) < len(everything) and all("6.12" in one for one in few)
    page.write("q", "script")
    assert all("<script>" in one for one in page.column("target")) and page.column("target")
    there = page.address
    assert page.open(there).column("target") == page.column("target"), "the view has an address"


def test_sort(page):
    page.open("/cells?where=target%3D*-amd64&cell=ftrace")
    for costs_sorted in (sorted, lambda costs: sorted(costs, reverse=True)):
        page.link("cost of a hit")
        costs = [float(cost) for cost in page.column("cost of a hit") if cost != "–"]
        assert costs == costs_sorted(costs) and len(set(costs)) > 1
    assert "sort=value" in page.address and "order=desc" in page.address
    assert page.script("return document.querySelector('th a[aria-current]').textContent") == "cost of a hit"


def test_compare_two_that_were_chosen(page):
    page.open("/?all=1&where=kernel%3D5.10*&q=vm-tcg")
    rows = [place for place, name in enumerate(page.column("target")) if "<" not in name and "many" not in name]
    for name, row in zip("ab", rows):
        page.script("document.querySelectorAll(`input[name=${arguments[0]}]`)[arguments[1]].click()", name, row)
    page.press("button.pick")
    changes = {cell: change for cell, change in zip(page.column("cell"), page.column("change"))}
    assert {change for cell, change in changes.items() if cell.startswith("ftrace/")} == {"+2"}
    deadline = time.monotonic() + 30
    while not page.script("const one = document.querySelector('figure img'); return one.complete && one.naturalWidth"):
        assert time.monotonic() < deadline, "the figure is drawn"
        time.sleep(0.1)


def test_from_a_cell_to_its_history_and_its_matrix(page):
    page.open("/history?q=ftrace%2Fmodule%2Fentry%2Fnop")
    page.link("ftrace/module/entry/nop/threads:1")
    assert set(page.column("runs")) == {"2"} and set(page.column("exact changes")) == {"1"}
    page.link("kernels and CPUs")
    assert page.column("kernel") and page.address.startswith("/matrix?cell=ftrace")


def test_ten_thousand_cells_at_once(page, browser):  # noqa: F811
    """How long it takes is printed and not judged; what makes it short is looked at: only what is in sight is laid
    out, and the parts of the table agree in their columns."""
    browser.set_script_timeout(60)
    for _ in range(3):
        page.open("/cells?where=target%3D*%2Bmany")
        loaded, painted, rows = browser.execute_async_script(PAINTED)
        print(f"{rows} cells: answered in {loaded:.0f} ms, shown after {painted:.0f} ms")
    assert rows == CELLS
    in_sight, lefts, last = page.script("""
      const parts = [...document.querySelectorAll(".part")];
      const laid = parts.filter(one => one.querySelector("td").checkVisibility({contentVisibilityAuto: true}));
      const left = row => [...row.cells].map(cell => Math.round(cell.getBoundingClientRect().left)).join();
      return [laid.length, [left(document.querySelector(".fixed thead tr")), left(laid[0].querySelector("tr"))],
              parts.at(-1).querySelector("tr:last-child td:nth-child(2)").textContent];""")
    assert 0 < in_sight < 10 and lefts[0] == lefts[1]
    assert last in page.script("return document.body.textContent") and str(CELLS - 1) in last


def test_hostile_texts_are_text(page, browser):  # noqa: F811
    for path in ("/", "/runs", "/cells", "/history", "/matrix"):
        page.open(path)
        assert page.script("return document.scripts.length") == 0
    cell = next(one for one in page.open("/history").column("cell") if "<script>" in one)
    assert "alert('x')" in cell and "{{7*7}}" in cell and "\u202e" not in cell
    page.link(cell)
    assert cell in page.script("return document.body.textContent")
    for path in ("/?q=%3Cscript%3Ealert(1)%3C/script%3E", "/?where=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
                 "/?sort=%22onmouseover%3Dalert(1)"):
        browser.get_log("browser")
        browser.get(browser.current_url.split("/history")[0] + path)
        assert page.script("return document.scripts.length + document.querySelectorAll('img').length") == 0


def test_wide_narrow_light_and_dark(page, browser):  # noqa: F811
    for width in (1400, 390):
        for scheme in ("light", "dark"):
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
                "features": [{"name": "prefers-color-scheme", "value": scheme}]})
            page.open("/")
            assert page.script("return document.documentElement.scrollWidth") <= width
            paper = json.loads(page.script("return '[' + getComputedStyle(document.body).backgroundColor.match("
                                           "/\\d+/g).join() + ']'"))
            assert (sum(paper) > 380) == (scheme == "light")
            page.link(page.column("target")[0])
            figure = page.script("return document.querySelector('.scroll td.n').getBoundingClientRect().right")
            assert figure <= width, "a cell's name leaves room for its figure"
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_report_of_a_target(page):
    """Of a hostile one: it has the one script that its own policy names."""
    page.open("/?q=script")
    key = page.column("key")[0]
    page.open(f"/targets/{key}/report")
    assert page.script("return document.querySelectorAll('figure svg').length") > 0
    assert page.script("return document.scripts.length") == 1
    assert page.script("return [...document.querySelectorAll('*')].some(one => [...one.attributes].some(attribute => "
                       "attribute.name.startsWith('on')))") is False
