# SPDX-License-Identifier: MIT
"""The report's files. Each is replaced in one step; the folder of figures holds this report's and no older ones."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from .errors import ReportError
from .page import Page, figures_of, html_of, markdown_of

PAGE = "report.html"
FIGURES = "figures"


def write_file(path: Path, content: bytes) -> None:
    scratch = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(content)
        os.replace(scratch, path)
    except OSError as error:
        raise ReportError(f"--output {path.parent}: {error.strerror}; name a folder that you may write to") from error


def write_report(page: Page, folder: Path, with_png: bool) -> Path:
    from .figures.style import for_file, for_page, png_of, svg_of
    figures = figures_of(page)
    svgs = {figure.id: svg_of(figure) for figure in figures}
    page = replace(page, svgs={figure.id: for_page(figure, svgs[figure.id]) for figure in figures})
    for old in (folder / FIGURES).glob("*.*"):
        if old.suffix in (".svg", ".png"):
            old.unlink()
    for figure in figures:
        write_file(folder / FIGURES / f"{figure.id}.svg", for_file(svgs[figure.id]).encode())
        if with_png:
            write_file(folder / FIGURES / f"{figure.id}.png", png_of(figure))
    write_file(folder / "report.md", markdown_of(page, FIGURES).encode())
    write_file(folder / PAGE, html_of(page).encode())
    return folder / PAGE
