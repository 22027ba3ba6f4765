# SPDX-License-Identifier: MIT
"""A PostgreSQL of our own: in a directory of its own, reached by its socket there alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
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
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c port={PORT} -c fsync=off"
        self.run("pg_ctl", "start", "--wait", "--silent", "--pgdata", self.folder / "data", "--log",
                 self.folder / "log", "--options", options)

    def stop(self, mode="fast"):
        self.run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode, "--pgdata", self.folder / "data")

    def database(self, name):
        """A new one; the URL of it."""
        self.run("createdb", "--host", self.folder, "--port", PORT, name)
        return self.url(name)

    def url(self, name):
        return f"postgresql:///{name}?host={self.folder}&user={self.user}&port={PORT}"

    def end(self):
        self.stop("immediate")
        shutil.rmtree(self.folder)
