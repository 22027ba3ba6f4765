# SPDX-License-Identifier: MIT
"""Figures that the reference run cannot give, each in the words around it (reports/declared.toml)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .claims import claims, ledger
from .errors import ReportError
from .figures_in_text import VALUES, Document, Figure

# kind -> the member that says where the figure comes from.
KINDS = {"setting": "of", "elsewhere": "by", "published": "claim"}


@dataclass(frozen=True)
class Phrase:
    file: str
    text: str
    look: re.Pattern[str]


class Declared:
    def __init__(self, phrases: list[Phrase]):
        self.phrases = phrases

    def figures_in(self, document: Document) -> set[Figure]:
        """Those inside a phrase of this text. A figure that was changed is in none."""
        spans = [found.span() for phrase in self.phrases if phrase.file in ("*", document.name)
                 for found in phrase.look.finditer(document.text)]
        return {figure for figure in document.figures
                if any(begin <= figure.start and figure.end <= end for begin, end in spans)}

    def problems(self, documents: list[Document]) -> list[str]:
        """A phrase that is in no text, or has no figure in it, declares nothing."""
        return [f"reports/declared.toml: {phrase.file}: no figure of this text is in '{phrase.text}': leave it out"
                for phrase in self.phrases
                if not any(Declared([phrase]).figures_in(document) for document in documents)]


def check_entry(path: Path, kind: str, entry: dict) -> None:
    if missing := {"file", "texts", KINDS[kind]} - entry.keys():
        raise ReportError(f"{path}: {kind}: {', '.join(sorted(missing))} is missing")


def values_in(text: str) -> set[float]:
    return {float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)} | {
        value for value, word in VALUES.items() if re.search(rf"\b{word}\b", text, re.IGNORECASE)}


def check_published(path: Path, entry: dict, rows: dict[str, str]) -> None:
    """What others measured is in the ledger, there perhaps in microseconds."""
    if entry["claim"] not in rows:
        raise ReportError(f"{path}: published: no claim {entry['claim']}")
    known = values_in(rows[entry["claim"]])
    known |= {round(1000 * value, 6) for value in known}
    for text in entry["texts"]:
        if strange := values_in(text) - known:
            raise ReportError(f"{path}: published: '{text}': the claim {entry['claim']} has no "
                              f"{', '.join(map(str, sorted(strange)))}")


def declared_in(path: Path, claims_path: Path) -> Declared:
    phrases, content = [], ledger(path)
    if unknown := content.keys() - KINDS.keys():
        raise ReportError(f"{path}: expected {', '.join(KINDS)}, found {', '.join(sorted(unknown))}")
    rows = {claim.id: f"{claim.says} {claim.figure} {claim.conditions}" for claim in claims(claims_path)}
    for kind, entries in content.items():
        for entry in entries:
            check_entry(path, kind, entry)
            if kind == "published":
                check_published(path, entry, rows)
            phrases += [Phrase(entry["file"], text, re.compile(r"\s+".join(map(re.escape, text.split()))))
                        for text in entry["texts"]]
    return Declared(phrases)
