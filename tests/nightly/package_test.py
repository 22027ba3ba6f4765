# SPDX-License-Identifier: MIT
"""debian/ and Containerfile, in bare roots of Debian: the package is built, checked by lintian, installed where nothing
else is, and used by somebody who is not root; the container's lines are run where they would be."""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ci"))

import bare_root  # noqa: E402  (the path is set first)

DEADLINE_S = 3000
MEASURE = "--probe-type kprobe-optimized --kernel 6.12 --accel tcg --json - --quiet"
TOOLS = "debhelper devscripts dpkg-dev equivs fakeroot lintian"
STORE = "python3-sqlalchemy python3-alembic python3-zstandard python3-psycopg2 python3-flask"
LAB = '[axes]\nkernels = ["6.12"]\nprobe_types = ["kprobe-optimized"]\nhandlers = ["nop"]\n'
# What follows "run-bench ", with the completion that the package has.
COMPLETED = """
. /usr/share/bash-completion/completions/run-bench
COMP_WORDS=(run-bench "") COMP_CWORD=1; _run_bench; echo "${COMPREPLY[@]}"
"""
# The first page that serve has.
SERVED = """
run-bench --no-install serve --port 0 2>serve.log & server=$!
until grep -q ^http: serve.log || ! kill -0 $server; do sleep 0.1; done
python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' \
  "$(cut -d" " -f1 serve.log)"
kill $server
"""

# Slurm as docs/fleet.md sets it up, on a loopback of its own; `service` asks for a running init. A resolver that is
# asked for addresses to listen at leaves out those that no interface has, and does not count 127.0.0.1.
LOOPBACK = """
import fcntl, socket, struct
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(one, 0x8914, struct.pack('16sh22x', b'lo', 1))  # SIOCSIFFLAGS: IFF_UP
address = struct.pack('HH4s16x', socket.AF_INET, 0, socket.inet_aton('10.0.0.1'))
fcntl.ioctl(one, 0x8916, struct.pack('16s24s', b'lo:1', address))  # SIOCSIFADDR
"""
ON_SLURM = """
python3 -c "{loopback}"
echo "127.0.0.1 localhost $(hostname -s)" >/etc/hosts
cd /usr/share/probebench
{conf}
install -d -o munge -g munge /run/munge
setpriv --reuid=munge --regid=munge --clear-groups munged
slurmctld; slurmd
cd; until sinfo --noheader --states=idle | grep -q idle; do sleep 1; done
run-bench --no-install sweep lab.toml --engine slurm --store slurm.sqlite
while squeue --noheader | grep -q .; do sleep 1; done
run-bench --no-install sweep lab.toml --engine slurm --store slurm.sqlite --status
"""


def slurm_of_docs():
    """The packages, and what writes slurm.conf."""
    text = (ROOT / "docs/fleet.md").read_text().partition("As root, on Debian:\n\n```sh\n")[2].partition("```")[0]
    install, *lines = text.splitlines()
    assert lines[-1].startswith("service "), lines[-1]
    return install, "\n".join(lines[:-1])


