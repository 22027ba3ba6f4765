# SPDX-License-Identifier: MIT
"""Full Debian machines, measured from here: their sshd on a loopback port; see full_machine.py."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from full_machine import BUILD, DEADLINE_S, PATIENCE_S, ROOT

SERVER = """
mkdir -p /run/sshd /root/.ssh
install -m 600 /keep/key.pub /root/.ssh/authorized_keys
cp /etc/ssh/ssh_host_ed25519_key.pub /keep/host.pub.part && mv /keep/host.pub.part /keep/host.pub
/usr/sbin/sshd -D -e >/keep/sshd.log 2>&1 &
until [ -e /keep/done ]; do sleep 1; done
"""
CONFIG = """Host {name}
 HostName 127.0.0.1
 HostKeyAlias {alias}
 Port {port}
 User root
 IdentityFile {key}
 IdentitiesOnly yes
 UserKnownHostsFile {known}
"""


class Server:
    """One such machine; its directory is /keep there."""

    def __init__(self, keep, key, kernel):
        self.keep = keep
        keep.mkdir()
        (keep / "key.pub").write_bytes(key.with_suffix(".pub").read_bytes())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [ROOT / "ci/machine", "run", "--kernel", kernel, "--deadline", str(3 * DEADLINE_S), "--forward",
                   f"{self.port}:22", "--keep", keep, "--", SERVER]
        self.process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def wait_for(self, over, what):
        deadline = time.monotonic() + PATIENCE_S
        while not over():
            if self.process.poll() is not None:
                raise AssertionError(f"{what}: no, the machine ended: {self.process.stdout.read()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not in time")
            time.sleep(0.2)

    def end(self):
        (self.keep / "done").touch()
        self.process.communicate(timeout=PATIENCE_S)


@unittest.skipUnless(os.environ.get("CI_MACHINE") == "yes", "CI_MACHINE is not yes")
class Remote(unittest.TestCase):
    LOCK = "machine"
    LABEL = "nightly"
    TIMEOUT = 21600
    MACHINES = {"machine": "6.12"}  # by the name that ssh takes

    @classmethod
    def setUpClass(cls):
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.keep = pathlib.Path(kept.name)
        cls.key = cls.keep / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", cls.key], check=True)
        cls.servers = {}
        for name, kernel in cls.MACHINES.items():
            cls.servers[name] = Server(cls.keep / name, cls.key, kernel)
            cls.addClassCleanup(cls.servers[name].end)
        for server in cls.servers.values():
            server.wait_for((server.keep / "host.pub").exists, "the machine is up")
        cls.configure(cls.keep / "client")
        for name, server in cls.servers.items():
            server.wait_for(lambda: cls.there("true", name).returncode == 0, "its sshd answers")

    @classmethod
    def configure(cls, client):
        """OpenSSH's own file is that of the user who runs this."""
        client.mkdir()
        known, config, ssh = client / "known_hosts", client / "config", client / "ssh"
        known.write_text("".join(f"{name} {(server.keep / 'host.pub').read_text()}"
                                 for name, server in cls.servers.items()))
        first = next(iter(cls.servers))
        hosts = [(name, name, server.port, cls.key) for name, server in cls.servers.items()]
        hosts += [("stranger", "stranger", cls.servers[first].port, cls.key),
                  ("keyless", first, cls.servers[first].port, "/none")]
        config.write_text("".join(CONFIG.format(name=name, alias=alias, port=port, key=key, known=known)
                                  for name, alias, port, key in hosts))
        ssh.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
        ssh.chmod(0o755)
        cls.environment = dict(os.environ, PATH=f"{client}:{os.environ['PATH']}", PROBEBENCH_ROOT=str(ROOT))

    @classmethod
    def there(cls, command, name="machine"):
        return subprocess.run(["ssh", "-o", "BatchMode=yes", name, command], env=cls.environment, text=True,
                              capture_output=True, check=False, timeout=PATIENCE_S)

    def start(self, targets, name, *options):
        command = [BUILD / "bin" / "probebench", "--target", targets, "--quiet", "--deadline", "600", "--output",
                   self.keep / name, *options]
        return subprocess.Popen(command, env=self.environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def results(self, name):
        return json.loads((self.keep / name / "results.json").read_text())

    def nothing_is_left(self, name="machine"):
        left = ("ls -d /sys/module/probebench /tmp/probebench.* 2>/dev/null; cat /sys/kernel/debug/kprobes/list; "
                "grep probebench /sys/kernel/tracing/dynamic_events; pgrep probebench")
        self.servers[name].wait_for(lambda: self.there(left, name).stdout == "", "nothing is left there")


class OverSsh(Remote):
    def test_a_run_equals_the_native_one_there(self):
        arguments = ("--probe-type", "all", "--load-module", "--rounds", "3")
        run = self.start("ssh:machine", "other", *arguments)
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
        self.assertEqual(rows("other"), rows("machine/native"))
        self.assertGreater(sum(row[1] == "measured" for row in rows("other")), 30)
        self.assertEqual(self.results("other")["targets"][0]["id"], self.results("machine/native")["targets"][0]["id"])

    def test_a_connection_that_is_cut_costs_the_cell_in_flight(self):
        run = self.start("ssh:machine", "cut", "--probe-type", "kprobe-stepped,kprobe-optimized,kprobe-ftrace",
                         "--rounds", "3000", "--load-module")
        results = self.keep / "cut" / "results.json"

        def over():
            return run.poll() is not None or results.exists() and self.results("cut")["cells"]
        self.servers["machine"].wait_for(over, "a cell")
        for task in pathlib.Path(f"/proc/{run.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError):  # a thread that has ended
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
            run = self.start(f"ssh:{host}", host, "--probe-type", "raw-tp")
            _, stderr = run.communicate(timeout=PATIENCE_S)
            self.assertEqual(run.returncode, 69, stderr)
            self.assertIn(f"reach {host} by ssh: {said}", stderr)
            self.assertEqual(len(stderr.strip().splitlines()), 1, stderr)


class SeveralOverSsh(Remote):
    MACHINES = {"newer": "6.12", "older": "6.1"}

    def test_are_targets_of_one_run(self):
        run = self.start("ssh:newer,ssh:older", "both", "--probe-type", "bpf-kprobe,perf-kprobe,uprobe", "--rounds",
                         "3")
        stdout, stderr = run.communicate(timeout=PATIENCE_S)
        self.assertEqual(run.returncode, 0, stdout + stderr)
        results = self.results("both")
        self.assertEqual([target["environment"]["facts"]["kernel.release"].split(".")[:2] for target in
                          results["targets"]], [["6", "12"], ["6", "1"]])
        for target in results["targets"]:
            measured = [cell["name"] for cell in results["cells"]
                        if cell["target"] == target["id"] and cell["status"] == "measured"]
            self.assertGreater(len(measured), 1, [cell["reason"] for cell in results["cells"]])
        for name in self.MACHINES:
            self.nothing_is_left(name)

    def test_one_that_is_not_reached_is_a_column_of_its_own(self):
        run = self.start("ssh:stranger,ssh:older", "half", "--probe-type", "uprobe", "--rounds", "3")
        stdout, stderr = run.communicate(timeout=PATIENCE_S)
        self.assertEqual(run.returncode, 1, stdout + stderr)
        self.assertIn("its host key is not known", stderr)
        self.assertIn("measured", {cell["status"] for cell in self.results("half")["cells"]})


if __name__ == "__main__":
    unittest.main()
