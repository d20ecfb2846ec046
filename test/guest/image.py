# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Makes the guest's initramfs: busybox, programs with their libraries, kernel modules."""

import lzma
import re
import stat
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _readelf(args, path):
    return subprocess.run(["readelf", "-W", *args, str(path)], capture_output=True, text=True,
                          check=True).stdout


def needed(path):
    return re.findall(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]", _readelf(["-d"], path))


def interpreter(path):
    found = re.search(r"interpreter: ([^\]]+)\]", _readelf(["-l"], path))
    return found.group(1) if found else None


class Image:
    """Files of the guest; writes them as a cpio archive of the format newc."""

    def __init__(self, library_dirs):
        self.library_dirs = [Path(d) for d in library_dirs]
        self.files = {}    # path in the guest -> (mode, bytes)
        for d in ("proc", "sys", "dev", "run", "tmp", "bin", "sbin", "lib", "lib64", "modules",
                  "root", "var", "etc"):
            self.files[d] = (stat.S_IFDIR | 0o755, b"")
        self.files["var/run"] = (stat.S_IFLNK | 0o777, b"/run")

    def _parents(self, name):
        for p in list(Path(name).parents)[-2::-1]:
            self.files.setdefault(str(p), (stat.S_IFDIR | 0o755, b""))

    def put(self, name, data, mode=0o755):
        name = name.lstrip("/")
        self._parents(name)
        self.files[name] = (stat.S_IFREG | mode, data if isinstance(data, bytes) else data.encode())

    def library(self, name):
        """A library and what it needs, all in /lib."""
        if f"lib/{name}" in self.files:
            return
        for d in self.library_dirs:
            if (d / name).exists():
                self.put(f"lib/{name}", (d / name).read_bytes())
                for n in needed(d / name):
                    self.library(n)
                return
        raise FileNotFoundError(f"no library {name} in {self.library_dirs}")

    def program(self, path, name=None):
        """A program, its loader and its libraries."""
        path = Path(path)
        self.put(f"bin/{name or path.name}", path.read_bytes())
        interp = interpreter(path)
        if interp:
            for n in needed(path):
                self.library(n)
            if interp.lstrip("/") not in self.files:
                loader = next(d / Path(interp).name for d in self.library_dirs
                              if (d / Path(interp).name).exists())
                self.put(interp, loader.read_bytes())

    def plugins(self, folder, names, where):
        """Plugins of EAL, in the folder where the programs look for them."""
        for n in names:
            # one copy for both the programs and EAL: two would register twice
            found = next(f for f in sorted(Path(folder).glob(f"{n}.so*"))
                         if re.search(r"\.so\.\d+$", f.name))
            self.library_dirs.append(found.parent)
            self.library(found.name)
            self._parents(f"{where}/{n}.so")
            self.files[f"{where}/{n}.so"] = (stat.S_IFLNK | 0o777, f"/lib/{found.name}".encode())

    def modules(self, folder, names):
        """Kernel modules with those they depend on, in an order in which they can be loaded."""
        index = {}
        for f in Path(folder).rglob("*.ko*"):
            index[f.name.split(".ko")[0].replace("-", "_")] = f
        order = []

        def add(name):
            name = name.replace("-", "_")
            if name in order or name not in index:
                return            # not a module: built in
            f = index[name]
            data = lzma.decompress(f.read_bytes()) if f.suffix == ".xz" else f.read_bytes()
            wants = re.search(rb"\0depends=([^\0]*)\0", data)
            for d in wants.group(1).decode().split(",") if wants else []:
                if d:
                    add(d)
            order.append(name)
            self.put(f"modules/{name}.ko", data, 0o644)
        for n in names:
            add(n)
        self.put("modules/order", "".join(f"{n}\n" for n in order), 0o644)

    def write(self, path):
        with open(path, "wb") as out:
            ino = 0
            for name in sorted(self.files):
                mode, data = self.files[name]
                ino += 1
                self._entry(out, name, mode, data, ino)
            self._entry(out, "TRAILER!!!", 0, b"", 0)

    @staticmethod
    def _entry(out, name, mode, data, ino):
        raw = name.encode() + b"\0"
        fields = (ino, mode, 0, 0, 2 if stat.S_ISDIR(mode) else 1, 0, len(data), 0, 0, 0, 0,
                  len(raw), 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + raw
        out.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))


def base(busybox, library_dirs):
    """An image that boots to /init and runs /case.sh."""
    image = Image(library_dirs)
    image.put("bin/busybox", Path(busybox).read_bytes())
    image.put("init", (HERE / "init.sh").read_bytes())
    return image
