"""Programs that need a newer glibc than the machine's: they run through the loader of a newer Debian's packages."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import harness

SUITE = "trixie"  # Debian 13, with glibc 2.41
PACKAGES = ["libc6", "libgcc-s1"]
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def loader(minimum):
    """What to start a program through, so that it finds a glibc of that version, such as "2.39": nothing, or a loader.

    The packages come from the mirror that the machine's own apt is set up with, and are unpacked below target/: nothing
    is installed, and no setting of the machine changes.
    """
    name, version = platform.libc_ver()
    if name == "glibc" and _parts(version) >= _parts(minimum):
        return []
    root = harness.TARGET / f"debian-{SUITE}"
    if not (root / "complete").exists():
        for program in ["apt-get", "dpkg"]:
            if not shutil.which(program):
                lacks = f"glibc {minimum} is needed, this machine has {version}, and there is no {program}"
                raise harness.Absent(lacks)
        shutil.rmtree(root, ignore_errors=True)
        print(f"unpacking {', '.join(PACKAGES)} of {SUITE} below {root.relative_to(harness.ROOT)}/", flush=True)
        _unpack(root)
    (interpreter,) = [*root.glob("usr/lib64/ld-linux-*"), *root.glob("usr/lib/ld-linux-*")][:1]
    (libraries,) = [path.parent for path in root.glob("usr/lib/*/libc.so.6")]
    return [interpreter, "--library-path", libraries]


def _unpack(root):
    for folder in ["apt/lists/partial", "apt/cache/archives/partial", "debs"]:
        (root / folder).mkdir(parents=True)
    (root / "apt/status").touch()
    (root / "apt/sources.list").write_text(f"deb [signed-by={KEYS}] {_mirror()} {SUITE} main\n")
    (root / "apt/apt.conf").write_text(f'''
        Dir::Etc::sourcelist "{root}/apt/sources.list";
        Dir::Etc::sourceparts "-";
        Dir::State::lists "{root}/apt/lists";
        Dir::State::status "{root}/apt/status";
        Dir::Cache "{root}/apt/cache";
        Acquire::Languages "none";
        Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
        APT::Sandbox::User "";
    ''')
    environment = os.environ | {"APT_CONFIG": str(root / "apt/apt.conf"), "LC_ALL": "C"}
    _run(["apt-get", "-q", "update", "--error-on=any"], root, environment)
    _run(["apt-get", "-q", "download", *PACKAGES], root / "debs", environment)
    for package in (root / "debs").iterdir():
        _run(["dpkg", "-x", package, root], root, environment)
    (root / "complete").touch()


def _mirror():
    """Where the machine's apt has Debian's packages from."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Component: main", "Label: Debian"],
        capture_output=True, text=True,
    )
    sites = listing.stdout.split()
    if not sites or not KEYS.is_file():
        raise harness.Absent("apt has no mirror of Debian to take a newer glibc from; 'apt-get update' may be due")
    return sites[0]


def _run(command, folder, environment):
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if ended.returncode:
        raise harness.Absent(f"Debian's {SUITE} cannot be had: {harness.last_line(ended.stderr)}")


def _parts(version):
    return [int(part) for part in version.split(".")]
