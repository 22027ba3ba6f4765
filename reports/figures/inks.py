# SPDX-License-Identifier: MIT
"""The styles of a page's drawings, each said once: a page has thousands of lines and letters in some dozens of inks."""

from __future__ import annotations

import re
from collections import Counter

STYLE = re.compile(r'(?<=<)(\w+)([^<>]*?) style="([^"]*)"')
LEAST = 3  # to be named takes as many bytes as to be said again


def named(svgs: dict[str, str]) -> tuple[dict[str, str], str]:
    """The drawings with a class in place of each style that recurs, and the rules of these classes."""
    found = Counter(style[3] for svg in svgs.values() for style in STYLE.finditer(svg))
    names = {style: f"i{at}" for at, (style, times) in enumerate(found.most_common()) if times >= LEAST}

    def shorter(match: re.Match[str]) -> str:
        name = names.get(match[3])
        return f'{match[1]}{match[2]} class="{name}"' if name else match[0]
    rules = "".join(f".{name} {{{style}}}\n" for style, name in names.items())
    return {one: STYLE.sub(shorter, svg) for one, svg in svgs.items()}, rules
