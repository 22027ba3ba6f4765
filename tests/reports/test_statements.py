# SPDX-License-Identifier: MIT
"""This project's own figures: all hold, a changed one is found, and one that nothing is bound to as well."""

import re
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT
from reports.errors import ReportError
from reports.figures_in_text import Document
from reports.published import mutations, problems_in, reference_run, write_generated


@pytest.fixture(scope="module")
def run():
    return reference_run(ROOT)


@pytest.fixture
def copy(tmp_path):
    """What ci/check-claims reads, to be spoiled."""
    for name in ("README.md", "docs", "reports/claims.toml", "reports/declared.toml"):
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
    ("README.md", r"(kprobe-stepped +stepped.*)34\.6x", r"\g<1>35.6x", "stale: kprobe-stepped is stated as"),
    ("README.md", r"(kprobe-stepped +stepped +cc) 0f", r"\1 0e", "cc 0e 38 f1 c9 485 34.6x"),
    ("README.md", r"kprobe-stepped     ( +stepped)", r"kprobe-imaginary   \1", "unmeasured: the reference run has no"),
    ("README.md", r"(kprobe-boosted +)285", r"\g<1>286", "stale: kprobe-boosted is stated as 286"),
    ("README.md", r"335   375        \+40", "336   375        +39", "stale: kretprobe-optimized/notrace/count"),
    # a value, a difference, a table of phases, a table in Markdown
    ("README.md", r"kprobe-stepped             472  495  \+23", "kprobe-stepped             472  495  +24",
     "stale: kprobe-stepped is stated as 472 495 +24"),
    ("README.md", r"16 cells: 7", "16 cells: 8", "stale: the number of cells is stated as"),
    ("README.md", r"rethook_try_get \+17", "rethook_try_get +18", "by function is stated as"),
    ("docs/anatomy.md", r"costs 485<", "costs 484<", "stale: kprobe-stepped/module/mid-step/nop"),
    ("docs/anatomy.md", r"266<", "267<", "stale: kprobe-stepped/module/mid-step/nop is stated as 267"),
    ("docs/anatomy.md", r"two(<!-- claim:stepped.traps)", r"three\1", "is stated as three, the reference run has 2"),
    ("docs/anatomy.md", r"258<", "259<", "is stated as 259, the reference run has 258"),
    ("docs/anatomy.md", r"    35  slot", "    36  slot", "setup_singlestep on the path of kprobe-stepped"),
    ("docs/anatomy.md", r"slot                setup_singlestep", "slot                imaginary",
     "unmeasured: the reference run has no figure of imaginary"),
    ("docs/anatomy.md", r"    60      70     \+10", "    60      70     +11", "stale: rethook_trampoline_handler"),
    # of the experiment: a value, a ratio, a share, a table, its own words
    ("docs/reproduce.md", r"\d+(<!-- claim:misses.missed)", r"801\1", "kretprobe_misses is stated as 801"),
    ("docs/reproduce.md", r"\d\.\dx(<!-- claim:probes.one)", r"9.9x\1", "surface.points is stated as 9.9"),
    ("docs/reproduce.md", r"\d\.\d(<!-- claim:rare.int3.6.12)", r"9.9\1", "surface.points is stated as 9.9"),
    ("docs/reproduce.md", r"(5\.10\.0-46 as int3 \| )\d", r"\g<1>1", "stale: 5.10.0-46 as int3"),
    ("docs/reproduce.md", r"\d\.\d x probes", "9.9 x probes", "stale: 5.10.0-46 boosted"),
    ("README.md", r"(claim:verdict.6.12 -->\n```\n)\w+", r"\1Neither", "stale: verdict is stated as Neither"),
    ("docs/anatomy.md", r"gets 46<", "gets 47<", "stale: kretprobe-ftrace/module/entry/nop"),
    ("docs/anatomy.md", r"\| kprobe-stepped \| 485 \| 2 \| 182", "| kprobe-stepped | 485 | 2 | 181",
     "stale: kprobe-stepped"),
    ("docs/methodology.md", r"\| kprobe-ftrace \| 164", "| kprobe-ftrace | 163", "stale: kprobe-ftrace"),
    ("docs/methodology.md", r"\| kprobe-boosted \| 286 \| –", "| kprobe-boosted | 286 | 290", "stale: kprobe-boosted"),
    # ids and blocks without the other half
    ("README.md", r"<!-- claim:readme.run -->\n", "", "a table of figures without a claim's id over it"),
    ("docs/methodology.md", r"<!-- claim:fprobe-exit.grew -->", "", "nothing is bound to '205'"),
    ("docs/methodology.md", r"$", "\nA probe costs 7 ns.\n", "nothing is bound to '7'"),
    ("docs/methodology.md", r"$", "\nA probe takes five exceptions.\n", "nothing is bound to 'five'"),
    ("docs/methodology.md", r"\n## What changes", "\n```\n  12  entry  x\n```\n\n## What changes",
     "lines that its form does not know"),
    # what is declared: changed, and no longer there
    ("docs/methodology.md", r"stay within 0\.5 ms", "stay within 0.6 ms", "nothing is bound to '0.6'"),
    ("docs/methodology.md", r"stay within 0\.5 ms", "stay within a limit",
     "no figure of this text is in 'stay within"),
    ("reports/declared.toml", r"from 49 to 102 ns", "from 49 to 103 ns", "has no 103.0"),
    ("README.md", r"claim:readme.run", "claim:readme.unknown", "not in reports/claims.toml"),
    ("reports/claims.toml", r'(id = "stepped.5.10"\nform = "value"\nkernel = )"5.10"', r'\1"4.19"', "unmeasured: the "
     "reference run has no figure of kprobe-stepped"),
    ("reports/claims.toml", r'(cell = "kprobe-boosted/module/mid/nop"\nstate = )"boosted"', r'\1"stepped"',
     "mislabelled: kprobe-boosted/module/mid/nop is said to be stepped and was observed boosted"),
])
def test_a_statement_that_does_not_hold_is_found(copy, run, file, pattern, replacement, complaint):
    spoil(copy / file, pattern, replacement)
    try:
        problems, _ = problems_in(copy, run)
    except ReportError as error:
        problems = [str(error)]
    assert any(complaint in problem for problem in problems), problems


