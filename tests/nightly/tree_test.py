# SPDX-License-Identifier: MIT
"""A kernel tree of the packaged source, built from the fragment of kernel-config: what moves no count, what
moves which, and the commit that did it."""

import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

PROBEBENCH = os.path.join(os.environ["PROBEBENCH_BUILD"], "bin/probebench")
SOURCE = Path("/usr/src/linux-source-6.12.tar.xz")

PADDING = """
static char pb_trial_bss[1200] __used;
static char pb_trial_data[1200] __used = { 1 };
void pb_trial_padding(void);
void __used pb_trial_padding(void)
{
\tasm volatile(".skip 4170, 0x90");
}
"""
# Each look-up of a kprobe: once where a probe is entered through a trap or ftrace, twice where it traps twice.
ONCE = {"kprobe-boosted", "kprobe-unoptimized", "kprobe-emulated", "kprobe-detour", "kprobe-ftrace", "kretprobe-int3",
        "kretprobe-ftrace"}
TWICE = {"kprobe-stepped", "kprobe-post"}
COUNTS = ("--probe-type", "kmod", "--handler", "count")
EVERYTHING = ("--probe-type", "all", "--handler", "nop,count")


def measured_in(cells):
    """By name, of what was measured: the count, and whether the second trap fell into the probe's own list, which
    addresses decide."""
    return {cell["name"]: (cell["metrics"]["instructions_per_hit"]["value"],
                           cell["evidence"]["flags"].get("in_own_list", False))
            for cell in cells if cell["status"] == "measured"}


def differing(base, head):
    """Cells whose counts differ, and not because of addresses."""
    return {name: (count, head[name][0]) for name, (count, in_own_list) in base.items()
            if head[name][1] == in_own_list and head[name][0] != count}


def replaced(text, old, new):
    assert old in text, old
    return text.replace(old, new, 1)


def counted(text):
    """get_kprobe() with a counter, which takes the compiler one instruction or three."""
    text = replaced(text, "struct kprobe *get_kprobe(void *addr)\n",
                    "static volatile unsigned long get_kprobe_calls;\n\nstruct kprobe *get_kprobe(void *addr)\n")
    return replaced(text, "head = &kprobe_table", "get_kprobe_calls++;\n\thead = &kprobe_table")


