# SPDX-License-Identifier: MIT
"""Files that the reports write. As harness/common/base/file.h has it: a link is followed and stays, what is no
regular file is written into, only a regular file is replaced, in one step. A name from a run is never a path."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from .errors import FAILED, ReportError

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


def project() -> Path:
    """The checkout, as harness/host/session/project_paths.h finds it."""
    return Path(os.environ.get("PROBEBENCH_ROOT") or Path(__file__).resolve().parents[1])


def run_named(given: str | Path) -> Path:
    """Runs go to the project's results/, from wherever they are started: so results/... is there, unless the working
    directory has it. What is in neither place stays as it was named. As project_paths.h has it."""
    path = Path(given)
    if path.parts[:1] != ("results",) or is_there(path) or not is_there(project() / path):
        return path
    return project() / path


def is_there(path: Path) -> bool:
    return path.exists() or path.with_name(path.name + ".gz").exists()


def looked_in(path: Path) -> str:
    """Where run_named() looked for what is not there; empty: where its name says."""
    if path.is_absolute() or path.exists():
        return ""
    places = [Path.cwd()]
    if path.parts[:1] == ("results",) and project() != places[0]:
        places.append(project())
    return ", looked in " + " and ".join(map(str, places))


def own_results(name: str) -> Path:
    """A file of all runs: beside them."""
    own = project() / "results"
    may_be_made = not own.exists() and os.access(own.parent, os.W_OK)
    is_checkout = (project() / "CMakeLists.txt").exists()  # and not what is installed
    return (own if is_checkout and (os.access(own, os.W_OK) or may_be_made) else Path("results")) / name


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


def check_folder(folder: Path) -> None:
    """Before anything is drawn: seconds later is late to learn that a name was wrong. /proc says of itself that root
    may write there, so it is tried; what was made for that does not stay."""
    new = [part for part in (folder, *folder.parents) if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ReportError(f"--output {folder}: {error.strerror}; name a folder that you may write to") from error
    finally:
        for part in new:
            with contextlib.suppress(OSError):
                part.rmdir()


def write_file(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            with open(path, "wb") as file:
                file.write(content)
        else:
            replace_file(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise ReportError(f"write {path}: {error.strerror}; --output names another folder", FAILED) from error


def remove_files(folder: Path, suffixes: tuple[str, ...]) -> None:
    """Of these kinds, from a folder of the report's own: one that is a link leads to somebody else's."""
    if folder.is_symlink():
        return
    for old in folder.glob("*.*"):
        if old.suffix in suffixes and old.is_file() and not old.is_symlink():
            old.unlink()
