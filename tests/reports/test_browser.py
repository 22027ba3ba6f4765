# SPDX-License-Identifier: MIT
"""The page in headless Chromium: wide and narrow, light and dark, on paper."""

import base64
import json
import shutil

import pytest

from conftest import ROOT, Bench

selenium = pytest.importorskip("selenium.webdriver")

SIZES = {"wide": (1400, 900), "phone": (390, 800)}

FIGURES = """
return [...document.querySelectorAll("figure")].map(figure => {
  const svg = [...figure.querySelectorAll("svg[role=img]")].find(one => one.clientWidth);
  const told = svg && document.getElementById(svg.getAttribute("aria-labelledby"));
  return {id: figure.id, alt: told ? told.textContent.trim().length : 0,
          rows: figure.querySelectorAll("details table tbody tr").length, width: svg ? svg.clientWidth : 0};
});
"""

# Texts of one drawing that lie on each other, or reach out of it.
TEXTS = """
const clashes = [];
for (const figure of document.querySelectorAll("figure")) {
  const svg = [...figure.querySelectorAll("svg")].find(one => one.clientWidth), frame = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll("text")].filter(text => text.textContent.trim())
    .map(text => [text.textContent, text.getBoundingClientRect()]);
  boxes.forEach(([one, a], at) => {
    if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1)
      clashes.push(`${figure.id}: ${one} is cut off`);
    for (const [other, b] of boxes.slice(at + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 0.4 * Math.min(a.height, b.height)) clashes.push(`${figure.id}: ${one} on ${other}`);
    }
  });
}
return clashes;
"""

# Of the page's own text against what is behind it, as WCAG computes it.
CONTRAST = """
const light = colour => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const paper = light(getComputedStyle(document.body).backgroundColor);
const worst = {};
for (const element of document.querySelectorAll("p, td, th, h2, a, summary, figcaption")) {
  const ink = light(getComputedStyle(element).color);
  const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  worst[element.tagName] = Math.min(worst[element.tagName] ?? 99, ratio);
}
return {paper, worst};
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    programs = [shutil.which(name) for name in ("chromium", "chromedriver")]
    assert all(programs), "the packages chromium and chromium-driver are in ci/packages"
    options = selenium.ChromeOptions()
    options.binary_location = programs[0]
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    from selenium.webdriver.chrome.service import Service
    driver = selenium.Chrome(service=Service(programs[1]), options=options)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page with every kind of figure but those of the published one."""
    bench = Bench(tmp_path_factory.mktemp("page"))
    bench.page(bench.experiment("run"), bench.run("timed", source="noisy"), compare=bench.run(
        "old", lambda results: [cell["metrics"]["instructions_per_hit"].update(value=1, low=1, high=1)
                                for cell in results["cells"] if cell["metrics"]["instructions_per_hit"]]))
    return bench.folder / "page/report.html"


def show(browser, path, size="wide", scheme="light", unfold=True):
    width, height = SIZES[size]
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.get_log("performance")
    browser.get(f"file://{path}")
    if unfold:
        browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def requests(browser):
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [message["params"]["request"]["url"] for message in messages
            if message["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page(browser, page, size, scheme):
    show(browser, page, size, scheme)
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "DEBUG"] == []
    assert [url for url in requests(browser) if url != f"file://{page}" and not url.startswith("data:")] == []
    widths = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth, window.innerWidth]")
    assert widths[0] <= widths[1] and widths[2] == SIZES[size][0]
    contrast = browser.execute_script(CONTRAST)
    assert (contrast["paper"] > 0.5) == (scheme == "light")
    assert all(ratio >= 4.5 for ratio in contrast["worst"].values()), contrast
    assert browser.execute_script(TEXTS) == []
    figures = browser.execute_script(FIGURES)
    assert len(figures) > 10 and all(figure["alt"] > 20 and figure["rows"] and figure["width"] for figure in figures)


def test_the_published_page(browser):
    path = ROOT / "reports/published/report.html"
    for size in SIZES:
        show(browser, path, size)
        assert browser.get_log("browser") == [] and browser.execute_script(TEXTS) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= SIZES[size][0]


PUBLISHED = ROOT / "reports/published/report.html"


def test_the_published_page_is_short(browser):
    show(browser, PUBLISHED, unfold=False)
    assert PUBLISHED.stat().st_size < 1_500_000
    assert browser.execute_script("return document.documentElement.scrollHeight") < 12_000


@pytest.mark.parametrize("size", SIZES)
def test_the_published_page_has_its_finding_and_figure_in_sight(browser, size):
    show(browser, PUBLISHED, size, unfold=False)
    tops = browser.execute_script("""
return [".finding", "figure svg.wide", "figure svg.narrow"].map(what => document.querySelector(what))
  .filter(one => getComputedStyle(one).display != "none").map(one => one.getBoundingClientRect().top)""")
    assert len(tops) == 2 and tops[0] < 100 and tops[1] < 650


LETTERS = """
return [...document.querySelectorAll("figure svg")].filter(svg => svg.clientWidth).flatMap(svg =>
  [...svg.querySelectorAll("text")].filter(text => text.textContent.trim()).map(text =>
    [parseFloat(getComputedStyle(text).fontSize) * svg.clientWidth / svg.viewBox.baseVal.width, text.textContent]));
"""


