# SPDX-License-Identifier: MIT
"""A table as HTML. Ten thousand rows are set in parts, of which a browser lays out those in sight; columns then have
widths of their own, from the longest text, so that the parts agree."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from ..escape import visible
from .address import Asked
from .grid import Column, Grid, Row

PART = 100       # rows, see .part in serve.css
MOST_IN_ONE = 1000
LETTER = 8       # pixels, of the widest usual letters in the tables' size
NARROWEST, WIDEST = 90, 420
PICKS = ("a", "first"), ("b", "second")


@functools.lru_cache(maxsize=65536)
def safe(text: str) -> str:
    return str(escape(visible(text)))


def class_of(column: Column) -> str:
    name = "n" if column.numeric else "c" if column.code else "prose" if column.prose else ""
    return f' class="{name}"' if name else ""


def heading(column: Column, asked: Asked, sortable: bool) -> str:
    text = safe(column.title)
    if sortable:
        order = "desc" if asked.descending else "asc"
        now = f' aria-current="{order}"' if asked.get("sort") == column.key else ""
        text = f'<a href="{safe(asked.sorted_by(column.key))}"{now}>{text}</a>'
    return f'<th scope="col"{class_of(column)}>{text}</th>'


def head(grid: Grid, asked: Asked, sortable: bool) -> str:
    picks = "".join(f'<th scope="col">{title}</th>' for _name, title in PICKS) if grid.pick else ""
    return f"<thead><tr>{picks}{''.join(heading(column, asked, sortable) for column in grid.columns)}</tr></thead>"


def picks_of(grid: Grid, row: Row, asked: Asked) -> str:
    if not grid.pick:
        return ""
    key = grid.pick(row)
    return "".join(f'<td><input type="radio" name="{name}" value="{safe(key)}" aria-label="{title}"'
                   f'{" checked" if asked.get(name) == key else ""}></td>' for name, title in PICKS)


def body(grid: Grid, rows: Iterable[Row], asked: Asked, breaks: bool = True) -> str:
    """`breaks`: places where a phone may break a link. Each is two nodes more, and columns of a fixed width break
    anywhere."""
    columns = [(place, column.show, column.href, f"<td{class_of(column)}>")
               for place, column in enumerate(grid.columns)]
    lines = []
    for row in rows:
        cells = [picks_of(grid, row, asked)]
        for place, show, href, begin in columns:
            text = safe(show(row[place]))
            if href and (target := href(row)):
                shown = text.replace("/", "/<wbr>") if breaks else text
                text = f'<a href="{safe(target)}">{shown}</a>'
            cells.append(f"{begin}{text}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return f"<tbody>{''.join(lines)}</tbody>"


def width_of(grid: Grid, place: int) -> int:
    column = grid.columns[place]
    longest = max([len(column.title), *(len(column.show(row[place])) for row in grid.rows)])
    return min(max(LETTER * longest + 2 * LETTER, NARROWEST), WIDEST)


def parts(grid: Grid, asked: Asked, sortable: bool) -> str:
    columns = "".join(f'<col width="{width_of(grid, place)}">' for place in range(len(grid.columns)))
    picks = f'<col width="{NARROWEST}">' * len(PICKS) if grid.pick else ""
    begin = f'<table class="fixed"><colgroup>{picks}{columns}</colgroup>'
    tables = [f"{begin}{head(grid, asked, sortable)}</table>"]
    tables += [f'<div class="part">{begin}{body(grid, grid.rows[at:at + PART], asked, breaks=False)}</table></div>'
               for at in range(0, len(grid.rows), PART)]
    return "".join(tables)


def html_of(grid: Grid, asked: Asked, sortable: bool) -> Markup:
    if len(grid.rows) > MOST_IN_ONE:
        inside = parts(grid, asked, sortable)
    else:
        inside = f"<table>{head(grid, asked, sortable)}{body(grid, grid.rows, asked)}</table>"
    return Markup(f'<div class="scroll" tabindex="0" role="region" aria-label="{safe(grid.heading)}">{inside}</div>')


def tables_of(grids: Sequence[Grid], asked: Asked) -> list[tuple[Grid, Markup]]:
    return [(grid, html_of(grid, asked, place == 0)) for place, grid in enumerate(grids)]
