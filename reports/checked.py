# SPDX-License-Identifier: MIT
"""JSON with its place: whatever is wrong with a file is said with the file's name and the path of the member.

The whole schema is the writer's affair (harness/host/results/results.schema.json); a report checks what it reads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ReportError


@dataclass(frozen=True)
class Value:
    file: str
    place: str  # "cells[3].metrics"; empty: the whole file
    raw: Any

    def fail(self, expected: str) -> ReportError:
        found = "nothing" if self.raw is None else type(self.raw).__name__
        if isinstance(self.raw, (str, int, float, bool)):
            found = repr(self.raw)[:60]
        return ReportError(f"{self.file}: {self.place or 'the file'}: expected {expected}, found {found}")

    def member(self, name: str) -> Value:
        """A member that must be there, null or not."""
        if not isinstance(self.raw, dict):
            raise self.fail("an object")
        place = f"{self.place}.{name}" if self.place else name
        if name not in self.raw:
            raise ReportError(f"{self.file}: {place}: this member is missing")
        return Value(self.file, place, self.raw[name])

    def optional(self, name: str) -> Value:
        """A member that may be absent, which is read as null."""
        if isinstance(self.raw, dict) and name not in self.raw:
            return Value(self.file, f"{self.place}.{name}", None)
        return self.member(name)

    def elements(self) -> Iterator[Value]:
        if not isinstance(self.raw, list):
            raise self.fail("an array")
        for index, raw in enumerate(self.raw):
            yield Value(self.file, f"{self.place}[{index}]", raw)

    def text(self) -> str:
        if not isinstance(self.raw, str):
            raise self.fail("a text")
        return self.raw

    def text_or_none(self) -> str | None:
        return None if self.raw is None else self.text()

    def number(self) -> float:
        if isinstance(self.raw, bool) or not isinstance(self.raw, (int, float)) or not math.isfinite(self.raw):
            raise self.fail("a finite number")
        return self.raw

    def number_or_none(self) -> float | None:
        return None if self.raw is None else self.number()

    def count(self) -> int:
        if isinstance(self.raw, bool) or not isinstance(self.raw, int) or self.raw < 0:
            raise self.fail("a count")
        return self.raw

    def whole(self) -> int:
        """Of either sign."""
        if isinstance(self.raw, bool) or not isinstance(self.raw, int):
            raise self.fail("a whole number")
        return self.raw

    def counts(self) -> dict[str, int]:
        if not isinstance(self.raw, dict):
            raise self.fail("an object")
        return {name: self.member(name).count() for name in self.raw}

    def flag(self) -> bool:
        if not isinstance(self.raw, bool):
            raise self.fail("true or false")
        return self.raw

    def texts(self) -> dict[str, str]:
        if not isinstance(self.raw, dict):
            raise self.fail("an object")
        return {name: Value(self.file, f"{self.place}.{name}", raw).text() for name, raw in self.raw.items()}


def check_values(document: Value) -> None:
    """JSON can hold what nothing here can: half of a character, and whole numbers of any length."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value.raw, dict):
            waiting += [Value(value.file, f"{value.place}.{ascii(name)[1:-1]}".lstrip("."), raw)
                        for name, raw in value.raw.items()]
            waiting += [Value(value.file, value.place, name) for name in value.raw]
        elif isinstance(value.raw, list):
            waiting += value.elements()
        elif isinstance(value.raw, str) and any("\ud800" <= letter <= "\udfff" for letter in value.raw):
            raise ReportError(f"{value.file}: {value.place}: expected a text, found a lone surrogate in it")
        elif isinstance(value.raw, int) and value.raw.bit_length() > 64:
            raise ReportError(f"{value.file}: {value.place}: expected a number of at most 64 bits, "
                              f"found one of {value.raw.bit_length()}")
