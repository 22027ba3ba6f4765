# SPDX-License-Identifier: MIT
"""A sweep on a real Slurm and a real PostgreSQL, both of this test: nodes die, are drained and boot other kernels, the
controller is killed, a job is cancelled, the store is away. Nothing is lost and nothing is there twice."""

import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(os.environ.get("PROBEBENCH_ROOT") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("PROBEBENCH_BUILD") or ROOT / "build/dev").resolve()
sys.path[:0] = [str(ROOT), str(ROOT / "tests/reports")]

from postgresql import Server  # noqa: E402
from reports.sweep.lab import load_lab  # noqa: E402
from reports.sweep.slurm import kind_of  # noqa: E402
from reports.sweep.targets import targets_of  # noqa: E402
from slurm_database import SlurmWithDatabase  # noqa: E402
from slurm_here import SlurmHere  # noqa: E402

LAB = """
[axes]
kernels = ["6.1", "6.12"]
kernel_args = ["", "mitigations=off", "nosmep"]
cpus = ["max", "EPYC", "Skylake-Server", "max,-fsrm"]
probe_types = ["ftrace", "kprobe-optimized"]
handlers = ["nop", "count"]
"""
SMALL = '[axes]\nkernels = ["6.1", "6.12"]\nprobe_types = ["ftrace"]\nhandlers = ["count"]\n'
SCRIPTS = "reports/sweep/slurm_scripts"


def installed(folder):
    """A checkout that has been built: this one's sources, and the programs under test."""
    checkout = folder / "checkout"
    (checkout / "build/release").mkdir(parents=True)
    for name in ("ci", "kmod", "suites", "harness", "CMakeLists.txt"):
        (checkout / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "reports", checkout / "reports", ignore=shutil.ignore_patterns("published", "__pycache__"))
    shutil.copy2(ROOT / "run-bench", checkout)
    (checkout / "build/release/bin").symlink_to(BUILD / "bin")
    (checkout / "build/release/CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={checkout}\n")
    (checkout / "build/release/build.ninja").write_text("build all: phony\n")
    return checkout


