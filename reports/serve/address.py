# SPDX-License-Identifier: MIT
"""What an address asks, and the addresses of other views."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..errors import ReportError


def address(path: str, **asked: Any) -> str:
    told = "&".join(f"{quote(name, '')}={quote(str(value), '')}" for name, value in asked.items()
                    if value not in (None, ""))
    return quote(path) + ("?" + told if told else "")


@dataclass(frozen=True)
class Asked:
    path: str
    words: Mapping[str, str]

    def get(self, name: str, otherwise: str = "") -> str:
        return self.words.get(name, otherwise)

    @property
    def where(self) -> Sequence[str]:
        """NAME=PATTERN, with blanks between them; quotes around one that has blanks."""
        try:
            return shlex.split(self.get("where"))
        except ValueError as error:
            raise ReportError(f"where {self.get('where')}: {error}; quote a pattern that has blanks in it") from error

    @property
    def descending(self) -> bool:
        return self.get("order") == "desc"

    def with_(self, **changes: Any) -> str:
        """This view, asked otherwise."""
        return address(self.path, **{**self.words, **changes})

    def sorted_by(self, key: str) -> str:
        again = self.get("sort") == key and not self.descending
        return self.with_(sort=key, order="desc" if again else None)
