# SPDX-License-Identifier: MIT
"""Names and reasons that mean to act on who reads them, in every file of a report."""

import xml.etree.ElementTree

from conftest import ROOT  # noqa: F401  (makes the package known)
from reports import escape
from reports.figures.figure import Figure
from reports.figures.style import svg_of
from reports.table import table

EVIL = ("\x1b[2J\x1b[31mevil\x1b]0;t\x07 <img src=x onerror=alert(1)> </script><script>alert(2)</script> "
        "=HYPERLINK(\"http://x\") | a\n# heading ![i](http://x) \x9b1m \u202e`code` $x^2$")


def test_what_is_not_seen_is_shown():
    assert escape.visible("a\x1b[31m\x07\x00\tb\n") == "a\\x1b[31m\\x07\\x00\tb\n"
    assert escape.visible("\x7f\x9b\u202e\u2066\ufeff\u2028") == "\\u007f\\u009b\\u202e\\u2066\\ufeff\\u2028"
    assert escape.visible("±  Größe – 1") == "±  Größe – 1"


def test_no_line_is_a_command_of_github():
    assert escape.terminal("::error::x\n  ::a::\nb ::c\n##[error]") == (
        "\\u003a:error::x\n  \\u003a:a::\nb ::c\n\\u0023#[error]")


def test_markdown_is_text():
    assert escape.markdown("a|b\n# c") == "a\\|b # c"
    assert escape.markdown("<b>x</b>") == "&lt;b>x&lt;/b>"
    assert escape.markdown("![i](http://x)") == "![i]\\(http://x)"
    assert escape.markdown("`x` \\| \x1b") == "\\`x\\` \\\\\\| \\\\x1b"
    assert escape.fenced("a\n```\n# b\x1b") == "a\n'''\n# b\\x1b"


def spoil(results):
    target = results["targets"][0]
    target["environment"]["facts"]["kernel.release"] = (
        "../../pwned\x1b[31mRED\x1b]0;title\x07<script>alert(1)</script>|$x^2$")
    target["environment"]["facts"]["cpu.model"] = EVIL
    cell = results["cells"][0]
    cell.update(status="errored", reason=EVIL, no_metric_reason="errored",
                metrics={name: None for name in cell["metrics"]})


def test_a_report_of_an_evil_run(bench):
    html, text = bench.page(bench.run("run", spoil))
    for page in (html, text):
        assert not escape.UNSEEN.search(page)
        assert "\\x1b" in page and "\\u202e" in page
        assert page.count("<script") == (page is html) and "<img" not in page
    assert "\n# heading" not in text and "](http://x)" not in text
    assert "RED\\x1b]0;title" in html and "&lt;script&gt;" in html


def test_figures_are_xml_and_dollars_are_dollars(bench):
    bench.page(bench.run("run", spoil))
    drawings = list(bench.folder.rglob("*.svg"))
    assert drawings
    for path in drawings:
        xml.etree.ElementTree.parse(path)

    def draw(canvas):
        canvas.add_subplot().set_title(EVIL)
    figure = Figure("evil", "cost", "title", "caption", "alt", 3, draw, table((), ()))
    svg = svg_of(figure)
    xml.etree.ElementTree.fromstring(svg)
    assert "\\x1b]0;t\\x07 &lt;img" in svg and "$x^2$" in svg
