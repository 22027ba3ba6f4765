# SPDX-License-Identifier: MIT
"""How figures are set, and their files. The same input gives the same bytes."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import matplotlib

matplotlib.use("svg")

from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402  (the backend is chosen first)
from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: E402
from matplotlib.figure import Figure as Canvas  # noqa: E402

from ..escape import visible  # noqa: E402
from .figure import GRID, INK, MUTED, NARROW, VARIABLES, WIDTH, Figure  # noqa: E402

SETTINGS = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9.5,
    "svg.fonttype": "none", "text.color": INK, "axes.labelcolor": INK, "xtick.color": MUTED, "ytick.color": MUTED,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.edgecolor": GRID, "axes.facecolor": "none",
    "figure.facecolor": "none", "savefig.facecolor": "none", "grid.color": GRID, "grid.linewidth": 0.6,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "legend.frameon": False,
    "text.parse_math": False,  # a "$" in a name is a "$"
    "legend.fontsize": 8.5, "lines.linewidth": 1.4, "lines.markersize": 5, "axes.formatter.useoffset": False,
}


LEGEND_LINE = 0.18  # inches
PHONE = "-n"  # ends the ids of a drawing for a phone


def is_narrow(canvas: Any) -> bool:
    return canvas.get_figwidth() < WIDTH


def above(axes: Any, handles: dict[str, Any], columns: int = 3) -> None:
    """The legend over the axes, where it covers nothing; over their names, too, where there is little room."""
    canvas, place = axes.get_figure(), {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    where = axes
    if is_narrow(canvas) and len(canvas.axes) > 1:
        columns = 1
    elif is_narrow(canvas):
        where, columns, place = canvas, max(2, columns // 2), {"loc": "upper left"}
        lines = math.ceil(len(handles) / columns)
        canvas.get_layout_engine().set(rect=(0, 0, 1, 1 - (lines * LEGEND_LINE + 0.08) / canvas.get_figheight()))
    where.legend(handles.values(), handles.keys(), **place, ncols=columns, numpoints=1, handletextpad=0.4,
                 columnspacing=1.2, borderaxespad=0.2)


def canvas_of(figure: Figure) -> Any:
    narrow = figure.id.endswith(PHONE)
    canvas = Canvas(figsize=(NARROW if narrow else WIDTH, figure.height), layout="constrained")
    figure.draw(canvas)
    return canvas


def svgs_of(figure: Figure) -> tuple[str, ...]:
    """The drawing, and the one for a width at which its letters would be half as high."""
    one = svg_of(figure)
    return (one, svg_of(replace(figure, id=figure.id + PHONE, height=figure.narrow))) if figure.narrow else (one,)


def svg_of(figure: Figure) -> str:
    """The drawing alone: no prolog, and ids that are unique on a page with other figures."""
    with matplotlib.rc_context({**SETTINGS, "svg.hashsalt": figure.id}):
        text = io.StringIO()
        FigureCanvasSVG(canvas_of(figure)).print_svg(
            text, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = visible(text.getvalue())  # XML 1.0 has no way to hold a control character
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    return in_tags(svg, lambda tag: own_ids(figure, rounded(tag)))


def in_tags(svg: str, change: Callable[[str], str]) -> str:
    """Between the tags stands what a reader is told: it stays as it was put in."""
    return re.sub(r"<[^>]*>", lambda found: change(found[0]), svg)


def rounded(tag: str) -> str:
    return re.sub(r"(?<![#\w])-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), tag)


def own_ids(figure: Figure, tag: str) -> str:
    tag = re.sub(r' id="([^"]+)"', rf' id="{figure.id}-\1"', tag)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{figure.id}-", tag)


def own_colours(tag: str) -> str:
    for colour, variable in VARIABLES.items():
        tag = tag.replace(colour, f"var(--{variable})")
    return tag


def for_page(figure: Figure, svg: str, phone: str | None = None) -> str:
    """Scales with the page and takes its colours; said to be one picture with a text. Of two, the page's style shows
    the one that fits."""
    alt = f"{figure.id}-alt"
    if phone is None:
        return picture(figure.id, svg, f'aria-labelledby="{alt}"')
    return (picture(figure.id, svg, f'aria-labelledby="{alt}" class="wide"') + "\n"
            + picture(figure.id + PHONE, phone, f'aria-labelledby="{alt}" class="narrow"'))


def picture(name: str, svg: str, told: str) -> str:
    svg = in_tags(svg, lambda tag: TENTHS.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"),
                                              own_colours(tag)))
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
                 rf'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                 rf'viewBox="\1" role="img" {told}>', svg, count=1)
    return short(name, svg).strip()


TENTHS = re.compile(r"(?<![#\w.])-?\d+\.\d\d(?![\w.])")  # are enough where a screen shows them
COMMON = re.compile(r"<defs>\n<style[^>]*>[^<]*</style>\n</defs>\n")  # templates/page.css has it
BACKGROUND = re.compile(r'<path d="[^"]*" style="fill: none"/>\n')
RUN = re.compile(r'<path d="[^"]*"((?: (?:clip-path|style)="[^"]*")*)/>\n(?:<path d="[^"]*"\1/>\n)+')  # drawn alike
CLIPPED = re.compile(r'(<g( clip-path="[^"]*")>\n(?:<use[^>]*/>\n)+)</g>\n</g>\n<g>\n<g\2>\n(?=<use)')  # cut alike
ALIKE = re.compile(r'<(path|use)[^>]*?( clip-path="[^"]*")[^>]*/>\n(?:<(?:path|use)[^>]*?\2[^>]*/>\n)+')
LONE = re.compile(r"<g>\n((?:<(?:text|path|use)[^>]*?(?:/>\n|>[^<]*</text>\n))*)</g>\n")  # groups of drawings alone


def short(name: str, svg: str) -> str:
    """The same drawing in fewer bytes: a page has many. Ids that nothing refers to, groups that hold nothing back,
    outlines without ink, and what the page's style says of every drawing and text."""
    used: set[str] = set()
    in_tags(svg, lambda tag: used.update(re.findall(r'(?:url\(#|href="#)([^)"]+)', tag)) or tag)
    names = {used_one: f"{name}-{at}" for at, used_one in enumerate(sorted(used))}
    svg = BACKGROUND.sub("", in_tags(COMMON.sub("", svg), lambda tag: short_tag(names, tag)))
    while (shorter := CLIPPED.sub(r"\1", LONE.sub(r"\1", svg))) != svg:
        svg = shorter
    return ALIKE.sub(cut_at_once, RUN.sub(joined, svg))


