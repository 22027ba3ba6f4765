# SPDX-License-Identifier: MIT
"""This project's own figures: all hold, and a changed one is found."""

import re
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT
from reports.published import problems_in, reference_run


@pytest.fixture(scope="module")
def run():
    return reference_run(ROOT)


@pytest.fixture
def copy(tmp_path):
    """What ci/check-claims reads, to be spoiled."""
    for name in ("README.md", "docs", "reports/claims.toml"):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return tmp_path


def check(root):
    return subprocess.run([sys.executable, str(ROOT / "ci/check-claims"), "--root", str(root)], text=True,
                          capture_output=True, check=False)


def spoil(path, pattern, replacement):
    text = path.read_text()
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text, pattern
    path.write_text(changed)


def test_what_is_stated_holds():
    ended = check(ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("file, pattern, replacement, complaint", [
    # a figure of the run's table, its state, its ratio; of the kernels' table; of the gate's
    ("README.md", r"(kprobe-optimized +optimized +e9 .*)103", r"\g<1>104", "stale: kprobe-optimized"),
    ("README.md", r"(kprobe-optimized +)optimized( +e9)", r"\1stepped\2", "mislabelled: kprobe-optimized"),
    ("README.md", r"(kprobe-stepped +stepped.*)34\.6x", r"\g<1>35.6x", "stale: kprobe-stepped, ratio"),
    ("README.md", r"kprobe-stepped     ( +stepped)", r"kprobe-imaginary   \1", "unmeasured: the reference run has no"),
    ("README.md", r"(kprobe-boosted +)285", r"\g<1>286", "stale: kprobe-boosted on vm-tcg-5.10"),
    ("README.md", r"335   375        \+40", "336   375        +39", "stale: kretprobe-optimized/notrace/count"),
    # a value, a difference, a table of phases, a table in Markdown
    ("docs/anatomy.md", r"costs 485<", "costs 484<", "stale: kprobe-stepped/module/mid-step/nop"),
    ("docs/anatomy.md", r"gets 46<", "gets 47<", "stale: kretprobe-ftrace/module/entry/nop"),
    ("docs/anatomy.md", r"\| kprobe-stepped \| 485 \| 2 \| 182", "| kprobe-stepped | 485 | 2 | 181", "entry"),
    ("docs/methodology.md", r"\| kprobe-ftrace \| 164", "| kprobe-ftrace | 163", "stale: kprobe-ftrace"),
    ("docs/methodology.md", r"\| kprobe-boosted \| 286 \| –", "| kprobe-boosted | 286 | 290", "unmeasured"),
    # ids and blocks without the other half
    ("README.md", r"<!-- claim:readme.run -->\n", "", "a table of figures without a claim's id over it"),
    ("README.md", r"claim:readme.run", "claim:readme.unknown", "not in reports/claims.toml"),
    ("reports/claims.toml", r'(id = "stepped.5.10"\nform = "value"\nkernel = )"5.10"', r'\1"4.19"', "unmeasured: the "
     "reference run has no figure of kprobe-stepped"),
    ("reports/claims.toml", r'(cell = "kprobe-boosted/module/mid/nop"\nstate = )"boosted"', r'\1"stepped"',
     "mislabelled: kprobe-boosted/module/mid/nop is said to be stepped and was observed boosted"),
])
def test_a_statement_that_does_not_hold_is_found(copy, run, file, pattern, replacement, complaint):
    spoil(copy / file, pattern, replacement)
    problems, _ = problems_in(copy, run)
    assert any(complaint in problem for problem in problems), problems


def test_a_changed_number_fails_the_command(copy):
    shutil.copytree(ROOT / "reports/published/data", copy / "reports/published/data")
    spoil(copy / "README.md", r"(kprobe-stepped +stepped +cc 0f 38 f1 c9 +)485", r"\g<1>484")
    ended = check(copy)
    assert ended.returncode == 1 and "stale: kprobe-stepped is stated as 484" in ended.stdout


def test_no_reference_run(copy):
    ended = check(copy)
    assert ended.returncode == 69 and "ci/publish" in ended.stderr and ended.stderr.count("\n") == 1
