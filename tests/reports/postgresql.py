# SPDX-License-Identifier: MIT
"""A PostgreSQL of our own: in a directory of its own, reached by its socket there alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PORT = 5432  # in the socket's name; nothing listens on a network


def programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "the package postgresql is in ci/packages"
    return found[-1].parent


class Server:
    """Runs as an unprivileged user, as it demands; that user alone may connect."""

    def __init__(self):
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.folder = Path(tempfile.mkdtemp(prefix="probebench-postgresql-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        self.folder.chmod(0o755)
        self.run("initdb", "--pgdata", self.folder / "data", "--auth", "trust", "--no-sync", "--encoding", "UTF8",
                 "--locale", "C.UTF-8")
        self.start()

    def run(self, program, *arguments):
        who = ["/usr/sbin/runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        subprocess.run([*who, programs() / program, *map(str, arguments)], cwd=self.folder, check=True, timeout=120,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def start(self):
        """It ends with this process, whatever ends that."""
        who = [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if os.geteuid() == 0 else []
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "port": PORT, "fsync": "off"}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", *who, "--pdeathsig", "QUIT", programs() / "postgres", "-D", self.folder / "data",
                 *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        ready = [programs() / "pg_isready", "--quiet", "--host", self.folder, "--port", str(PORT)]
        end = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def stop(self, mode="fast"):
        self.run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode, "--pgdata", self.folder / "data")
        self.process.wait(60)

    def database(self, name):
        """A new one; the URL of it."""
        self.run("createdb", "--host", self.folder, "--port", PORT, name)
        return self.url(name)

    def url(self, name):
        return f"postgresql:///{name}?host={self.folder}&user={self.user}&port={PORT}"

    def end(self):
        self.stop("immediate")
        shutil.rmtree(self.folder)
