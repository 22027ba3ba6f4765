# SPDX-License-Identifier: MIT
"""What is written into a drawing stands in its file as it was written."""

import re
import xml.etree.ElementTree

import pytest
from matplotlib.backends.backend_svg import RendererSVG

from conftest import ROOT
from reports import escape
from reports.figures.figure import Figure
from reports.figures.inks import named
from reports.figures.style import for_file, for_page, svg_of, svgs_of
from reports.load import load
from reports.merge import merge
from reports.published import reference_run
from reports.sections import page_of
from reports.page import figures_of
from reports.table import table

TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture
def written(monkeypatch):
    """All that matplotlib is asked to write, in order."""
    texts = []
    draw_text = RendererSVG.draw_text

    def record(self, gc, x, y, s, *rest, **named):
        texts.append(s)
        return draw_text(self, gc, x, y, s, *rest, **named)
    monkeypatch.setattr(RendererSVG, "draw_text", record)
    return texts


def texts_in(svg):
    return ["".join(element.itertext()) for element in xml.etree.ElementTree.fromstring(svg).iter(TEXT)]


def check(figure, written):
    written.clear()
    svg = svg_of(figure)
    told = [escape.visible(text) for text in written if text.strip()]
    assert texts_in(for_file(svg).split("?>")[1]) == told, figure.id
    assert texts_in(for_page(figure, svg)) == told, figure.id
    if figure.narrow:
        shown = for_page(figure, *svgs_of(figure))
        assert len(texts_in(f"<page>{shown}</page>")) > len(told), figure.id
    return told


def drawing(*texts):
    def draw(canvas):
        axes = canvas.add_subplot()
        axes.set_axis_off()
        for place, text in enumerate(texts):
            axes.text(0.123456, place / 7, text)
    return Figure("x", "cost", "title", "caption", "alt", 3, draw, table((), ()))


def test_numbers_ids_and_colours_in_a_text_stay(written):
    texts = ["Linux 6.12.117", "0.123456 ns", "v1.2345678", "1.0000", "-12.3456 %", ' id="x" url(#y) href="#z"',
             "#d55e00", "a < 1.23456 > b & c", "6.18.44-fc-v669+1.2345"]
    assert check(drawing(*texts), written) == texts


def test_coordinates_are_rounded():
    assert re.search(r'[ ="]-?\d+\.\d{3,}', svg_of(drawing("x"))) is None


def lines(alpha):
    def draw(canvas):
        axes = canvas.add_subplot()
        axes.set_axis_off()
        axes.hlines([1, 2, 3], 0, 1, colors="#d0d7df", linewidth=0.4, alpha=alpha)
    return Figure("x", "cost", "title", "caption", "alt", 3, draw, table((), ()))


def test_lines_in_one_ink_are_one_path_unless_they_shine_through():
    def outlines(svg):
        return re.findall(r'<path d="([^"]*)"[^>]* style="[^"]*stroke-width: 0.4', svg)
    plain, clear = (for_page(figure, svg_of(figure)) for figure in (lines(None), lines(0.5)))
    assert len(outlines(clear)) == 3
    assert outlines(plain) == [" ".join(one.strip() for one in outlines(clear))]


def test_a_style_that_recurs_is_said_once():
    line = '<path d="M 0 0" style="fill: none; stroke: var(--ink)"/>'
    other = line.replace("--ink", "--grid")
    svgs, rules = named({"a": f'<svg class="wide">{line}{line}{other}</svg>', "b": f"<svg>{line}<text>x</text></svg>"})
    assert rules == ".i0 {fill: none; stroke: var(--ink)}\n"
    short = '<path d="M 0 0" class="i0"/>'
    assert svgs == {"a": f'<svg class="wide">{short}{short}{other}</svg>', "b": f"<svg>{short}<text>x</text></svg>"}


def test_what_one_frame_cuts_is_in_one_group(written):
    def draw(canvas):
        axes = canvas.add_subplot()
        for place in range(4):
            axes.plot([place], [1], "o", color="#0072b2")
    figure = Figure("x", "cost", "title", "caption", "alt", 3, draw, table((), ()), narrow=3)
    wide, narrow = svgs_of(figure)
    shown = for_page(figure, wide, narrow)
    for one, name in zip(shown.split("\n<svg "), ("x", "x-n")):
        assert one.count(f'clip-path="url(#{name}-') == one.count("<g clip-path") == 1
    assert len(ids := re.findall(r' id="([^"]+)"', shown)) == len(set(ids))


def test_every_figure_of_a_page(bench, written):
    runs = [load(str(bench.experiment("run"))), load(str(bench.run("timed", source="noisy")))]
    other = load(str(bench.run("old", lambda results: [
        cell["metrics"]["instructions_per_hit"].update(value=1, low=1, high=1)
        for cell in results["cells"] if cell["metrics"]["instructions_per_hit"]])))
    figures = figures_of(page_of(merge(runs), other))
    assert len(figures) > 10
    for figure in figures:
        check(figure, written)


def test_published_figures_of_several_machines(written):
    told = [text for figure in figures_of(page_of(reference_run(ROOT))) if figure.of is None
            for text in check(figure, written)]
    assert "6.12.117" in told
    published = (ROOT / "reports/published/figures/kernels-1.svg").read_text()
    assert "6.12.117" in texts_in(published.split("?>")[1])
