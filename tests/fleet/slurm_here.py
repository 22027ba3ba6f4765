# SPDX-License-Identifier: MIT
"""A real Slurm on this machine: munged, slurmctld and a slurmd for each of some nodes, in a folder, on loopback. What
it starts it ends, by process id."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

CONF = """\
ClusterName=here
SlurmctldHost=localhost
SlurmctldPort={port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,nohold_on_prolog_fail
{accounting}
JobRequeue=1
ReturnToService=2
SlurmdTimeout=10
SlurmctldTimeout=10
MessageTimeout=100
KillWait=2
InactiveLimit=0
SlurmdParameters=config_overrides
{more}
NodeName=n[1-{nodes}] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs={cpus} {node}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count):
    """So many in a row, and not those of a test that began beside this one."""
    for first in range(20000 + 16 * os.getpid() % 20000, 60000, count):
        held = []
        try:
            for port in range(first, first + count):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError("no free ports")


class SlurmHere:
    more_ports = 0  # of whoever accounts
    accounting = "JobCompType=jobcomp/filetxt\nJobCompLoc={folder}/jobcomp"

    def __init__(self, folder, nodes=3, cpus=1, more="", node=""):
        self.folder, self.nodes = Path(folder), [f"n{number}" for number in range(1, nodes + 1)]
        self.folder.chmod(0o755)
        (self.folder / "state").mkdir()
        for name in self.nodes:
            (self.folder / name / "spool").mkdir(parents=True)
        port = free_ports(nodes + 1 + self.more_ports)
        self.ports = range(port + nodes + 1, port + nodes + 1 + self.more_ports)
        self.conf = self.folder / "slurm.conf"
        self.conf.write_text(CONF.format(folder=self.folder, port=port, nodes=nodes, first=port + 1, last=port + nodes,
                                         cpus=cpus, more=more, node=node, user="root",
                                         accounting=self.accounting.format(folder=self.folder, ports=self.ports)))
        self.running = {}
        self.environment = {**os.environ, "SLURM_CONF": str(self.conf)}

    def start(self, name, *command):
        """It ends with this thread, whatever ends that."""
        with open(self.folder / f"{name}.out", "ab") as log:
            self.running[name] = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], env=self.environment,
                                                  stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def __enter__(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        at = self.folder
        try:
            self.start("munged", "munged", "--foreground", "--force", f"--key-file={key}",
                       f"--socket={at}/munge.socket",
                       *(f"--{what}-file={at}/munged.{what}" for what in ("pid", "log", "seed")))
            self.wait_for("munged", lambda: (at / "munge.socket").exists())
            self.start_accounting()
            self.start_controller()
            for name in self.nodes:
                self.start_node(name)
            self.wait_for("nodes", lambda: self.states() == {name: "idle" for name in self.nodes})
        except BaseException:
            self.stop()
            raise
        return self

    def start_accounting(self):
        """Before the controller, which asks for it. A file needs nobody."""

    def start_controller(self):
        self.start("slurmctld", "slurmctld", "-D", "-i", "-f", str(self.conf))
        self.wait_for("slurmctld", lambda: self.ask("scontrol", "ping").returncode == 0)

    def start_node(self, name):
        self.start(name, "slurmd", "-D", "-N", name, "-f", str(self.conf))

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if "slurmctld" in self.running:
            self.ask("scancel", "--user=root")
            end = time.monotonic() + 15  # a node that is ended before its jobs leaves them behind
            while self.ask("squeue", "--noheader").stdout and time.monotonic() < end:
                time.sleep(0.2)
        for name in reversed(list(self.running)):
            self.end(name)

    def end(self, name, how=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def ask(self, *command, **more):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=120,
                              **more)

    def states(self):
        lines = self.ask("sinfo", "--noheader", "--Node", "--format=%N %T").stdout.split()
        return dict(zip(lines[::2], lines[1::2]))

    def wait_for(self, what, holds, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            dead = [name for name, process in self.running.items() if process.poll() is not None]
            if dead or time.monotonic() > end:
                logs = "".join(f"{log}:\n{log.read_text()[-2000:]}\n" for log in sorted(self.folder.glob("*.log")))
                raise TimeoutError(f"{what}: not within {seconds} s; {dead} ended; {self.states()}\n{logs}")
            time.sleep(0.2)
