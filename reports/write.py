# SPDX-License-Identifier: MIT
"""The report's files. Each is replaced in one step; the folder of figures holds this report's and no older ones."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass, replace
from pathlib import Path

from .figures.figure import Figure
from .files import file_name_of, remove_files, write_file
from .page import Page, figures_of, html_of, markdown_of

PAGE = "report.html"
FIGURES = "figures"


# What the processes that draw have from the one that forked them: a figure holds functions, which cannot be sent.
_to_draw: list[Figure] = []


@dataclass(frozen=True)
class Drawn:
    of_page: tuple[str, ...]  # the drawing, and the one for phones if there is one
    png: bytes


def drawn(place: int, with_png: bool) -> Drawn:
    from .figures.style import png_of, svgs_of
    figure = _to_draw[place]
    return Drawn(svgs_of(figure), png_of(figure) if with_png else b"")


def draw_all(figures: list[Figure], with_png: bool) -> list[Drawn]:
    """On all processors: a run waits for its report."""
    _to_draw[:] = figures
    jobs = [(place, with_png) for place in range(len(figures))]
    workers = min(len(os.sched_getaffinity(0)), len(figures))
    if workers < 2:
        return [drawn(*job) for job in jobs]
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        return pool.starmap(drawn, jobs, chunksize=1)


def write_report(page: Page, folder: Path, with_png: bool) -> Path:
    from .figures.style import for_file, for_page
    figures = figures_of(page)
    for figure in figures:
        file_name_of(figure.id, "figure")
    drawings = dict(zip((figure.id for figure in figures), draw_all(figures, with_png)))
    page = replace(page, svgs={figure.id: for_page(figure, *drawings[figure.id].of_page) for figure in figures})
    remove_files(folder / FIGURES, (".svg", ".png"))
    for name, one in drawings.items():
        write_file(folder / FIGURES / f"{name}.svg", for_file(one.of_page[0]).encode())
        if one.png:
            write_file(folder / FIGURES / f"{name}.png", one.png)
    write_file(folder / "report.md", markdown_of(page, FIGURES).encode())
    write_file(folder / PAGE, html_of(page).encode())
    return folder / PAGE
