# SPDX-License-Identifier: MIT
"""What a page takes, looked for before anything else is done."""

from __future__ import annotations

from .errors import UNAVAILABLE, ReportError


def need_packages() -> None:
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ReportError(f"this needs Python's {error.name}; install python3-matplotlib and python3-jinja2, or let "
                          "./run-bench report do it", UNAVAILABLE) from error