@pytest.mark.parametrize("size", SIZES)
def test_the_letters_of_each_drawing_can_be_read(browser, page, size):
    for path in (page, PUBLISHED):
        show(browser, path, size)
        letters = browser.execute_script(LETTERS)
        assert len(letters) > 100 and [one for one in letters if one[0] < 8.4] == []


def column(browser, place):
    """Of the rows that are seen."""
    return browser.execute_script("return [...document.querySelector('#cell-1-kprobe-stepped').closest('tbody').rows]"
                                  ".filter(row => !row.hidden).map(row => row.cells[arguments[0]].textContent)", place)


def test_a_table_is_sorted_searched_and_linked_into(browser, page):
    show(browser, page)
    before = column(browser, 0)
    click = ("document.querySelector('#cell-1-kprobe-stepped').closest('table').tHead.rows[0].cells[arguments[0]]"
             ".querySelector('button').click()")
    browser.execute_script(click, 0)
    assert column(browser, 0) == sorted(before) != before
    for costs_sorted in (sorted, lambda costs: sorted(costs, reverse=True)):
        browser.execute_script(click, 1)
        costs = [float(cost) for cost in column(browser, 1) if cost[0].isdigit()]
        assert costs == costs_sorted(costs)
    words = browser.execute_script("return document.querySelector('#cell-1-kprobe-stepped').closest('.scroll')"
                                   ".previousElementSibling.querySelector('input')")
    words.send_keys("kprobe stepped")
    assert set(column(browser, 0)) < set(before) and "kprobe-stepped" in column(browser, 0)
    show(browser, f"{page}#state-stepped", unfold=False)
    assert browser.execute_script("return document.querySelector('#state-stepped').offsetParent !== null")


def test_a_state_is_explained_to_a_keyboard(browser, page):
    show(browser, page)
    browser.execute_script("document.querySelector('#cell-1-kprobe-stepped [data-tip]').focus()")
    told = browser.execute_script("const tip = document.getElementById('tip'); return tip.hidden || tip.textContent")
    assert told == "an int3; the instruction slot ends in a second trap"


# Of what has the focus: whether it is in sight with nothing on it, and how that is shown.
FOCUS = """
const at = document.activeElement, place = at.getClientRects()[0];  // of its first line
if (at === document.body) return null;
at.dataset.reached = "";
const x = Math.max(place.left, 0) + Math.min(place.width, innerWidth) / 2;
const y = Math.max(place.top, 0) + Math.min(place.height, 40) / 2;
const above = document.elementFromPoint(Math.min(x, innerWidth - 2), y);
return {name: at.outerHTML.slice(0, 80), seen: at.contains(above), ring: getComputedStyle(at).outlineStyle};
"""

UNREACHED = """
return [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
  .filter(one => one.tabIndex >= 0 && one.checkVisibility() && !("reached" in one.dataset)).map(one => one.outerHTML);
"""


def press(browser, *keys):
    from selenium.webdriver.common.action_chains import ActionChains
    ActionChains(browser).send_keys(*keys).perform()


@pytest.mark.parametrize("size", SIZES)
def test_the_keyboard_alone_reaches_everything(browser, size):
    from selenium.webdriver.common.keys import Keys
    show(browser, PUBLISHED, size, unfold=False)
    walked = []
    while len(walked) < 2000:
        press(browser, Keys.TAB)
        place = browser.execute_script(FOCUS)
        if place is None:
            break
        walked.append(place)
    assert browser.execute_script(UNREACHED) == []
    assert len(walked) > 150
    assert [place["name"] for place in walked if not place["seen"] or place["ring"] == "none"] == []


def test_the_keyboard_alone_works_everything(browser, page):
    from selenium.webdriver.common.keys import Keys
    show(browser, page, unfold=False)
    table = "document.querySelector('#cell-1-kprobe-stepped').closest('table')"
    browser.execute_script(f"{table}.closest('.scroll').previousElementSibling.querySelector('input').focus()")
    press(browser, "stepped")
    found = column(browser, 0)
    assert "kprobe-stepped" in found and len(found) < browser.execute_script(f"return {table}.tBodies[0].rows.length")
    press(browser, Keys.TAB, Keys.TAB, Keys.TAB, Keys.ENTER)  # the choice of a state, the table, its first column
    assert column(browser, 0) == sorted(found)
    press(browser, Keys.SPACE)
    assert column(browser, 0) == sorted(found, reverse=True)
    browser.execute_script("document.querySelector('summary').focus()")
    for is_open in (True, False):
        press(browser, Keys.ENTER)
        assert browser.execute_script("return document.activeElement.parentElement.open") == is_open
    browser.execute_script("document.querySelector('#cell-1-kprobe-stepped [data-tip]').focus()")
    press(browser, Keys.ESCAPE)
    assert browser.execute_script("return document.getElementById('tip').hidden")
    press(browser, Keys.ENTER)  # a state leads to its words
    assert browser.execute_script("return document.querySelector(location.hash).offsetParent !== null")


def test_on_paper(browser, page):
    show(browser, page, scheme="dark")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [
        {"name": "prefers-color-scheme", "value": "dark"}]})
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen"})
