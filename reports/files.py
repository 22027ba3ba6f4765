# SPDX-License-Identifier: MIT
"""Files that the reports write. As harness/common/base/file.h has it: a link is followed and stays, what is no
regular file is written into, only a regular file is replaced, in one step. A name from a run is never a path."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .errors import ReportError

LONGEST = 200  # bytes; leaves room for what is put behind


def file_name_of(text: str, what: str) -> str:
    """The text, when it can name one entry of a folder."""
    problem = next((problem for problem, holds in (
        ("it is empty", not text),
        ("it names a directory", text in (".", "..")),
        ("it has a '/' in it", "/" in text),
        ("it has a control character in it", any(ord(one) < 32 or ord(one) == 127 for one in text)),
        (f"it has more than {LONGEST} bytes", len(text.encode(errors="replace")) > LONGEST)) if holds), None)
    if problem:
        shown = text[:60].encode("unicode_escape").decode("ascii")
        raise ReportError(f"{what} '{shown}' cannot name a file: {problem}")
    return text


def replace_file(path: Path, content: bytes) -> None:
    # Nobody can foresee the name, and a link that has it is not followed.
    partial = path.with_name(f".partial-{secrets.token_hex(8)}")
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with open(fd, "wb") as file:
            file.write(content)
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_file(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            with open(path, "wb") as file:
                file.write(content)
        else:
            replace_file(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise ReportError(f"--output {path.parent}: {error.strerror}; name a folder that you may write to") from error


def remove_files(folder: Path, suffixes: tuple[str, ...]) -> None:
    """Of these kinds, from a folder of the report's own: one that is a link leads to somebody else's."""
    if folder.is_symlink():
        return
    for old in folder.glob("*.*"):
        if old.suffix in suffixes and old.is_file() and not old.is_symlink():
            old.unlink()
