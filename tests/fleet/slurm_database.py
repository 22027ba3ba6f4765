# SPDX-License-Identifier: MIT
"""A Slurm that accounts as large ones do: a slurmdbd on a MariaDB of its own, in the same folder, on loopback."""

import subprocess

from slurm_here import SlurmHere

CONF = """\
DbdHost=localhost
DbdPort={dbd}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={sql}
StorageUser=root
StorageLoc=slurm
"""


class SlurmWithDatabase(SlurmHere):
    more_ports = 2
    accounting = ("AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageHost=localhost\n"
                  "AccountingStoragePort={ports[0]}\nAccountingStoragePass={folder}/munge.socket\n"
                  "JobCompType=jobcomp/none")

    def start_accounting(self):
        data, conf = self.folder / "mariadb", self.folder / "slurmdbd.conf"
        made = subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root",
                               "--auth-root-authentication-method=normal", "--skip-test-db"], capture_output=True,
                              text=True, check=False, timeout=300)
        assert made.returncode == 0, made.stdout + made.stderr
        self.start("mariadbd", "mariadbd", "--no-defaults", f"--datadir={data}", "--user=root",
                   f"--socket={self.folder}/mariadb.socket", "--bind-address=127.0.0.1", f"--port={self.ports[1]}",
                   "--innodb-flush-log-at-trx-commit=0", f"--log-error={self.folder}/mariadb.log")
        self.wait_for("mariadbd", (self.folder / "mariadb.socket").exists)
        conf.write_text(CONF.format(folder=self.folder, dbd=self.ports[0], sql=self.ports[1]))
        conf.chmod(0o600)  # or it is refused
        self.start("slurmdbd", "slurmdbd", "-D")
        self.wait_for("slurmdbd", lambda: self.ask("sacctmgr", "--immediate", "add", "cluster", "here").returncode == 0)
