# SPDX-License-Identifier: MIT
"""The project's own reference run, as it is kept in the repository, and what the project's text states of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .blocks import text_of
from .declared import declared_in
from .documents import chunks_of, documents, places_in
from .errors import UNAVAILABLE, ReportError
from .figures_in_text import WORDS, Document, Figure
from .load import load
from .merge import merge
from .model import Run
from .quantities import Reference
from .statements import Texts, check_document, statements_of

DATA = "reports/published/data"
TERMINAL = 80  # columns


def reference_runs(root: Path) -> list[str]:
    """The directories of the runs that it is made of, the main one first."""
    folders = sorted(path for path in (root / DATA).glob("*") if path.is_dir())
    if not folders:
        raise ReportError(f"{root / DATA}: there is no reference run; ci/publish makes it", UNAVAILABLE)
    return [str(folder) for folder in folders]


def reference_run(root: Path) -> Run:
    return merge([load(folder) for folder in reference_runs(root)])


def texts_of(root: Path, run: Run) -> Texts:
    claims = root / "reports/claims.toml"
    return Texts(Reference(run), statements_of(claims), declared_in(root / "reports/declared.toml", claims))


def documents_of(root: Path, texts: Texts) -> list[Document]:
    found = []
    for path in documents(root):
        try:
            content = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ReportError(f"{path}: {error.strerror}; --root is the project's directory") from error
        found.append(Document(str(path.relative_to(root)), content, texts.reference.kernels()))
    return found


def problems_in(root: Path, run: Run) -> tuple[list[str], int]:
    """What does not hold, and the number of figures that were looked at. An id or a declaration that is used nowhere
    is a problem, too."""
    texts = texts_of(root, run)
    found = documents_of(root, texts)
    used = {place.id for document in found for place in places_in(document)}
    problems = [f"reports/claims.toml: {name}: no text carries this id" for name in texts.bound if name not in used]
    problems += texts.declared.problems(found)
    for document in found:
        problems += check_document(texts, document)
    return problems, sum(len(document.figures) for document in found)


def with_generated(texts: Texts, document: Document) -> str:
    """The document with the blocks that the reference run wrote, as it has them now."""
    lines = list(document.lines)
    for place in sorted(places_in(document), key=lambda place: -place.line):
        statement = texts.bound.get(place.id)
        if statement and statement["form"] == "generated":
            lines[place.begin:place.end] = textwrap.wrap(text_of(texts.reference, statement), TERMINAL,
                                                         break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def write_generated(root: Path, run: Run) -> list[str]:
    """The texts that were changed."""
    texts, changed_texts = texts_of(root, run), []
    for document in documents_of(root, texts):
        written = with_generated(texts, document)
        if written != document.text:
            (root / document.name).write_text(written, encoding="utf-8")
            changed_texts.append(document.name)
    return changed_texts


@dataclass(frozen=True)
class Mutation:
    """A figure with one digit changed."""
    file: str
    line: int
    before: str
    after: str
    caught: bool


def changed(figure: Figure) -> Iterator[str]:
    """Each digit is another one, or the word is another word."""
    text = figure.text
    if text.lower() in WORDS:
        yield WORDS[(WORDS.index(text.lower()) + 1) % len(WORDS)]
        return
    for at, digit in enumerate(text):
        if digit.isdigit():
            yield text[:at] + str((int(digit) + 1) % 10) + text[at + 1:]


def mutations_of(texts: Texts, name: str, chunk: str, line: int) -> Iterator[Mutation]:
    """A piece of a text that does not hold as it is proves nothing when it is changed."""
    kernels = texts.reference.kernels()
    piece = Document(name, chunk, kernels)
    holds = not any(check_document(texts, piece))
    for figure in piece.figures:
        for after in changed(figure):
            spoiled = Document(name, chunk[:figure.start] + after + chunk[figure.end:], kernels)
            yield Mutation(name, line + piece.line_of(figure.start), figure.text, after,
                           holds and any(check_document(texts, spoiled)))


def mutations(root: Path, run: Run) -> Iterator[Mutation]:
    """Each digit of each figure of each text changed in turn, and whether that was found."""
    texts = texts_of(root, run)
    for document in documents_of(root, texts):
        line = 1
        for chunk in chunks_of(document.text):
            yield from mutations_of(texts, document.name, chunk, line)
            line += chunk.count("\n")
