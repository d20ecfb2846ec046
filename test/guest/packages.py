# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Programs of other Debian releases, unpacked beside the system and not installed into it.

A private apt state directory knows the suites; packages are downloaded with what they
depend on and unpacked into a folder of the cache. Everything is kept between runs.
"""

import fcntl
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

MIRROR = os.environ.get("PPOOL_GUEST_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = ("bookworm", "trixie", "trixie-backports")
DOWNLOAD_S = 900


class Unavailable(Exception):
    """What a case needs cannot be had here; the case counts as skipped."""


def cache_dir():
    base = os.environ.get("PPOOL_GUEST_CACHE")
    path = Path(base) if base else Path.home() / ".cache" / "ppool-guest"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _run(args, why, timeout=DOWNLOAD_S, **kw):
    try:
        done = subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=timeout, check=False, **kw)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise Unavailable(f"{why}: {e}") from e
    if done.returncode != 0:
        last = [line for line in done.stdout.splitlines() if line.strip()][-2:]
        raise Unavailable(f"{why}: {' '.join(last)}")
    return done.stdout


class Apt:
    """apt with a state of its own, for one architecture of packages."""

    def __init__(self, arch):
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is not here: no Debian")
        self.arch = arch
        self.dir = cache_dir() / f"apt-{arch}"
        self.archives = self.dir / "cache/archives"
        self.stamp = self.dir / "updated"

    def _options(self):
        d = self.dir
        pairs = {
            "Dir::State": d / "state", "Dir::State::status": d / "status",
            "Dir::Cache": d / "cache", "Dir::Etc::sourcelist": d / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null", "APT::Architecture": self.arch,
            "APT::Architectures": self.arch, "APT::Sandbox::User": "root",
            "Acquire::Languages": "none", "Acquire::Retries": "2",
            "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
            "Binary::apt-get::APT::Keep-Downloaded-Packages": "true",
            "APT::Keep-Downloaded-Packages": "true", "DPkg::Post-Invoke": "",
            "APT::Update::Post-Invoke": "", "Debug::NoLocking": "true",
        }
        return [x for k, v in pairs.items() for x in ("-o", f"{k}={v}")]

    def update(self):
        if self.stamp.exists():
            return
        for sub in ("state/lists/partial", "cache/archives/partial"):
            (self.dir / sub).mkdir(parents=True, exist_ok=True)
        (self.dir / "status").touch()
        (self.dir / "sources.list").write_text("".join(
            f"deb [signed-by={KEYRING}] {MIRROR} {s} main\n" for s in SUITES))
        _run(["apt-get", *self._options(), "-q", "--error-on=any", "update"],
             "the package lists cannot be had")
        self.stamp.touch()

    def depends(self, package, suite):
        """Names of what a package depends on directly."""
        out = _run(["apt-cache", *self._options(), "show", f"{package}/{suite}"],
                   f"no package {package}")
        line = re.search(r"^Depends: (.*)$", out, re.M)
        return [d.split()[0] for d in line.group(1).split(",")] if line else []

    def download(self, packages, suite, with_depends=True):
        """The package files, with all that the packages need."""
        self.update()
        if not with_depends:
            files = []
            for p in packages:
                before = set(self.archives.glob(f"{p}_*.deb"))
                if not before:
                    _run(["apt-get", *self._options(), "-q", "download", f"{p}/{suite}"],
                         f"{p} cannot be downloaded", cwd=self.archives)
                files += self.archives.glob(f"{p}_*.deb")
            return files
        args = ["apt-get", *self._options(), "-q", "-y", "--no-install-recommends",
                "-t", suite, "install"]
        uris = _run([*args, "--print-uris", *packages], f"{' '.join(packages)} not to be had")
        names = re.findall(r"^'[^']*' (\S+\.deb) ", uris, re.M)
        _run([*args, "--download-only", *packages],
             f"{' '.join(packages)} cannot be downloaded")
        return sorted(set(self.archives / n for n in names) |
                      {f for p in packages for f in self.archives.glob(f"{p}_*.deb")})


def unpacked(name, arch, packages, suite, with_depends=True, resolve=None):
    """A folder of the cache with the packages unpacked. @resolve: names what to fetch, from
    the packages that stand for it."""
    root = cache_dir() / name
    done = root / ".complete"
    with open(cache_dir() / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(root, ignore_errors=True)
            _unpack(root, Apt(arch), packages, suite, with_depends, resolve)
            done.touch()
    return root


def _unpack(root, apt, packages, suite, with_depends, resolve):
    apt.update()
    try:
        files = apt.download(resolve(apt) if resolve else packages, suite, with_depends)
    except Unavailable:
        # the lists may be older than what the mirror has now
        apt.stamp.unlink(missing_ok=True)
        apt.update()
        files = apt.download(resolve(apt) if resolve else packages, suite, with_depends)
    if not files:
        raise Unavailable(f"{root.name}: nothing was downloaded")
    root.mkdir(parents=True)
    for f in files:
        # shipped as usr-merged or not: unpack through the links of a merged system
        _run(["dpkg-deb", "-x", f, root], f"{f.name} cannot be unpacked")
        _merge(root)
    for f in files:
        f.unlink()


def _merge(root):
    """Folders of an unmerged package go where the merged ones are."""
    for d in ("bin", "sbin", "lib", "lib64"):
        src, dst = root / d, root / "usr" / d
        if src.is_symlink() or not src.exists():
            continue
        shutil.copytree(src, dst, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(src)


def qemu(machine):
    """QEMU that has the vfio-user client. @machine: x86 or arm."""
    if platform.machine() != "x86_64":
        raise Unavailable("the machines are run by a QEMU for x86-64 hosts")
    root = unpacked(f"qemu-{machine}", "amd64", [f"qemu-system-{machine}"], "trixie-backports")
    binary = {"x86": "qemu-system-x86_64", "arm": "qemu-system-aarch64"}[machine]
    lib = root / "usr/lib/x86_64-linux-gnu"
    paths = f"{lib}:{lib}/pulseaudio"
    return [str(lib / "ld-linux-x86-64.so.2"), "--library-path", paths,
            str(root / "usr/bin" / binary), "-L", str(root / "usr/share/qemu"),
            "-L", str(root / "usr/share/seabios"), "-L", str(root / "usr/lib/ipxe/qemu")]


def kernel(arch):
    """(kernel image, folder of its modules) of Debian 13."""
    def resolve(apt):
        return [d for d in apt.depends(f"linux-image-{arch}", "trixie")
                if d.startswith("linux-image-")]
    root = unpacked(f"kernel-{arch}", arch, [], "trixie", with_depends=False, resolve=resolve)
    image = next(iter(root.glob("boot/vmlinuz-*")), None)
    modules = next(iter(root.glob("usr/lib/modules/*")), None)
    if image is None or modules is None:
        raise Unavailable(f"no kernel in {root}")
    return image, modules


def busybox(arch):
    root = unpacked(f"busybox-{arch}", arch, ["busybox-static"], "trixie", with_depends=False)
    for p in ("usr/bin/busybox", "bin/busybox"):
        if (root / p).exists():
            return root / p
    raise Unavailable(f"no busybox in {root}")


def tools(arch):
    """Programs of Debian 13 that configure and measure network interfaces, with libraries."""
    return unpacked(f"tools-{arch}", arch, ["ethtool", "iperf3", "iproute2", "iputils-ping"],
                    "trixie")
