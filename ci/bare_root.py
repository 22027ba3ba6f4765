# SPDX-License-Identifier: MIT
"""A bare root of a Debian suite: made once by debootstrap, unpacked anew for each use, entered without traces."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What a login shell of the root would have, and nothing of this machine's.
ENVIRONMENT = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
# $1: the root, $2: where the command begins. Mounted in a namespace of its own, so that nothing stays behind.
ENTER = """set -e
mount --make-rprivate /
mount --bind "$1" "$1"  # a root of a tree of mounts, as every machine has: the agent makes its own private
for place in sys dev; do mount --rbind "/$place" "$1/$place"; done
mount -t proc proc "$1/proc"  # of the processes that are seen here
root=$1; shift
exec chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$@"
"""


def cache():
    """The project's cache, as the host's programs find it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "probebench"


def why_impossible():
    """Why no root can be made or entered here; empty: it can."""
    if os.geteuid() != 0:
        return "a root directory is made and entered by root only; run it as root"
    if not shutil.which("debootstrap"):
        return "debootstrap is missing; run: apt-get install debootstrap"
    return ""


def archive_of(suite):
    """The bare root of the suite as an archive, made once."""
    archive = cache() / "roots" / f"{suite}.tar"
    if archive.exists():
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as made:
        print(f"{Path(sys.argv[0]).name}: making a bare root of {suite}", file=sys.stderr)
        subprocess.run(["debootstrap", "--variant=minbase", suite, f"{made}/root"], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "--numeric-owner", "-cf", f"{made}/tar", "-C", f"{made}/root", "."], check=True)
        os.replace(f"{made}/tar", archive)
    return archive


def transport():
    """How apt reaches the mirror from here: proxies, and whether an old mirror will do. Nothing about trust."""
    dump = subprocess.run(["apt-config", "dump", "Acquire"], text=True, check=True, stdout=subprocess.PIPE).stdout
    kept = ("Acquire::http", "Acquire::Check-Valid-Until", "Acquire::Retries")
    return "".join(line + "\n" for line in dump.splitlines() if line.startswith(kept))


def unpack(suite, root):
    """A root of the suite in the directory that it names, able to reach the mirror."""
    root.mkdir()
    subprocess.run(["tar", "--numeric-owner", "-xf", archive_of(suite), "-C", root], check=True)
    shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "etc/apt/apt.conf.d/90this-machine").write_text(transport())


def enter(root, place, command, **how):
    """Runs the command in the root, from that place; it and all that it started end with us."""
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh", root,
                           place, *command], env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False, **how)