def cut_at_once(found: re.Match[str]) -> str:
    """What one frame cuts is in one group."""
    return f'<g{found[2]}>\n{found[0].replace(found[2], "")}</g>\n'


def joined(found: re.Match[str]) -> str:
    """Lines in one ink, as those of a grid are, are one path. Not where they would shine through each other."""
    if "fill: none" not in found[1] or "opacity" in found[1]:
        return found[0]
    outlines = re.findall(r'd="([^"]*)"', found[0])
    return f'<path d="{" ".join(outline.strip() for outline in outlines)}"{found[1]}/>\n'


def short_tag(names: dict[str, str], tag: str) -> str:
    tag = re.sub(r' id="([^"]+)"', lambda found: f' id="{names[found[1]]}"' if found[1] in names else "", tag)
    tag = re.sub(r'(url\(#|href="#)([^)"]+)', lambda found: found[1] + names[found[2]], tag)
    tag = tag.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    tag = re.sub(r" ?\n", " ", re.sub(r' transform="rotate\(-0 [^"]*"', "", tag))
    if tag.startswith("<text"):
        tag = re.sub(r"font: ([\d.]+px) 'DejaVu Sans', sans-serif", r"font-size: \1", tag)
        tag = tag.replace("fill: var(--ink); ", "")
    return tag


def for_file(svg: str) -> str:
    """Alone it has no page to stand on: white paper, dark ink."""
    return '<?xml version="1.0" encoding="utf-8"?>\n' + svg.replace(
        "<svg ", '<svg style="background:#ffffff" ', 1)


def png_of(figure: Figure) -> bytes:
    with matplotlib.rc_context({**SETTINGS, "savefig.facecolor": "white", "figure.facecolor": "white"}):
        data = io.BytesIO()
        canvas = canvas_of(figure)
        FigureCanvasAgg(canvas)
        canvas.savefig(data, format="png", dpi=144, metadata={"Software": None})
    return data.getvalue()