class Sweep(unittest.TestCase):
    """One folder for all that a class starts."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="probebench-fleet-"))
        self.folder.chmod(0o755)
        if not os.environ.get("PB_KEEP"):
            self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.checkout = installed(self.folder)
        prolog = self.folder / "prolog"  # the product's own
        prolog.write_text(f"#!/bin/sh\nexport SLURM_CONF={self.folder}/slurm/slurm.conf\n"
                          f"exec {self.checkout}/{SCRIPTS}/prolog\n")
        prolog.chmod(0o755)
        self.store = str(self.folder / "store.sqlite")

    def lab(self, text):
        file = self.folder / "lab.toml"
        file.write_text(text)
        return str(file)

    def command(self, *options):
        return [str(self.checkout / "run-bench"), "--no-install", "sweep", str(self.folder / "lab.toml"), "--work",
                str(self.folder / "work"), "--store", self.store, *options]

    def rows(self, query):
        from reports.store import open_store
        with open_store(self.store, writable=False) as store, store.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]


class Here(Sweep):
    def test_a_sweep_that_is_interrupted_goes_on(self):
        self.lab(SMALL + 'kernel_args = ["", "nosmep"]\n')
        sweep = subprocess.Popen(self.command("--jobs", "1"), stderr=subprocess.PIPE, text=True, start_new_session=True)
        told = next(line for line in sweep.stderr if line.startswith("1/4 "))
        self.assertIn("6.1: ", told)
        os.killpg(sweep.pid, signal.SIGINT)  # as a terminal does
        self.assertEqual(sweep.stderr.read().splitlines()[-1],
                         "run-bench: interrupted; the same command goes on from there")
        self.assertEqual(sweep.wait(), 130)
        sweep.stderr.close()
        done = self.rows("SELECT count(*) FROM run")[0][0]
        self.assertIn(done, (1, 2))
        again = subprocess.run(self.command("--jobs", "2"), capture_output=True, text=True, check=False)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout, f"{done} of 4 targets are in the store\n{4 - done} of {4 - done} measured\n")
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT asked) FROM run"), [(4, 4)])
        dry = subprocess.run(self.command("--dry-run", "--again"), capture_output=True, text=True, check=True)
        self.assertRegex(dry.stdout, "4 targets, 4 to be measured, about [0-9]+ (s|min) of CPU time\n$")


class OnSlurm(Sweep):
    more, node, nodes, kind, prolog = "", "", 3, SlurmHere, ""

    def setUp(self):
        super().setUp()
        (self.folder / "slurm").mkdir()
        self.set_up()
        prolog = f"Prolog={self.folder}/{self.prolog}\n" if self.prolog else ""
        self.slurm = self.kind(self.folder / "slurm", self.nodes, more=prolog + self.more, node=self.node)
        self.enterContext(self.slurm)

    def set_up(self):
        """Before Slurm begins."""

    def sweep(self, *options, code=0):
        """What it prints; its complaints when the exit code is another one."""
        said = self.slurm.ask(*self.command(*options))
        self.assertEqual(said.returncode, code, said.stdout + said.stderr)
        return said.stdout if code == 0 else said.stdout + said.stderr

    def queue_is_empty(self):
        return self.slurm.ask("squeue", "--noheader").stdout == ""

    def running_on(self, *nodes):
        """As scancel takes them, the one that has begun last first."""
        on = [f"--nodelist={','.join(nodes)}"] if nodes else []
        return self.slurm.ask("squeue", "--noheader", *on, "--states=R", "--sort=-S", "--format=%F_%K").stdout.split()


class Fleet(OnSlurm):
    prolog = "prolog-of-n2"

    def set_up(self):
        self.server = Server()
        self.addCleanup(self.server.end)
        self.store = self.server.database("fleet")
        # The product's own, which finds n2 unfit for time as soon as it is asked about that.
        prolog = self.folder / "prolog-of-n2"
        prolog.write_text(f"#!/bin/sh\nif [ $SLURMD_NODENAME = n2 ] && [ -e {self.folder}/unfit ]; then\n"
                          f"  export SLURM_JOB_COMMENT=probebench:time\nfi\nexec {self.folder}/prolog\n")
        prolog.chmod(0o755)

    def done(self):
        return self.rows("SELECT count(*) FROM run")[0][0]

    def test_all_that_can_go_wrong_in_one_sweep(self):
        self.lab(LAB)
        said = self.sweep("--engine", "slurm")
        self.assertIn("0 of 24 targets are in the store", said)
        self.assertRegex(said, "22 targets, exact")
        self.assertRegex(said, "2 targets, two-nodes")

        self.slurm.wait_for("the first targets", lambda: self.done() >= 3, 300)
        self.slurm.wait_for("a job on n1", lambda: self.running_on("n1"))
        self.slurm.end("n1", signal.SIGKILL)
        self.slurm.wait_for("n1 is given up", lambda: "down" in self.slurm.states()["n1"], 60)
        self.slurm.start_node("n1")

        (self.folder / "unfit").touch()
        self.slurm.wait_for("n2 is drained", lambda: "drain" in self.slurm.states()["n2"], 120)
        reason = self.slurm.ask("sinfo", "--noheader", "--nodes=n2", "--format=%E").stdout
        self.assertRegex(reason, "probebench: .*wanted")

        self.slurm.end("slurmctld", signal.SIGKILL)
        time.sleep(1)
        self.slurm.start_controller()

        waiting = self.slurm.ask("squeue", "--noheader", "--array", "--states=PD", "--format=%F_%K").stdout.split()
        # The last one has never begun: one that has may be measured already, on the node that was given up.
        never = max((one for one in waiting if one[-1].isdigit()), key=lambda one: int(one.partition("_")[2]))
        self.slurm.wait_for("a job that runs", self.running_on)
        self.slurm.ask("scancel", never, self.running_on()[0])

        self.slurm.wait_for("all jobs", self.queue_is_empty, 900)
        status = self.sweep("--engine", "slurm", "--status")
        self.assertIn("24 targets: 22 done, 1 failed, 1 not begun", status)
        self.assertIn(": failed: cancelled on n", status)

        said = self.sweep("--engine", "slurm")
        self.assertIn("22 of 24 targets are in the store", said)
        self.slurm.wait_for("the cancelled ones", self.queue_is_empty, 300)
        self.assertIn("24 targets: 24 done", self.sweep("--engine", "slurm", "--status"))
        self.assertIn("24 of 24 targets are in the store", self.sweep("--engine", "slurm"))

        answered = self.rows("SELECT asked, occasion FROM run")
        self.assertEqual(collections.Counter(occasion for _asked, occasion in answered), {"": 24, "second node": 2})
        self.assertEqual(len({asked for asked, _occasion in answered}), 26)
        self.assertEqual(self.rows("SELECT count(*) FROM cell WHERE status NOT IN ('measured', 'skipped')"), [(0,)])
        self.assertEqual(self.rows("SELECT count(DISTINCT node) FROM run"), [(3,)])
        print(self.rows("SELECT node, count(*), sum(seconds) FROM run GROUP BY node"), file=sys.stderr)

    def test_a_store_that_is_away_loses_nothing(self):
        self.lab(SMALL)
        self.server.stop()
        self.assertIn("is the database up?", self.sweep("--engine", "slurm", code=69))
        self.server.start()
        held = "#!/bin/sh\nexec sleep 600\n"
        blocker = [self.slurm.ask("sbatch", "--parsable", f"--nodelist={node}", "--output=/dev/null", input=held
                                  ).stdout.strip() for node in ("n1", "n2")]
        self.sweep("--engine", "slurm")  # n3 alone prepares, and may begin
        self.slurm.wait_for("a target is measured", lambda: list((self.folder / "work/runs").glob("*/*/log")), 120)
        self.server.stop("immediate")
        self.slurm.ask("scancel", *blocker)
        self.slurm.wait_for("all jobs", self.queue_is_empty, 300)
        self.server.start()
        status = self.sweep("--engine", "slurm", "--status")
        self.assertRegex(status, "kept in .*, and the next sweep hands them in|is the database up")
        kept = list((self.folder / "work/runs").glob("*/*/hand-in.json"))
        self.assertTrue(kept)
        before = {file: json.loads(file.read_text()) for file in kept}
        self.sweep("--engine", "slurm")
        for one in before.values():
            self.assertEqual(len(self.rows(f"SELECT 1 FROM run WHERE asked = '{one['key']}'")), 1)
        self.slurm.wait_for("the others", self.queue_is_empty, 300)
        self.assertIn("2 targets: 2 done", self.sweep("--engine", "slurm", "--status"))


def cache_of_a_node(folder):
    """What a node without a shared cache would have fetched."""
    ours = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "probebench"
    shutil.copytree(ours / "kernels", folder / "probebench/kernels", symlinks=True,
                    ignore=shutil.ignore_patterns("5.*", "6.1.*", "7.*", ".*"))


class SecondNode(OnSlurm):
    nodes = 2

    def set_up(self):
        """n2's QEMU is another one than it says: its guest guards itself against Meltdown."""
        own, qemu = self.folder / "n2", self.folder / "n2/qemu-system-x86_64"
        own.mkdir()
        cache_of_a_node(own)
        qemu.write_text("#!/bin/bash\nwords=(\"$@\")\nfor at in \"${!words[@]}\"; do\n"
                        "  [[ ${words[at]} != max* ]] || words[at]=Haswell\ndone\n"
                        f"exec {shutil.which('qemu-system-x86_64')} \"${{words[@]}}\"\n")
        qemu.chmod(0o755)
        prolog = self.folder / "task-prolog"
        prolog.write_text(f"#!/bin/sh\n[ $SLURMD_NODENAME = n1 ] || echo export XDG_CACHE_HOME={own}\n"
                          f"[ $SLURMD_NODENAME = n1 ] || echo export PATH={own}:$PATH\n")
        prolog.chmod(0o755)
        self.more = f"TaskProlog={prolog}"

    def test_a_node_that_counts_otherwise_is_named(self):
        self.lab('[axes]\nkernels = ["6.12"]\ncpus = ["max"]\nprobe_types = ["kprobe-stepped"]\nhandlers = ["count"]\n')
        self.sweep("--engine", "slurm")
        self.slurm.wait_for("the pair", self.queue_is_empty, 300)
        status = self.sweep("--engine", "slurm", "--status")
        self.assertRegex(status, r"ALARM: nodes n1 \(QEMU .*\) and n2 \(QEMU .*\) disagree: kprobe-stepped/")
        self.assertEqual(self.rows("SELECT count(*) FROM run"), [(0,)])


