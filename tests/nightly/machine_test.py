# SPDX-License-Identifier: MIT
"""The running kernel of a full Debian machine, measured with the helper module (ci/machine). Only where CI_MACHINE=yes:
the image takes minutes to make, and the module some to build in emulation. Its time is the number of instructions that
ran, so this host's load makes no row invalid. Wants programs without sanitizers, as ci/nightly gives it: in emulation
those take many times as long."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(os.environ.get("PROBEBENCH_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ["PROBEBENCH_BUILD"])
DEADLINE_S = 1200
PATIENCE_S = 2 * DEADLINE_S  # of what builds the module there anew, in emulation on a busy host
# $P: the program, $B: it on the running kernel; armed: a run that is held while a probe is in, its processes are R and
# A; left: whether a run left something. A file of debugfs has no size: only reading it says whether it is empty.
SETTING = """
export PROBEBENCH_ROOT={root} P={program}
B="$P --target native --quiet"
kprobes() {{ read -r _ </sys/kernel/debug/kprobes/list; }}
armed() {{
  setsid $B --probe-type kprobe-stepped --load-module --rounds 5000 --output /keep/$1 >/keep/$1.out 2>&1 &
  R=$!
  for _ in $(seq 3000); do
    kill -0 $R 2>/dev/null || break
    for A in $(cat /proc/$R/task/*/children); do
      [ "$(cat /proc/$A/comm)" = probebench-agen ] || continue
      kill -STOP $A
      until grep -q '^State:.*stopped' /proc/$A/status; do sleep 0.01; done
      ! kprobes || return 0
      kill -CONT $A
    done
    sleep 0.02
  done
  echo "never armed: $(cat /keep/$1.out)"
  return 1
}}
left() {{
  for _ in $(seq 600); do kill -0 $R 2>/dev/null || [ -e /sys/module/probebench ] || break; sleep 0.1; done
  ! kill -0 $R 2>/dev/null || {{ echo "left: the run"; return 1; }}
  [ ! -e /sys/module/probebench ] || {{ echo "left: the module"; return 1; }}
  ! kprobes || {{ echo "left: $(cat /sys/kernel/debug/kprobes/list)"; return 1; }}
  ! grep probebench /sys/kernel/tracing/dynamic_events
}}
"""


@unittest.skipUnless(os.environ.get("CI_MACHINE") == "yes", "CI_MACHINE is not yes")
class Machine(unittest.TestCase):
    LOCK = "machine"
    LABEL = "nightly"

    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.keep = pathlib.Path(kept.name)
        # Builds the module, once.
        cls.run_in("$B --probe-type kprobe-stepped --load-module --rounds 3 --output /keep/first && left")

    @classmethod
    def run_in(cls, script, *options):
        setting = SETTING.format(root=ROOT, program=BUILD / "bin" / "probebench")
        command = [ROOT / "ci/machine", "run", "--deadline", str(DEADLINE_S), "--keep", cls.keep, *options, "--",
                   setting + script]
        done = subprocess.run(command, text=True, capture_output=True, timeout=DEADLINE_S + 600, check=False)
        if done.returncode != 0:
            raise AssertionError(f"exit {done.returncode}: {done.stdout}{done.stderr}")
        return " ".join((done.stdout + done.stderr).split())  # a table's lines are broken anywhere

    def cells(self, name):
        return json.loads((self.keep / name / "results.json").read_text())["cells"]

    def test_every_type_is_measured_or_says_why_not(self):
        self.run_in("$B --probe-type all --load-module --rounds 3 --output /keep/all && left")
        cells = self.cells("all")
        by_module = [cell for cell in cells if cell["driver"] == "module"]
        self.assertNotIn("helper module", " ".join(cell["reason"] or "" for cell in cells))
        self.assertGreater(sum(cell["status"] == "measured" for cell in by_module), 16)
        for cell in cells:
            self.assertIn(cell["status"], ("measured", "skipped"), f"{cell['name']}: {cell['reason']}")
            if cell["status"] == "measured":
                self.assertEqual(cell["hits"]["counted"], cell["hits"]["expected"], cell["name"])

    def test_nothing_is_left_by_who_was_killed_while_a_probe_was_in(self):
        self.run_in("armed runner && kill -9 $R && left && "
                    "armed agent && kill -9 $A && left")
        self.assertIn("the agent was ended by signal 9", (self.keep / "agent.out").read_text())

    def test_nothing_is_left_by_who_was_interrupted_while_a_probe_was_in(self):
        # As a terminal does it: all processes of the run.
        self.run_in("armed stopped && kill -INT -$R && kill -CONT $A && left")
        self.assertIn("interrupted", (self.keep / "stopped.out").read_text())

    def test_what_nobody_was_left_to_take_out_is_cleaned_up(self):
        said = self.run_in("armed killed && kill -9 $R $(grep -lxF probebench-agen /proc/[0-9]*/comm | "
                           "tr -dc '0-9\\n'); sleep 1; ls -d /sys/module/probebench && ! kprobes && "
                           "$P --force-cleanup && left")
        self.assertIn("put back: the helper module", said)

    def test_a_module_that_another_process_uses_names_it(self):
        said = self.run_in("insmod $(find /root/.cache/probebench/modules -name probebench.ko | head -n 1) && "
                           "{ sleep 600 5<>/dev/probebench & }; until [ -e /proc/$!/fd/5 ]; do sleep 0.1; done; "
                           "$B --probe-type kprobe-stepped --output /keep/owned; echo code $?; echo owner $!; "
                           "kill $!; wait; $P --force-cleanup && left")
        owner = said.split("owner ")[1].split()[0]
        self.assertIn(f"the helper module is loaded, and in use by process {owner} (sleep)", said)
        self.assertIn("code 4 ", said)
        self.assertIn("put back: the helper module", said)

    def test_a_run_beside_another_names_it(self):
        said = self.run_in("armed holder && $B --probe-type kprobe-stepped --output /keep/beside; echo code $?; "
                           "echo owner $R; kill $R; kill -CONT $A; left")
        owner = said.split("owner ")[1].split()[0]
        self.assertIn(f"beside process {owner} of root (probebench)", said)
        self.assertIn("code 69 ", said)

    def test_a_refusal_is_named(self):
        said = self.run_in("$B --probe-type kprobe-stepped --load-module --output /keep/locked; [ $? = 4 ]",
                           "--append", "lockdown=integrity")
        self.assertIn("lockdown=integrity takes only modules that are signed", said)

    def test_a_signature_that_nobody_trusts_is_named(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-keyout",
                        self.keep / "key.pem", "-out", self.keep / "key.crt"], check=True, capture_output=True)
        self.run_in("$B --probe-type kprobe-stepped --load-module --sign /keep/key.pem --rounds 3 "
                    "--output /keep/signed && left && "
                    "modinfo -F signer $(find /root/.cache/probebench/modules -name signed.ko) | grep test")
        self.assertEqual([cell["status"] for cell in self.cells("signed")], ["measured"])
        said = self.run_in("$B --probe-type kprobe-stepped --load-module --output /keep/plain; [ $? = 4 ] && "
                           "$B --probe-type kprobe-stepped --load-module --sign /keep/key.pem --output /keep/foreign; "
                           "[ $? = 4 ]", "--append", "module.sig_enforce=1")
        self.assertIn("this kernel takes only modules that are signed by a key it trusts", said)
        self.assertIn("--sign KEY", said)
        self.assertIn("the key of --sign is none", said)

    def test_hidden_addresses_are_no_lack_of_functions(self):
        said = self.run_in("echo 2 >/proc/sys/kernel/kptr_restrict; "
                           "$B --probe-type raw-tp,bpf-tp --rounds 3 --output /keep/hidden; [ $? = 4 ]")
        self.assertNotIn("has no function", said)
        self.assertIn("kernel.kptr_restrict is 2", said)


@unittest.skipUnless(os.environ.get("CI_MACHINE") == "yes", "CI_MACHINE is not yes")
class OverSsh(unittest.TestCase):
    """That machine, measured from here: its sshd on a loopback port."""
    LOCK = "machine"
    LABEL = "nightly"
    SERVER = """
mkdir -p /run/sshd /root/.ssh
install -m 600 /keep/key.pub /root/.ssh/authorized_keys
cp /etc/ssh/ssh_host_ed25519_key.pub /keep/host.pub.part && mv /keep/host.pub.part /keep/host.pub
/usr/sbin/sshd -D -e >/keep/sshd.log 2>&1 &
until [ -e /keep/done ]; do sleep 1; done
"""

    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.keep = pathlib.Path(kept.name)
        cls.key = cls.keep / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", cls.key], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        command = [ROOT / "ci/machine", "run", "--deadline", str(3 * DEADLINE_S), "--forward", f"{cls.port}:22",
                   "--keep", cls.keep, "--", cls.SERVER]
        cls.machine = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        cls.addClassCleanup(cls.end)
        cls.wait_for(lambda: (cls.keep / "host.pub").exists(), "the machine is up")
        cls.client = cls.keep / "client"
        cls.client.mkdir()
        known = cls.client / "known_hosts"
        known.write_text("machine " + (cls.keep / "host.pub").read_text())
        config = cls.client / "config"
        config.write_text(f"Host machine\n HostName 127.0.0.1\n HostKeyAlias machine\n Port {cls.port}\n User root\n"
                          f" IdentityFile {cls.key}\n IdentitiesOnly yes\n UserKnownHostsFile {known}\n"
                          "Host stranger\n HostName 127.0.0.1\n HostKeyAlias stranger\n"
                          f" Port {cls.port}\n User root\n UserKnownHostsFile {known}\n"
                          "Host keyless\n HostName 127.0.0.1\n HostKeyAlias machine\n IdentitiesOnly yes\n"
                          f" Port {cls.port}\n User root\n IdentityFile /none\n UserKnownHostsFile {known}\n")
        # OpenSSH's own file is that of the user who runs this.
        ssh = cls.client / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
        ssh.chmod(0o755)
        cls.environment = dict(os.environ, PATH=f"{cls.client}:{os.environ['PATH']}", PROBEBENCH_ROOT=str(ROOT))
        cls.wait_for(lambda: cls.there("true").returncode == 0, "its sshd answers")

    @classmethod
    def end(cls):
        (cls.keep / "done").touch()
        cls.machine.communicate(timeout=PATIENCE_S)

    @classmethod
    def wait_for(cls, over, what):
        deadline = time.monotonic() + PATIENCE_S
        while not over():
            if cls.machine.poll() is not None:
                raise AssertionError(f"{what}: no, the machine ended: {cls.machine.stdout.read()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not in time")
            time.sleep(0.2)

    @classmethod
    def there(cls, command):
        return subprocess.run(["ssh", "-o", "BatchMode=yes", "machine", command], env=cls.environment, text=True,
                              capture_output=True, check=False, timeout=PATIENCE_S)

    def start(self, host, name, *options):
        command = [BUILD / "bin" / "probebench", "--target", f"ssh:{host}", "--quiet", "--deadline", "600", "--output",
                   self.keep / name, *options]
        return subprocess.Popen(command, env=self.environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def results(self, name):
        return json.loads((self.keep / name / "results.json").read_text())

    def nothing_is_left(self):
        left = ("ls -d /sys/module/probebench /tmp/probebench.* 2>/dev/null; cat /sys/kernel/debug/kprobes/list; "
                "grep probebench /sys/kernel/tracing/dynamic_events; pgrep probebench")
        self.wait_for(lambda: self.there(left).stdout == "", "nothing is left there")

    def test_a_run_equals_the_native_one_there(self):
        arguments = ("--probe-type", "all", "--load-module", "--rounds", "3")
        run = self.start("machine", "other", *arguments)
        stdout, stderr = run.communicate(timeout=PATIENCE_S)
        self.assertEqual(run.returncode, 0, stdout + stderr)
        self.nothing_is_left()
        native = (f"PROBEBENCH_ROOT={ROOT} {BUILD}/bin/probebench --target native --quiet --output /keep/native "
                  f"{' '.join(arguments)} && chmod -R a+r /keep/native")
        here = self.there(native)
        self.assertEqual(here.returncode, 0, here.stdout + here.stderr)

        def rows(name):
            return [(cell["name"], cell["status"], cell["evidence"]["state"], cell["hits"] is not None)
                    for cell in self.results(name)["cells"]]
        self.assertEqual(rows("other"), rows("native"))
        self.assertGreater(sum(row[1] == "measured" for row in rows("other")), 30)
        self.assertEqual(self.results("other")["targets"][0]["id"], self.results("native")["targets"][0]["id"])

    def test_a_connection_that_is_cut_costs_the_cell_in_flight(self):
        run = self.start("machine", "cut", "--probe-type", "kprobe-stepped,kprobe-optimized,kprobe-ftrace", "--rounds",
                         "3000", "--load-module")
        results = self.keep / "cut" / "results.json"
        self.wait_for(lambda: run.poll() is not None or results.exists() and self.results("cut")["cells"], "a cell")
        for task in pathlib.Path(f"/proc/{run.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
        stdout, stderr = run.communicate(timeout=PATIENCE_S)
        self.assertEqual(run.returncode, 1, stdout + stderr)
        self.assertIn("the connection was lost: machine", stderr)
        cells = self.results("cut")["cells"]
        self.assertTrue(cells)
        self.assertLess(len(cells), 3)
        self.assertIn(cells[0]["status"], ("measured", "skipped"))
        self.nothing_is_left()

    def test_a_refusal_is_one_line(self):
        for host, said in (("stranger", "its host key is not known"), ("keyless", "it takes none of your keys")):
            run = self.start(host, host, "--probe-type", "raw-tp")
            _, stderr = run.communicate(timeout=PATIENCE_S)
            self.assertEqual(run.returncode, 69, stderr)
            self.assertIn(f"reach {host} by ssh: {said}", stderr)
            self.assertEqual(len(stderr.strip().splitlines()), 1, stderr)


if __name__ == "__main__":
    unittest.main()
