# SPDX-License-Identifier: MIT
"""This project's own figures against its reference run: stale, unmeasured, of another mechanism, or unbound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .blocks import BLOCKS, Row
from .claims import ledger
from .declared import Declared
from .documents import Place, places_in
from .errors import ReportError
from .figures_in_text import Document, Figure
from .quantities import PLACES, Reference, Wrong, as_stated, quantity
from .wording import number

Statement = dict[str, Any]

WHAT_TO_DO = ("put <!-- claim:ID --> behind it and bind ID in reports/claims.toml, or, if the reference run cannot "
              "give it, declare the words around it in reports/declared.toml; docs/report.md explains both")


def differs(what: str, stated: object, measured: object) -> str:
    return f"stale: {what} is stated as {stated}, the reference run has {measured}"


@dataclass(frozen=True)
class Texts:
    """What every text is held against."""
    reference: Reference
    bound: dict[str, Statement]
    declared: Declared


def check_value(reference: Reference, statement: Statement, place: Place) -> Iterator[str]:
    """One figure."""
    measured = quantity(reference, statement)
    if place.stated is None:
        yield "there is no figure just before the mark"
    elif as_stated(measured, place.stated) != place.stated:
        yield differs(place_of(statement), place.stated, number(measured))


def place_of(statement: Statement) -> str:
    return next((str(statement[place]) for place in PLACES if place in statement), statement["id"])


def check_count(reference: Reference, statement: Statement, place: Place) -> Iterator[str]:
    """How many cells were measured with a handler."""
    target = reference.target(statement["kernel"])
    cells = [cell for cell in reference.run.cells_of(target) if cell.measured and cell.threads == 1
             and cell.handler == statement["handler"]] if target else []
    if place.stated != str(len(cells)):
        yield differs(f"the number of cells measured on {statement['kernel']}", place.stated, len(cells))


FIGURES = {"value": check_value, "count": check_count}
MEMBERS = {"value": (), "count": ("kernel", "handler"), **{form: members for form, (_, members) in BLOCKS.items()}}


def statements_of(path: Path) -> dict[str, Statement]:
    statements = ledger(path).get("statement", [])
    for statement in statements:
        name = statement.get("id", "a statement without an id")
        if statement.get("form") not in MEMBERS:
            raise ReportError(f"{path}: {name}: form: expected one of {', '.join(MEMBERS)}")
        if missing := {"id", *MEMBERS[statement["form"]]} - statement.keys():
            raise ReportError(f"{path}: {name}: {', '.join(sorted(missing))} is missing")
        if statement["form"] == "value" and len(statement.keys() & set(PLACES)) != 1:
            raise ReportError(f"{path}: {name}: expected one of {', '.join(PLACES)}")
        if "cell" in statement and "state" not in statement:
            raise ReportError(f"{path}: {name}: state is missing")
    return {statement["id"]: statement for statement in statements}


def problem_of(row: Row) -> str | None:
    if row.measured is None:
        return f"unmeasured: the reference run has no figure of {row.what}"
    if row.stated == row.measured:
        return None
    if row.named and row.named[0] != row.named[1]:
        return f"mislabelled: {row.what} is shown as {row.named[0]}, the reference run observed {row.named[1]}"
    return differs(row.what, " ".join(row.stated), " ".join(row.measured))


def check_block(texts: Texts, document: Document, statement: Statement, place: Place,
                held: set[Figure]) -> Iterator[str]:
    form, _members = BLOCKS[statement["form"]]
    for row in form(texts.reference, statement, document.lines[place.begin:place.end]):
        begin, end = document.starts[place.begin + row.line], document.starts[place.begin + row.line + row.lines]
        held |= {figure for figure in document.figures if begin <= figure.start < end}
        if problem := problem_of(row):
            yield problem


def check_place(texts: Texts, document: Document, place: Place, held: set[Figure]) -> Iterator[str]:
    statement = texts.bound.get(place.id)
    if statement is None:
        yield "not in reports/claims.toml"
        return
    if place.figure:
        held.add(place.figure)
    try:
        if statement["form"] in FIGURES:
            yield from FIGURES[statement["form"]](texts.reference, statement, place)
        else:
            yield from check_block(texts, document, statement, place, held)
    except Wrong as wrong:
        yield str(wrong)


def unbound(document: Document, held: set[Figure]) -> Iterator[str]:
    """What no id and no declaration is for; of a block one line."""
    free = [figure for figure in document.figures if figure not in held]
    for block in document.blocks:
        begin, end = document.span(block)
        inside = [figure for figure in free if begin <= figure.start < end]
        free = [figure for figure in free if figure not in inside]
        if inside:
            yield (f"{document.name}:{document.line_of(inside[0].start) + 1}: a table of figures without a claim's id "
                   f"over it, or lines that its form does not know: '{inside[0].text}' and {len(inside) - 1} more: "
                   "put <!-- claim:ID --> on a line of its own over it and bind ID in reports/claims.toml, or declare "
                   "its rows in reports/declared.toml; docs/report.md explains both")
    for figure in free:
        yield f"{document.name}:{document.line_of(figure.start) + 1}: nothing is bound to '{figure.text}': {WHAT_TO_DO}"


def check_document(texts: Texts, document: Document) -> Iterator[str]:
    held: set[Figure] = set()
    for place in places_in(document):
        for problem in check_place(texts, document, place, held):
            yield f"{document.name}:{place.line + 1}: {place.id}: {problem}"
    held |= texts.declared.figures_in(document)
    yield from unbound(document, held)
