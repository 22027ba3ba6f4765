# SPDX-License-Identifier: MIT
"""`bisect` and `series` on a small repository whose "kernels" are files of costs: the build is a user's command that
copies them, and a stand-in for the program that measures reads them."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

PROBEBENCH, WRITER = (os.path.join(os.environ["PROBEBENCH_BUILD"], "bin", name)
                      for name in ("probebench", "write_sample_results"))
CELLS = {"kprobe-optimized/module/mid/count/threads:1": 100, "kprobe-ftrace/module/entry/count/threads:1": 162,
         "raw-tp/module/tracepoint/stack/threads:1": 7783}
FTRACE, STACK = "kprobe-ftrace/module/entry/count/threads:1", "raw-tp/module/tracepoint/stack/threads:1"
BUILD = 'test ! -e broken && cp costs.json "$KBUILD_OUTPUT/" && date +%N > "$KBUILD_OUTPUT/version"'

# What a build left in the folder that --kernel names, as results.json.
STAND_IN = '''#!/usr/bin/python3
import json, pathlib, re, sys
words = sys.argv
value_of = lambda option: words[words.index(option) + 1]
kernel, output = pathlib.Path(value_of("--kernel")), pathlib.Path(value_of("--output"))
if "," in str(kernel):
    print("measured", value_of("--kernel"))
    sys.exit(0)
costs = json.loads((kernel / "costs.json").read_text())
if "panic" in costs:
    print("probebench: the guest said nothing", file=sys.stderr)
    sys.exit(69)
chosen = [word.partition("=")[2] for word in words if word.startswith("--benchmark_filter=")]
run = json.loads((pathlib.Path(words[0]).parent / "template.json").read_text())
run["targets"][0]["host"].update({"kernel.name": str(kernel)+ "/", "module.sha256": (kernel / "version").read_text()})
cell = run["cells"].pop()
for name, count in costs.items():
    if chosen and not re.search(chosen[0], name + "/iterations:3/manual_time"):
        continue
    metric = dict(cell["metrics"]["instructions_per_hit"], value=count, low=count, high=count, low_quantile=count)
    run["cells"].append(dict(cell, name=name, metrics=dict(cell["metrics"], instructions_per_hit=metric)))
output.mkdir(parents=True, exist_ok=True)
(output / "results.json").write_text(json.dumps(run))
'''


def template():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        subprocess.run([WRITER, path], check=True)
        run = json.loads(path.read_text())
    run["cells"] = run["cells"][:1]
    run["targets"][0].update(ended=None, in_flight=None, not_run=[])
    run.update(complete=True, ended=None)
    return run


TEMPLATE = json.dumps(template())


class Repository(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = Path(scratch.name)
        self.tree = self.directory / "linux"
        self.tree.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        program = self.directory / "program/bin"
        program.mkdir(parents=True)
        (program / "probebench").write_text(STAND_IN)
        (program / "probebench").chmod(0o755)
        (program / "template.json").write_text(TEMPLATE)

    def git(self, *words):
        identity = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", "-C", self.tree, *identity, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commits(self, number, costs=lambda at: {}, broken=()):
        """So many commits; `costs` says by which cells the n-th of them differs. Their ids."""
        ids = []
        for at in range(1, number + 1):
            (self.tree / "costs.json").write_text(json.dumps({**CELLS, **costs(at)}))
            (self.tree / "number").write_text(str(at))
            (self.tree / "broken").unlink(missing_ok=True)
            if at in broken:
                (self.tree / "broken").touch()
            self.git("add", "--all")
            self.git("commit", "--quiet", "-m", f"subject {at}")
            ids.append(self.git("rev-parse", "HEAD"))
        return ids

    def run_program(self, *words, code=0, **settings):
        done = subprocess.run([PROBEBENCH, *words], capture_output=True, text=True, cwd=self.directory, check=False,
                              **settings)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def of_tree(self, *words, code=0, build=BUILD):
        done = self.run_program(*words, "--tree", "linux", "--build", build, "--program", "program", "--output", "out",
                                code=code)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
        self.assertEqual(self.git("worktree", "list").count("\n"), 0, "the worktree is gone")
        self.assertEqual(self.git("status", "--porcelain"), "")
        return done.stdout


class Bisect(Repository):
    def bisect(self, good, bad, code=0):
        return self.of_tree("bisect", "--good", good, "--bad", bad, code=code)

    def test_the_culprit_of_sixteen_commits(self):
        def costs(at):
            moved = {STACK: 7801} if at >= 7 else {}  # layout
            return {**moved, FTRACE: 166} if at >= 10 else moved
        ids = self.commits(16, costs, broken=(8, 12))
        text = self.bisect(ids[0], ids[-1])
        self.assertIn(f"first bad commit: {ids[9][:12]} (\"subject 10\")", text)
        self.assertIn("kprobe-ftrace/module/entry/count: 162 -> 166 insns/hit, +4", text)
        self.assertIn("subject 8\"): the build ends with 1", text)
        self.assertNotIn("stack", text)
        self.assertEqual((self.directory / "out/good/results.json").exists(), True)

    def test_a_cost_that_sinks_has_a_culprit_as_well(self):
        ids = self.commits(5, lambda at: {FTRACE: 150} if at >= 4 else {})
        self.assertIn("subject 4", self.bisect("HEAD~4", "HEAD").splitlines()[0])
        self.assertEqual(self.git("rev-parse", "HEAD"), ids[-1])

    def test_the_first_of_two_changes_is_found_and_the_second_said(self):
        ids = self.commits(16, lambda at: {FTRACE: 162 + (at >= 5) + (at >= 12)})
        text = self.bisect(ids[0], ids[-1])
        self.assertIn("subject 5", text.splitlines()[0])
        self.assertIn("162 -> 163", text)
        self.assertIn("a third value", text)

    def test_what_skipped_commits_hide_is_a_list(self):
        ids = self.commits(6, lambda at: {FTRACE: 166} if at >= 4 else {}, broken=(3, 4))
        text = self.bisect(ids[0], ids[-1], code=5)
        for at in (3, 4, 5):
            self.assertIn(f"subject {at}\"", text)
        self.assertIn("is one of these", text)

    def test_a_kernel_that_does_not_boot_is_skipped(self):
        ids = self.commits(8, lambda at: {"panic": 1} if at == 4 else {FTRACE: 166} if at >= 6 else {})
        text = self.bisect(ids[0], ids[-1])
        self.assertIn("subject 6", text.splitlines()[0])
        self.assertIn("the guest said nothing", text)

    def test_ends_that_do_not_differ(self):
        ids = self.commits(3)
        self.assertIn("no cell differs", self.bisect(ids[0], ids[-1], code=5))

    def test_an_end_that_does_not_build(self):
        self.commits(3, broken=(1,))
        done = self.run_program("bisect", "--tree", "linux", "--good", "HEAD~2", "--bad", "HEAD", "--build", BUILD,
                                "--program", "program", code=69)
        self.assertIn("build the good commit", done.stderr)

    def test_wrong_words(self):
        self.commits(1)
        for words, said in ((("--good", "HEAD", "--tree", "linux"), "--bad is missing"),
                            (("--good", "HEAD", "--bad", "HEAD", "--tree", "nowhere"), "no directory"),
                            (("--good", "v9", "--bad", "HEAD", "--tree", "linux"), "find revision v9")):
            done = self.run_program("bisect", *words, code=2)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


class Step(Repository):
    """What `git bisect run` is told."""

    def step(self, code, *words):
        return self.run_program("bisect", "--step", *words, code=code)

    def side(self, name, count):
        run = json.loads(TEMPLATE)
        for key in ("value", "low", "high", "low_quantile"):
            run["cells"][0]["metrics"]["instructions_per_hit"][key] = count
        (self.directory / name).write_text(json.dumps(run))
        return name

    def test_a_pass_a_regression_and_what_cannot_be_judged(self):
        a, b = self.side("a.json", 100), self.side("b.json", 104)
        self.assertIn("pass", self.step(0, "--", "gate", a, a).stdout)
        self.assertIn("regression", self.step(1, "--", "gate", a, b).stdout)
        empty = json.loads(TEMPLATE)
        empty["cells"] = []
        (self.directory / "empty.json").write_text(json.dumps(empty))
        self.step(125, "--", "gate", "empty.json", "empty.json")

    def test_a_build_that_fails_is_skipped(self):
        a = self.side("a.json", 100)
        said = self.step(125, "--build", "echo no; exit 7", "--", "gate", a, a).stderr
        self.assertIn("--build ends with 7: no", said)
        self.step(0, "--build", "true", "--", "gate", a, a)

    def test_a_wrong_line_ends_the_bisection(self):
        self.step(128, "--bild", "true", "--", "gate", "a", "b")
        self.step(128)
        self.step(128, "--", "gate", "nowhere.json", "nowhere.json")

    def test_git_finds_the_commit_by_it(self):
        def costs(at):
            return {FTRACE: 166} if at >= 5 else {}
        ids = self.commits(8, costs, broken=(3,))
        self.side("good.json", 162)
        script = self.directory / "to_results"
        script.write_text(f'''#!/usr/bin/python3
import json
run = json.load(open("{self.directory}/good.json"))
count = json.load(open("{self.tree}/costs.json"))["{FTRACE}"]
for key in ("value", "low", "high", "low_quantile"):
    run["cells"][0]["metrics"]["instructions_per_hit"][key] = count
json.dump(run, open("{self.directory}/head.json", "w"))
''')
        script.chmod(0o755)
        self.git("bisect", "start", ids[-1], ids[0])
        build = f"test ! -e broken && {script}"
        sides = [str(self.directory / name) for name in ("good.json", "head.json")]
        said = self.git("bisect", "run", PROBEBENCH, "bisect", "--step", "--build", build, "--", "gate", *sides)
        self.assertIn(f"{ids[4]} is the first bad commit", said)


class SeriesOfCommits(Repository):
    def test_a_column_a_commit_and_only_what_changes(self):
        ids = self.commits(5, lambda at: {FTRACE: 162 + 4 * (at >= 3) - (at >= 5)}, broken=(4,))
        text = self.of_tree("series", f"{ids[0]}..{ids[-1]}")
        lines = text.splitlines()
        self.assertEqual(lines[0].split(), ["cell", *(ids[at][:8] for at in (0, 1, 2, 4))])
        self.assertEqual(lines[1].split(), ["kprobe-ftrace/module/entry/count", "162", "162", "166", "+4", "165", "-1"])
        self.assertIn("1 of 3 cells change", text)
        self.assertIn("subject 4\"): the build ends with 1", text)

    def padded(self, **moved):
        """A build whose padded variant has these costs in place of the commit's."""
        (self.tree / "init").mkdir()
        (self.tree / "init/main.c").write_text("int main;\n")
        (self.tree / "padded.json").write_text(json.dumps({**CELLS, **moved}))
        return BUILD + ' && if grep -q pushsection init/main.c; then cp padded.json "$KBUILD_OUTPUT/costs.json"; fi'

    def test_what_padding_alone_moves_is_marked(self):
        for moved, marked, legend in (({STACK: 7801}, True, "* padding alone moves it, too"),
                                      ({}, False, "padding alone moves none of them")):
            with self.subTest(marked):
                self.setUp()
                build = self.padded(**moved)
                ids = self.commits(3, lambda at: {STACK: 7774 + 9 * at, FTRACE: 162 + 4 * (at >= 2)})
                text = self.of_tree("series", f"{ids[0]}..{ids[-1]}", "--control", "padded", build=build)
                self.assertIn(legend, text)
                self.assertEqual("raw-tp/module/tracepoint/stack * " in text, marked)
                self.assertNotIn("entry/count *", text)
                self.assertEqual(text.count("*"), 2 * marked)

    def test_an_interrupted_padded_build_leaves_no_padding_behind(self):
        self.padded()
        ids = self.commits(2)
        started = self.directory / "started"
        build = f"grep -q pushsection init/main.c && touch {started} && sleep 60"
        with subprocess.Popen([PROBEBENCH, "series", f"{ids[0]}..{ids[1]}", "--tree", "linux", "--build", build,
                               "--program", "program", "--work", "work", "--control", "padded"], cwd=self.directory,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as series:
            self.addCleanup(series.kill)
            for _ in range(600):
                if started.exists():
                    break
                time.sleep(0.1)
            series.send_signal(signal.SIGINT)
            self.assertEqual(series.wait(timeout=60), 130)
        source = self.directory / "work/source"
        self.assertTrue(started.exists() and source.is_dir())
        said = subprocess.run(["git", "-C", source, "status", "--porcelain"], check=True, capture_output=True,
                              text=True).stdout
        self.assertEqual(said, "", "what is kept is the commit")

    def test_a_range_is_asked_for(self):
        self.commits(1)
        self.assertIn("BASE..HEAD", self.run_program("series", "HEAD", "--tree", "linux", code=2).stderr)


class Configs(Repository):
    AXIS = "[[config]]\nname = 'none'\n[[config]]\nname = 'preempt'\noptions = ['PREEMPT=y']\n"
    BUILD = ('cp costs.json "$KBUILD_OUTPUT/" && cp "$KBUILD_OUTPUT/probe.config" "$KBUILD_OUTPUT/version" && '
             'if grep -qx CONFIG_BROKEN=y "$KBUILD_OUTPUT/probe.config"; then '
             'echo "init/main.c:7: error: no"; echo "make: Error 2"; exit 3; fi')

    def configs(self, axis, code):
        (self.directory / "axis.toml").write_text(axis)
        return self.run_program("configs", "--tree", "linux", "--config-axis", "axis.toml", "--build", self.BUILD,
                                "--program", "program", "--work", "work", "--output", "out", code=code)

    def test_each_is_built_in_a_directory_of_its_own_and_measured_with_the_others(self):
        self.commits(1)
        text = self.configs(self.AXIS + "[[config]]\nname = 'bad'\noptions = ['BROKEN=y']\n", code=1).stdout
        self.assertIn("bad: the build ends with 3: init/main.c:7: error: no", text)
        self.assertIn("preempt: PREEMPT=y", text)
        self.assertIn("measured " + ",".join(f"{self.directory}/work/{name}/" for name in ("none", "preempt")), text)
        configuration = (self.directory / "work/preempt/probe.config").read_text()
        self.assertTrue(configuration.endswith("\n# preempt\nCONFIG_PREEMPT=y\n"))
        self.assertNotIn("CONFIG_PREEMPT=y", (self.directory / "work/none/probe.config").read_text())

    # Of make and of the kernel's script what the build that is built in asks of them; told to, the first fails where
    # an interruption would.
    MAKE = '''#!/bin/bash
for word; do case $word in KCONFIG_CONFIG=*) config=${word#*=} ;; esac; done
case $* in
  *tinyconfig) echo "# tiny" >"${config:-$KBUILD_OUTPUT/.config}" && test ! -e fails ;;
  *bzImage*) cp costs.json "$KBUILD_OUTPUT/" && cp "$KBUILD_OUTPUT/.config" "$KBUILD_OUTPUT/version"
    echo "$1" >"$KBUILD_OUTPUT/first-word" ;;
esac
'''
    MERGE = '#!/bin/bash\nmerged=$(cat "${@: -2}") && echo "$merged" >"${KCONFIG_CONFIG:-$KBUILD_OUTPUT/.config}"\n'

    def by_make(self, code=0):
        """By the build that is built in, with stand-ins for what it calls."""
        stand_ins = {self.directory / "tools/make": self.MAKE,
                     self.tree / "scripts/kconfig/merge_config.sh": self.MERGE}
        for path, text in stand_ins.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        (self.directory / "axis.toml").write_text(self.AXIS)
        self.run_program("configs", "--tree", "linux", "--config-axis", "axis.toml", "--program", "program", "--work",
                         "work", "--output", "out", code=code,
                         env={**os.environ, "PATH": f"{self.directory}/tools:{os.environ['PATH']}"})

    def test_a_configuration_that_was_interrupted_is_made_anew(self):
        self.commits(1)
        (self.tree / "fails").touch()
        self.by_make(code=4)
        (self.tree / "fails").unlink()
        self.by_make()
        made = (self.directory / "work/preempt/version").read_text()
        self.assertTrue(made.startswith("# tiny\n"), made)
        self.assertTrue(made.endswith("\n# preempt\nCONFIG_PREEMPT=y\n"), made)

    def test_what_a_cache_compiled_is_compiled_by_it_again(self):
        self.commits(1)
        words = self.directory / "work/none/first-word"
        self.by_make()
        self.assertRegex(words.read_text(), "^-j")
        command = self.directory / "work/none/kernel/.bounds.s.cmd"
        command.parent.mkdir()
        for compiler, word in (("ccache gcc", "CC=ccache gcc"), ("/usr/bin/sccache gcc", "CC=/usr/bin/sccache gcc"),
                               ("gcc", "-j"), ("clang", "-j")):
            command.write_text(f"savedcmd_kernel/bounds.s := {compiler} -Wp,-MMD,kernel/.bounds.s.d -S\n")
            self.by_make()
            self.assertTrue(words.read_text().startswith(word), compiler)

    def test_a_wrong_file_is_one_line(self):
        self.commits(1)
        said = self.configs("[[config]]\nname = 'a'\noptions = ['PREEMPT']\n", code=2).stderr
        self.assertIn("'PREEMPT' is no option", said)


if __name__ == "__main__":
    unittest.main()