class Accounting(OnSlurm):
    """By sacct, from a slurmdbd: what has ended and how is nowhere else."""

    nodes, kind = 1, SlurmWithDatabase

    def test_what_became_of_jobs_is_told_by_the_database(self):
        self.lab(SMALL)
        self.sweep("--engine", "slurm")
        self.slurm.wait_for("a job", lambda: self.running_on("n1"), 120)
        self.slurm.ask("scancel", self.running_on("n1")[0])
        self.slurm.wait_for("all jobs", self.queue_is_empty, 300)
        status = self.sweep("--engine", "slurm", "--status")
        self.assertRegex(status, r"(?m)^6\.12?: failed: cancelled on n1")
        self.assertIn("2 targets: 1 done, 1 failed\n", status)
        self.sweep("--engine", "slurm")
        self.slurm.wait_for("the cancelled one", self.queue_is_empty, 300)
        self.assertEqual(self.sweep("--engine", "slurm", "--status"), "2 targets: 2 done\n")
        told = self.slurm.ask("sacct", "--noheader", "--parsable2", "--allocations", "--format=State").stdout.split()
        self.assertEqual(collections.Counter(state for state in told if state.isupper())["CANCELLED"], 1)


RUNNING = ".".join(os.uname().release.split(".")[:2])
OF_THIS_MACHINE = f"""
[axes]
kernels = ["{RUNNING}"]
probe_types = ["uprobe"]
handlers = ["count"]
[[exclude]]
machines = ""
[time]
machines = ["this"]
accel = "native"
"""


