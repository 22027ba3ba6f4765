# SPDX-License-Identifier: MIT
"""What the reports write, and where: links and devices stay, and no name in a run leads elsewhere."""

import os
import stat
import threading
from pathlib import Path

import pytest

from reports.errors import ReportError
from reports.files import file_name_of, remove_files, write_file
from reports.keep import keep


@pytest.mark.parametrize("text, problem", [
    ("", "it is empty"), (".", "it names a directory"), ("..", "it names a directory"), ("a/b", "it has a '/' in it"),
    ("../../x", "it has a '/' in it"), ("a\nb", "it has a control character"), ("a\0", "it has a control character"),
    ("\x1b[2J", "it has a control character"), ("x" * 300, "it has more than 200 bytes"),
])
def test_what_is_no_name(text, problem):
    with pytest.raises(ReportError, match="cannot name a file") as refused:
        file_name_of(text, "figure")
    assert problem in str(refused.value) and str(refused.value).isprintable()


def test_what_is_a_name():
    for text in ("hit-1-kprobe-optimized", "...", "a..b", "x" * 200):
        assert file_name_of(text, "figure") == text


def test_a_file_is_replaced_and_nothing_is_left_beside(tmp_path):
    write_file(tmp_path / "deep/er/out", b"one")
    write_file(tmp_path / "deep/er/out", b"two")
    assert [path.name for path in (tmp_path / "deep/er").iterdir()] == ["out"]
    assert (tmp_path / "deep/er/out").read_bytes() == b"two"


def test_links_are_followed_and_stay(tmp_path):
    (tmp_path / "file").write_text("old")
    for name, target in (("link", "file"), ("dangling", "made")):
        (tmp_path / name).symlink_to(target)
        write_file(tmp_path / name, b"new")
        assert (tmp_path / name).is_symlink() and (tmp_path / target).read_text() == "new"


def device(folder, name, minor):
    """Root could replace the machine's own devices, so it has some of its own."""
    if os.getuid() != 0:
        return Path("/dev") / name
    try:
        os.mknod(folder / name, stat.S_IFCHR | 0o600, os.makedev(1, minor))
        os.close(os.open(folder / name, os.O_WRONLY))
    except OSError as error:
        pytest.skip(f"no devices here: {error}")
    return folder / name


def test_devices_are_written_into(tmp_path):
    null, full = device(tmp_path, "null", 3), device(tmp_path, "full", 7)
    (tmp_path / "link").symlink_to(null)
    write_file(tmp_path / "link", b"x")
    with pytest.raises(ReportError, match="No space left on device"):
        write_file(full, b"x")
    assert (tmp_path / "link").is_symlink()
    assert all(stat.S_ISCHR(os.lstat(path).st_mode) for path in (null, full))


def test_a_fifo_is_written_into(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "fifo").read_bytes()))
    reader.start()
    write_file(tmp_path / "fifo", b"through")
    reader.join()
    assert read == [b"through"] and (tmp_path / "fifo").is_fifo()


def test_a_link_in_the_way_of_a_temporary_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "report.html.new").symlink_to("precious")
    write_file(tmp_path / "report.html", b"report")
    assert (tmp_path / "precious").read_text() == "precious" and (tmp_path / "report.html.new").is_symlink()


def test_a_folder_of_figures_that_is_a_link_loses_nothing(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "figures").symlink_to("mine")
    (tmp_path / "mine/drawing.svg").write_text("precious")
    remove_files(tmp_path / "figures", (".svg",))
    assert (tmp_path / "mine/drawing.svg").exists()
    remove_files(tmp_path / "mine", (".svg",))
    assert not (tmp_path / "mine/drawing.svg").exists()
    remove_files(tmp_path / "absent", (".svg",))


@pytest.mark.parametrize("part", ["a\nb", "\0", "\x1b[2J", "x" * 300], ids=("newline", "null", "escape", "long"))
def test_a_figure_that_would_have_such_a_name_is_refused(bench, part):
    def rename(results):
        for cell in results["cells"]:
            if cell["name"] == "kprobe-stepped/module/mid-step/nop/threads:1":
                cell["probe_type"] = part
    run = bench.run("run", rename)
    bench.refused(2, "cannot name a file", "report", run, "--output", bench.folder / "page", "--no-png")
    assert not (bench.folder / "page").exists()


def test_what_is_kept_replaces_no_links_target(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/results.json").write_text('{"command": ["probebench", "--output", "x", "--quiet"]}')
    keep(tmp_path / "run", tmp_path / "kept")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["results.json.gz"]