def test_each_digit_of_each_figure_is_changed_and_found(run):
    made = list(mutations(ROOT, run))
    assert len(made) > 1000 and [mutation for mutation in made if not mutation.caught] == []


def test_a_problem_names_the_file_the_line_the_figure_and_what_to_do(copy, run):
    (copy / "docs/history.md").write_text("# History\n\nOnce it took 123 ns,\nthen 99.\n")
    problems, _ = problems_in(copy, run)
    assert [problem.split(": put ")[0] for problem in problems] == [
        "docs/history.md:3: nothing is bound to '123'", "docs/history.md:4: nothing is bound to '99'"]
    assert all("reports/claims.toml" in problem and "reports/declared.toml" in problem for problem in problems)


@pytest.mark.parametrize("text, figures", [
    ("int3 costs 485 instructions, 4.7x as many, 12.5 % more", ["485", "4.7", "12.5"]),
    ("110 000 instructions; two exceptions; one probe of two", ["110 000", "two"]),
    ("Linux 6.18 and 5.10.0-46, `kprobe 5`, x86-64, nop5, commit 554ba38456da, 22 November 2019, exit code 3", []),
    ("on 6.12 it is 6.12 %", ["6.12"]), ("1. First\n2. Second", []), ("2N calls take 8.3M instructions", ["8.3"]),
    ("```\n./run-bench --jobs 4  # 4 at once\n 12  entry\n```", ["12"]), ("```toml\nfloor = 0.02\n```", []),
])
def test_what_a_figure_is(text, figures):
    found = Document("x", text, frozenset({"6.12"}))
    assert [figure.text for figure in found.figures] == figures


@pytest.mark.parametrize("content, complaint", [
    ("[[guess]]\nfile = 'x'\n", "expected setting, elsewhere, published, found guess"),
    ("[[setting]]\nfile = 'x'\ntexts = []\n", "setting: of is missing"),
    ("[[published]]\nfile = 'x'\ntexts = ['7']\nclaim = 'nobody'\n", "no claim nobody"),
])
def test_declarations_that_are_wrong(copy, run, content, complaint):
    (copy / "reports/declared.toml").write_text(content)
    with pytest.raises(ReportError, match=complaint):
        problems_in(copy, run)


@pytest.mark.parametrize("members, complaint", [
    ("form = 'guess'", "form: expected one of value, count, run-table"),
    ("form = 'value'", "expected one of cell, path, rows"), ("form = 'value'\ncell = 'x'", "state is missing"),
    ("form = 'generated'\nkernel = '6.12'", "member is missing"),
])
def test_statements_that_are_wrong(copy, run, members, complaint):
    with open(copy / "reports/claims.toml", "a", encoding="utf-8") as ledger:
        ledger.write(f"\n[[statement]]\nid = 'x'\n{members}\n")
    with pytest.raises(ReportError, match=complaint):
        problems_in(copy, run)


def test_a_changed_number_fails_the_command(copy):
    shutil.copytree(ROOT / "reports/published/data", copy / "reports/published/data")
    spoil(copy / "README.md", r"(kprobe-stepped +stepped +cc 0f 38 f1 c9 +)485", r"\g<1>484")
    ended = check(copy)
    assert ended.returncode == 1 and "the reference run has kprobe-stepped stepped cc 0f 38 f1 c9 485" in ended.stdout


def test_no_reference_run(copy):
    ended = check(copy)
    assert ended.returncode == 69 and "ci/publish" in ended.stderr and ended.stderr.count("\n") == 1


def test_what_the_run_wrote_is_written_into_the_text_anew(copy, run):
    readme = copy / "README.md"
    spoil(readme, r"(claim:verdict.6.12 -->\n```\n)[^`]*", r"\1It is decided.\n")
    assert "README.md" in write_generated(copy, run)
    written = re.search(r"claim:verdict.6.12 -->\n```\n([^`]*)```", readme.read_text())[1]
    told = next(one["verdict"] for one in run.reproductions if "6.12" in one["target"])
    assert written.split() == told.split()
    assert max(map(len, written.splitlines())) <= 80
    assert write_generated(copy, run) == []