@unittest.skipUnless(SOURCE.exists(), f"no {SOURCE}: apt install linux-source-6.12")
class KernelTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(dir=os.environ["PROBEBENCH_BUILD"])
        cls.addClassCleanup(scratch.cleanup)
        cls.directory = Path(os.environ.get("PROBEBENCH_TREE", scratch.name))  # a tree that is there, and its builds
        if not any(cls.directory.glob("linux-source-*")):
            subprocess.run(["tar", "-C", cls.directory, "-xf", SOURCE], check=True)
        (cls.tree,) = cls.directory.glob("linux-source-*")
        if not (cls.tree / ".git").exists():
            cls.git("init", "--quiet", "--initial-branch=main")
            cls.commit("base")
        cls.git("checkout", "--quiet", "--force", "-B", "trial", "main")
        cls.base = cls.git("rev-parse", "HEAD")

    @classmethod
    def git(cls, *words):
        identity = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false", "-c",
                    "gc.auto=0")
        return subprocess.run(["git", "-C", cls.tree, *identity, *words], check=True, capture_output=True,
                              text=True).stdout.strip()

    @classmethod
    def commit(cls, subject):
        cls.git("add", "--all", "--force")
        cls.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return cls.git("rev-parse", "HEAD")

    def edit(self, name, change):
        path = self.tree / name
        path.write_text(change(path.read_text() if path.exists() else ""))

    def run_program(self, *words, code=0):
        began = time.monotonic()
        done = subprocess.run([PROBEBENCH, *map(str, words)], capture_output=True, text=True, cwd=self.directory,
                              check=False)
        print(f"\n{' '.join(map(str, words))}: {time.monotonic() - began:.0f} s\n{done.stdout}")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def cells(self, output, number):
        (path,) = (self.directory / output).glob(f"{number:02}-*/results.json")
        run = json.loads(path.read_text())
        self.assertEqual({cell["status"] for cell in run["cells"]} - {"measured", "skipped"}, set())
        return run["cells"]

    def test_1_what_moves_no_count(self):
        self.edit("kernel/kprobes.c", lambda text: "/* A comment. */\n" + text)
        self.commit("a comment")
        self.edit("kernel/kprobes.c", lambda text: text.removeprefix("/* A comment. */\n"))
        self.commit("the same source, built once more")
        self.edit("init/main.c", lambda text: text + PADDING)
        self.commit("padding")
        self.edit("localversion-trial", lambda text: "-mine\n")
        self.commit("a local version")
        self.edit("init/main.c", lambda text: replaced(text, '\tpr_notice("%s", linux_banner);',
                                                       '\tpr_notice("%s", linux_banner);\n\tpr_notice("trial\\n");'))
        self.commit("a message")
        self.run_program("series", "--tree", self.tree, f"{self.base}..HEAD", *EVERYTHING, "--output", "series",
                         "--work", "work")
        first = measured_in(self.cells("series", 0))
        self.assertGreater(len(first), 100)
        for number in range(1, 6):
            column = measured_in(self.cells("series", number))
            self.assertEqual(column.keys(), first.keys())
            self.assertEqual(differing(first, column), {}, number)

    def test_2_what_moves_which(self):
        self.edit("kernel/kprobes.c", counted)
        self.commit("count look-ups")
        self.run_program("series", "--tree", self.tree, "HEAD~1..HEAD", *COUNTS, "--output", "counted-series", "--work",
                         "work")
        before, after = ({cell["probe_type"]: cell["metrics"]["instructions_per_hit"]["value"]
                          for cell in self.cells("counted-series", number)} for number in (0, 1))
        self.assertEqual(len(before), 16, "every mechanism of the module")
        moved = {name: after[name] - count for name, count in before.items() if after[name] != count}
        once = moved["kprobe-ftrace"]
        self.assertIn(once, (1, 2, 3))
        self.assertEqual(moved, {**dict.fromkeys(ONCE, once), **dict.fromkeys(TWICE, 2 * once)})

    def test_3_the_fragment_costs_no_row(self):
        text = self.run_program("info", "--kernel", self.directory / "work/build/")
        self.assertIn("nothing that this kernel could have is missing", text)

    def test_3_the_block_for_a_commit_message(self):
        """The series ended with the counter; its base is built once more, in place."""
        subprocess.run(["cp", "-a", "work/build", "counted"], cwd=self.directory, check=True)
        source, build = (self.directory / "work" / name for name in ("source", "build"))
        subprocess.run(["git", "-C", source, "checkout", "--quiet", "--force", "--detach", self.base], check=True)
        subprocess.run(["make", "-C", source, f"O={build}", "-j2", "bzImage", "modules"], check=True,
                       stdout=subprocess.DEVNULL)
        self.run_program("gate", "--base", "kernel=work/build/", "--head", "kernel=counted/", *COUNTS, "--export",
                         "patch=patch.txt", "--output", "gate", code=3)
        lines = (self.directory / "patch.txt").read_text().splitlines()
        print("\n".join(lines))
        self.assertLessEqual(max(map(len, lines)), 72)
        named = {line.split()[0] for line in lines if " get_kprobe +" in line}
        self.assertEqual(named, ONCE | TWICE)
        self.assertIn("  unchanged: 7 ", "\n".join(lines))

    def test_4_the_culprit_of_sixteen_commits(self):
        self.git("checkout", "--quiet", "--force", "-B", "history", self.base)
        for number in range(2, 17):
            self.edit("kernel/kprobes.c", lambda text: f"/* {number} */\n" + text)
            if number in (8, 12):
                self.edit("init/main.c", lambda text: "#error no build\n" + text)
            elif number in (9, 13):
                self.edit("init/main.c", lambda text: text.removeprefix("#error no build\n"))
            if number == 6:
                self.edit("init/main.c", lambda text: text + PADDING)
            if number == 10:
                self.edit("kernel/kprobes.c", counted)
            self.commit(f"commit {number}")
        text = self.run_program("bisect", "--tree", self.tree, "--good", self.base, "--bad", "HEAD", *COUNTS,
                                "--output", "bisect", "--work", "work")
        self.assertIn('("commit 10")', text.splitlines()[0])
        self.assertRegex(" ".join(text.split()), r"by function: get_kprobe \+[123]\b")


class AddressesAtRandom(unittest.TestCase):
    """The fragment's kernel is where it was linked. A distribution's lies anywhere, but where it is booted by its PVH
    entry: that leaves out the code that chooses a place. So here it is a kernel without that entry."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)

    def run_program(self, *words, **environment):
        done = subprocess.run([PROBEBENCH, *words], capture_output=True, text=True, check=False,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def cache_without_pvh(self):
        """With nothing but that kernel."""
        self.run_program("kernels", "prepare", "6.12")
        user = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "probebench/kernels"
        # By its name: another architecture's may have been prepared since.
        kernel = user / json.loads((user / "names.json").read_text())["6.12"]["release"]
        kernels = self.directory / "probebench/kernels"
        kernels.mkdir(parents=True)
        subprocess.run(["cp", "-a", kernel, user / "names.json", kernels], check=True)
        path = kernels / kernel.name / "manifest.json"
        manifest = json.loads(path.read_text())
        path.write_text(json.dumps({**manifest, "pvh": False, "image": manifest["vmlinuz"]}))
        return self.directory

    def test_where_a_kernel_lies_moves_no_count(self):
        self.run_program("--kernel", "6.12", "--kernel-arg", "nokaslr", *EVERYTHING, "--accel", "tcg", "--quiet",
                         "--output", str(self.directory / "run"), XDG_CACHE_HOME=str(self.cache_without_pvh()))
        run = json.loads((self.directory / "run/results.json").read_text())
        columns = [[cell for cell in run["cells"] if cell["target"] == target["id"]] for target in run["targets"]]
        anywhere, linked = ({cell["name"]: cell["evidence"]["addresses"]["site"] for cell in column
                             if cell["probe_type"] in ("kprobe-ftrace", "fmod-ret")} for column in columns)
        self.assertEqual([name for name in linked if anywhere[name] == linked[name]], [],
                         "the module and the kernel lay elsewhere")
        first, second = map(measured_in, columns)
        self.assertGreater(len(first), 100)
        self.assertEqual(first.keys(), second.keys())
        self.assertEqual(differing(first, second), {})


if __name__ == "__main__":
    unittest.main()