@unittest.skipIf(bare_root.why_impossible(), bare_root.why_impossible())
class InBareRoots(unittest.TestCase):
    SUITE = "bookworm"

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="probebench-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)

    @classmethod
    def root_of(cls, name):
        root = cls.scratch / name
        bare_root.unpack(cls.SUITE, root)
        return root

    @staticmethod
    def call(root, script, place="/"):
        done = bare_root.enter(root, place, ["sh", "-ec", script], text=True, timeout=DEADLINE_S,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise AssertionError(f"{script}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout


class DebianPackage(InBareRoots):
    COST = 1500

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = cls.root_of("maker")
        subprocess.run(["git", "clone", "--quiet", ROOT, cls.maker / "make/probebench"], check=True)
        cls.call(cls.maker, f"apt-get -q update; apt-get -qy install --no-install-recommends {TOOLS} >/dev/null")
        cls.call(cls.maker, "apt-get -qy build-dep --no-install-recommends ./ >/dev/null", "/make/probebench")
        cls.call(cls.maker, "useradd -m maker; chown -R maker /make")
        build = "dpkg-buildpackage -us -uc -b >/make/log 2>&1"
        cls.call(cls.maker, f"su maker -c '{build}' || {{ tail -50 /make/log; exit 1; }}", "/make/probebench")
        cls.deb = next((cls.maker / "make").glob("probebench_*.deb"))
        cls.user = cls.root_of("user")
        (cls.user / cls.deb.name).write_bytes(cls.deb.read_bytes())
        cls.call(cls.user, f"apt-get -q update; apt-get -qy install man-db ./{cls.deb.name} >/dev/null")
        cls.call(cls.user, "useradd -m user")

    @classmethod
    def as_user(cls, command):
        return cls.call(cls.user, f"su - user -c {shlex.quote(command)}")

    def test_lintian_finds_no_error(self):
        said = self.call(self.maker, "su maker -c 'lintian --fail-on error /make/*.changes'", "/make/probebench")
        self.assertEqual(re.findall("^E: .*", said, re.MULTILINE), [])

    def test_a_user_measures_with_it(self):
        self.assertIn("probebench 0.1.0", self.as_user("run-bench --version"))
        self.assertIn('"status":"measured"', self.as_user(f"run-bench {MEASURE}").replace(" ", ""))

    def test_the_manual_page_is_found_and_read(self):
        self.assertIn("--probe-type", self.as_user("man run-bench | cat"))

        self.assertIn("--engine", self.as_user("man run-bench | cat"), "of sweep, which is Python")

    def test_bash_completes_its_words(self):
        offered = self.as_user(f"bash -c {shlex.quote(COMPLETED)}").split()
        self.assertLessEqual({"kernels", "sweep", "--arch"}, set(offered))

    def test_a_sweep_goes_into_a_store_that_is_shown(self):
        refused = self.as_user("! run-bench history 2>&1")
        self.assertIn("run as root: apt-get install --no-install-recommends python3-sqlalchemy", refused)
        self.call(self.user, f"apt-get -qy install --no-install-recommends {STORE} >/dev/null")
        self.as_user(f"printf %s {shlex.quote(LAB)} > lab.toml")
        self.assertIn("1 of 1 measured", self.as_user("run-bench sweep lab.toml"))
        self.assertIn("6.12", self.as_user("run-bench history --store results/store.sqlite"))
        self.assertIn("6.12", self.as_user(SERVED))

    def test_a_sweep_on_this_suites_slurm(self):
        install, conf = slurm_of_docs()
        self.call(self.user, f"{install} --yes {STORE} >/dev/null")
        (self.user / "root/lab.toml").write_text(LAB)
        self.call(self.user, f"run-bench {MEASURE} >/dev/null")  # fetches its kernel: what follows has no network
        script = ON_SLURM.format(loopback=LOOPBACK, conf=conf)
        said = self.call(self.user, f"exec unshare --net sh -ec {shlex.quote(script)}")
        self.assertIn("1 targets, exact\n", said)
        self.assertTrue(said.endswith("1 targets: 1 done\n"), said)

    def test_it_leaves_nothing_when_it_is_removed(self):
        root = self.root_of("removed")
        (root / self.deb.name).write_bytes(self.deb.read_bytes())
        self.call(root, f"apt-get -q update; apt-get -qy install --no-install-recommends ./{self.deb.name} "
                        "python3 >/dev/null")
        self.assertTrue((root / "usr/bin/run-bench").is_symlink())
        # As root Python leaves what it has compiled.
        self.call(root, "PYTHONPATH=/usr/share/probebench python3 -P -m reports words >/dev/null")
        self.call(root, "apt-get -qy purge probebench >/dev/null")
        left = self.call(root, "find / -xdev -name '*probebench*' -not -path '/proc/*' -not -path '/var/*'")
        self.assertEqual(left.split(), [f"/{self.deb.name}"])


class DebianPackageOfTrixie(DebianPackage):
    SUITE = "trixie"


def container_lines():
    """Containerfile's instructions, those that a backslash continues as one."""
    text = (ROOT / "Containerfile").read_text().replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]


class Container(InBareRoots):
    COST = 600

    def test_its_lines_give_something_that_measures(self):
        root, variables, place, entry = self.root_of("container"), "", "/", None
        for word, rest in container_lines():
            if word == "FROM":
                self.assertEqual(rest, "debian:12")
            elif word == "COPY":
                subprocess.run(["git", "clone", "--quiet", ROOT, root / rest.split()[1].strip("/")], check=True)
            elif word == "ENV":
                variables += f"export {rest}; "
            elif word == "WORKDIR":
                place = rest
            elif word == "RUN":
                self.call(root, variables + rest, place)
            else:
                self.assertEqual(word, "ENTRYPOINT")
                entry = " ".join(shlex.quote(part.strip(' "')) for part in rest.strip("[]").split(","))
        said = self.call(root, f"{variables}{entry} {MEASURE}", place)
        self.assertIn('"status":"measured"', said.replace(" ", ""))


if __name__ == "__main__":
    unittest.main()