class Timed(OnSlurm):
    """The kernel that runs here, by probes on functions of our own."""

    nodes, node = 1, f"Feature=this,kernel_{RUNNING}"

    def test_a_target_of_time_has_its_node_to_itself(self):
        self.lab(OF_THIS_MACHINE)
        self.assertIn(f"job 2: 1 targets, time-this-kernel_{RUNNING}\n", self.sweep("--engine", "slurm"))
        told = self.slurm.ask("scontrol", "show", "job", "2").stdout
        self.assertRegex(told, r"OverSubscribe=NO")
        self.assertIn(f"Features=this&kernel_{RUNNING}", told)
        self.slurm.wait_for("the target", self.queue_is_empty, 300)
        self.assertEqual(self.sweep("--engine", "slurm", "--status"), "1 targets: 1 done\n")
        targets = self.rows("SELECT release, accel FROM target")
        self.assertEqual(targets, [(os.uname().release, "none")])
        cells = self.rows("SELECT status, coalesce(reason, '') FROM cell")
        self.assertTrue(all(status == "measured" or reason for status, reason in cells), cells)  # such as EPERM


class Unfit(OnSlurm):
    """A machine that runs tests is not idle."""

    nodes, prolog = 1, "prolog"

    def test_a_node_that_is_not_fit_for_time_is_drained(self):
        checks = subprocess.run([self.checkout / "run-bench", "--no-install", "info", "--target", "native", "--checks"],
                                capture_output=True, text=True, check=False)
        if checks.returncode == 0:
            self.skipTest("this machine is fit")
        job = self.slurm.ask("sbatch", "--comment=probebench:time", "--output=/dev/null", input="#!/bin/sh\n")
        self.assertEqual(job.returncode, 0, job.stderr)
        self.slurm.wait_for("n1 is drained", lambda: "drain" in self.slurm.states()["n1"], 120)
        reason = self.slurm.ask("sinfo", "--noheader", "--format=%E").stdout
        self.assertRegex(reason, "probebench: [a-z-]+: .*wanted")


