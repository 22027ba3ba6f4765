# SPDX-License-Identifier: MIT
"""What the page says, in a reader's order; the templates only set it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import jinja2

from . import escape
from .figures.figure import Figure
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
    figures_first: bool = False
    commands: tuple[str, ...] = ()                    # set as they are typed

    @property
    def all_figures(self) -> list[Figure]:
        return [*self.figures, *(figure for _heading, figures in self.folded_figures for figure in figures)]


@dataclass(frozen=True)
class Page:
    title: str
    finding: str
    caveat: str
    lines: tuple[str, ...]  # under the finding: machines, date
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


def html_of(page: Page) -> str:
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment().get_template("page.html.j2").render(page=page, style=style)


def markdown_of(page: Page, figures_folder: str) -> str:
    return environment().get_template("page.md.j2").render(page=page, folder=figures_folder)


def figures_of(page: Page) -> list[Figure]:
    return [figure for section in page.sections for figure in section.all_figures]
