# SPDX-License-Identifier: MIT
"""What the page says, in a reader's order; the templates only set it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import jinja2

from . import escape
from .figures.figure import Figure
from .figures.inks import named
from .model import Run
from .table import Table

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    text: tuple[str, ...] = ()                       # paragraphs
    tables: tuple[tuple[str, Table], ...] = ()       # heading, shown openly
    folded: tuple[tuple[str, Table], ...] = ()       # heading, behind a click
    figures: tuple[Figure, ...] = ()
    folded_figures: tuple[tuple[str, tuple[Figure, ...]], ...] = ()  # heading, behind a click
    figures_first: int = 0                           # so many of the figures stand before the tables
    commands: tuple[str, ...] = ()                    # set as they are typed

    @property
    def all_figures(self) -> list[Figure]:
        return [*self.figures, *(figure for _heading, figures in self.folded_figures for figure in figures)]


@dataclass(frozen=True)
class Page:
    title: str
    finding: str
    caveat: str
    choice: str | None      # today's mechanisms beside each other
    lines: tuple[str, ...]  # under the finding: machines, date
    cite: tuple[tuple[str, str], ...]  # what names this run: a word, and what it stands for
    sections: tuple[Section, ...]
    run: Run
    svgs: dict[str, str] = field(default_factory=dict)  # by a figure's id, made for the page


def shown(value: object) -> object:
    """Markup is ours; the rest may hold anything."""
    return escape.visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def environment() -> jinja2.Environment:
    # Only the HTML template is escaped as such; Markdown has its own filters.
    setting = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True,
                                 autoescape=jinja2.select_autoescape(["html.j2"]), undefined=jinja2.StrictUndefined,
                                 keep_trailing_newline=True, finalize=shown)
    setting.filters["cell"] = lambda text: escape.markdown(text) or " "
    setting.filters["prose"] = escape.markdown
    setting.filters["fenced"] = escape.fenced
    return setting


def row_ids(made: Table) -> list[str | None]:
    """What a row is linked to by: its name, and where two have one name, a number."""
    ids: list[str | None] = []
    for row in made.rows:
        name = re.sub(r"[^a-z0-9]+", "-", row[0].lower()).strip("-")
        one = f"{made.key}-{name}"
        ids.append(f"{one}-{len(ids)}" if one in ids else one)
    return ids if made.key else [None] * len(made.rows)


def digest(script: str) -> str:
    """By which the page's policy knows its own script, and lets no other run."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def html_of(page: Page) -> str:
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    setting = environment()
    setting.filters["row_ids"] = row_ids
    svgs, inks = named(page.svgs)
    return setting.get_template("page.html.j2").render(page=replace(page, svgs=svgs), style=style + inks,
                                                       script=script, digest=digest(script))


def markdown_of(page: Page, figures_folder: str) -> str:
    return environment().get_template("page.md.j2").render(page=page, folder=figures_folder)


def figures_of(page: Page) -> list[Figure]:
    return [figure for section in page.sections for figure in section.all_figures]