class KernelFeature(OnSlurm):
    """A job that wants another kernel has its node rebooted into it. The boot menu, the running release and the reboot
    itself are stand-ins: this machine stays up."""

    nodes, node = 1, "Feature=xeon,kernel_6.1,kernel_6.12"

    def set_up(self):
        slurm = self.folder / "slurm"
        (self.folder / "release").write_text("6.1.0-56-amd64")
        (self.folder / "grub.cfg").write_text("".join(
            f"\tmenuentry 'Linux {release}' --class gnu $menuentry_id_option 'gnulinux-{release}-advanced-0b1c' {{\n"
            for release in ("6.1.0-56-amd64", "6.12.117+deb12-amd64")))
        helper, reboot, grub = (self.folder / name for name in ("helper", "reboot", "grub-reboot"))
        grub.write_text(f'#!/bin/sh\necho "$1" > {self.folder}/next\n')
        helper.write_text(f"#!/bin/sh\nPROBEBENCH_RELEASE=$(cat {self.folder}/release) "
                          f"PROBEBENCH_GRUB_CFG={self.folder}/grub.cfg PROBEBENCH_GRUB_REBOOT={grub} "
                          f'exec {self.checkout}/{SCRIPTS}/kernel_feature "$@"\n')
        reboot.write_text(f"#!/bin/sh\ntouch {self.folder}/rebooting\n")
        for program in (helper, reboot, grub):
            program.chmod(0o755)
        lines = [f"Feature=kernel_{kernel} Helper={helper}\n" for kernel in ("6.1", "6.12")]
        (slurm / "helpers.conf").write_text("BootTime=60\n" + "".join(lines))
        self.more = f"NodeFeaturesPlugins=node_features/helpers\nRebootProgram={reboot}\nResumeTimeout=60"

    def boots(self):
        """What the reboot would do."""
        self.slurm.wait_for("the reboot", (self.folder / "rebooting").exists, 60)
        self.slurm.end("n1")
        entry = (self.folder / "next").read_text().strip()
        (self.folder / "release").write_text(entry.removeprefix("gnulinux-").partition("-advanced-")[0])
        self.slurm.start("n1", "slurmd", "-D", "-b", "-N", "n1", "-f", str(self.slurm.conf))

    def test_a_node_boots_the_kernel_that_a_job_wants(self):
        lab = load_lab(self.lab('[axes]\nkernels = ["6.12"]\n[time]\nmachines = ["xeon"]\naccel = "native"\n'))
        timed = kind_of(targets_of(lab, self.folder)[-1], sampled=False)
        self.assertEqual(timed.options, ["--exclusive", "--constraint=xeon&kernel_6.12"])
        submitted = self.slurm.ask("sbatch", *timed.options, f"--output={self.folder}/out",
                                   input=f"#!/bin/sh\ncat {self.folder}/release\n")
        self.assertEqual(submitted.returncode, 0, submitted.stderr)
        self.boots()
        self.slurm.wait_for("the job", self.queue_is_empty, 120)
        self.assertEqual((self.folder / "out").read_text(), "6.12.117+deb12-amd64")
        job = self.slurm.ask("sbatch", "--wait", *timed.options, "--output=/dev/null",
                             input="#!/bin/sh\n")  # it runs already
        self.assertEqual(job.returncode, 0, job.stderr)

    def test_the_helper_by_itself(self):
        helper = str(self.folder / "helper")
        self.assertEqual(subprocess.run([helper], capture_output=True, text=True, check=True).stdout, "kernel_6.1\n")
        lacking = subprocess.run([helper, "kernel_6.13"], capture_output=True, text=True, check=False)
        self.assertEqual((lacking.returncode, lacking.stderr),
                         (1, "kernel_feature: no kernel 6.13 is installed\n"))
        subprocess.run([helper, "kernel_6.1"], check=True)  # and not 6.12
        self.assertEqual((self.folder / "next").read_text(), "gnulinux-6.1.0-56-amd64-advanced-0b1c\n")


if __name__ == "__main__":
    unittest.main()
