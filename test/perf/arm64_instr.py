#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Counts AArch64 instructions per packet on any machine: pmd_perf of an arm64 build, run by
qemu-user, with the measured calls executed one instruction after the other.

usage: arm64_instr.py [--cpu MODEL] BUILD [PMD_PERF_ARGUMENTS]
e.g.   meson setup --cross-file "$(devtools/arm64-sysroot.sh)" build-arm64
       ninja -C build-arm64
       test/perf/arm64_instr.py build-arm64
       test/perf/arm64_instr.py build-arm64 --profile --only ours -w fwd

Without further arguments: the workloads that the two targets need.
With arguments, give --count (or --profile), too: cycles would be those of the emulator.

How: the emulator is told to execute single instructions and to log where each of them is. This
program reads the log, and counts what stands between the two places that pmd_perf names.
What the addresses will be is found out by a run before, of which nothing is logged.
"""

import argparse
import collections
import fcntl
import functools
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEFAULTS = ["--count", "--targets", "-w", "fwd", "-w", "txonly,csum=2"]
# A Kunpeng 920's cores have the atomic instructions of Armv8.1 and no SVE; so has this one.
CPU = "neoverse-n1"
ENV = "PMD_PERF_STEPPED"  # as in pmd_perf_step.h
# What is logged: the code of these files, and of the C library and the dynamic linker, which are busy
# before, only what may be called in the datapath: the functions that the program names with its own
# areas, and how thread-local variables are found (LDR X0, [X0, #8]; RET and what is behind). That nothing
# else is executed while it counts is checked.
LOOKED_AT = re.compile(r"ppool|hns3_pmd|net_hns3|mempool|rte_mbuf|rte_ethdev")
TLS = re.compile(b"\x00\x04\x40\xf9\xc0\x03\x5f\xd6")
FUNCTION = 512
PIPE = 1 << 20
# Of each instruction: "Trace CPU: TB [CS_BASE/PC/FLAGS/CFLAGS] SYMBOL"
TRACE = re.compile(rb"Trace (\d+): \S+ \[[0-9a-f]+/([0-9a-f]+)/")


class Code:
    """Where code is, as the program says it: first and last place, areas of interest, executable maps."""

    def __init__(self, text):
        lines = text.decode().split("\n")
        self.first, self.last, start, end, *functions = (int(x, 16) for x in lines[0].split())
        self.areas = [(start, end), *((f, f + FUNCTION) for f in functions)]
        self.maps = []  # (from, to, offset in the file, file)
        for line in lines:
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) ..x. ([0-9a-f]+) \S+ \S+\s*(/.*)$", line)
            if m:
                self.maps.append((*(int(x, 16) for x in m.groups()[:3]), m[4]))

    def ranges(self):
        out = self.areas[:]
        for start, end, offset, file in self.maps:
            name = os.path.basename(file)
            if LOOKED_AT.search(name):
                out.append((start, end))
            elif name.startswith("ld-linux"):
                text = self.text(file, offset, end - start)
                out += [(start + m.start(), start + m.start() + FUNCTION)
                        for m in TLS.finditer(text) if m.start() % 4 == 0]
        return ",".join(f"{a:#x}..{b - 1:#x}" for a, b in out)

    def text(self, file, offset, size):
        with open(file, "rb") as f:
            f.seek(offset)
            return f.read(size)

    def name(self, pc):
        for start, end, offset, file in self.maps:
            if start <= pc < end:
                return f"{file}+{pc - start + offset:#x}"
        return f"{pc:#x}"

    @functools.lru_cache(maxsize=None)
    def word(self, pc):
        """The instruction there."""
        for start, end, offset, file in self.maps:
            if start <= pc < end:
                return int.from_bytes(self.text(file, pc - start + offset, 4), "little")
        return 0

    def calls(self, pc):
        """BL or BLR."""
        word = self.word(pc)
        return word >> 26 == 0x25 or word & 0xfffffc1f == 0xd63f0000

    def follows(self, pc, to, returns):
        """Can the instruction at @p to be the one after that at @p pc? If not, something was executed
        between them that was not logged. returns: addresses behind the calls that were made.
        """
        word = self.word(pc)
        op = word >> 24

        def target(shift, bits):
            n = word >> shift & (1 << bits) - 1
            return pc + 4 * (n - (n >> bits - 1 << bits))

        if op & 0x7c == 0x14:  # B, BL
            return to == target(0, 26)
        if op & 0x7e in (0x34, 0x54):  # CBZ, CBNZ, B.cond
            return to in (pc + 4, target(5, 19))
        if op & 0x7e == 0x36:  # TBZ, TBNZ
            return to in (pc + 4, target(5, 14))
        if word & 0xfffffc1f == 0xd65f0000:  # RET
            return True
        if word & 0xffdffc1f == 0xd61f0000:  # BR, BLR
            return to != pc + 4 and to not in returns
        return to == pc + 4


def hello(sock, log=None):
    """What the program says when it has begun; what is logged until then does not matter."""
    text = b""
    while not text.endswith(b"\nend\n"):
        ready = select.select([sock, *([log] if log else [])], [], [])[0]
        if log in ready and not log.read(PIPE):
            ready = [sock]  # it has ended
        if sock in ready:
            more = sock.recv(1 << 16)
            if not more:
                sys.exit("arm64_instr: the program ended before it was counted")
            text += more
    return Code(text)


def places(text, code):
    """{address: times} in lines of the log between the marks, of the thread that made them."""
    lines = TRACE.findall(text)
    pcs = [int(pc, 16) for cpu, pc in lines if cpu == lines[0][0]]
    # An instruction that had to wait, as somebody interrupted the CPU, is there twice.
    pcs = [a for a, b in zip(pcs, [0, *pcs]) if a != b]
    seen = collections.Counter(pcs[1:])
    returns = {pc + 4 for pc in seen if code.calls(pc)}
    for pc, to in set(zip(pcs, [*pcs[1:], code.last])):
        if not code.follows(pc, to, returns):
            sys.exit(f"arm64_instr: at {code.name(pc)} it went to code that is not looked at")
    return seen


def follow(log, sock, code):
    """Answer each time that the program has come to the last place."""
    begin, end = b"/%016x/" % code.first, b"/%016x/" % code.last
    text = b""
    while True:
        more = log.read(PIPE)
        if not more:
            return
        if len(more) < PIPE // 4:
            time.sleep(0.002)  # or it would have us run for each line
        text += more
        while True:
            at = text.rfind(b"\n", 0, max(text.find(begin), 0)) + 1
            if begin not in text:
                text = text[-200:]
                break
            to = text.find(end, at)
            if to < 0:
                text = text[at:]
                break
            seen = places(text[at:text.rindex(b"\n", 0, to) + 1], code)
            sock.sendall(struct.pack("<QQ", sum(seen.values()), len(seen)) + b"".join(
                struct.pack("<QQ", *place) for place in seen.items()))
            text = text[to:]


def run(args, options, use):
    """A run of the program under the emulator. Its status, and what use() made of it."""
    ours, its = socket.socketpair()
    with ours, its:
        os.set_inheritable(its.fileno(), True)
        proc = subprocess.Popen([args[0], *options, *args[1:]], close_fds=False,
                                env={**os.environ, ENV: str(its.fileno())})
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, lambda *_: proc.kill())
        its.close()
        try:
            result = use(ours)
        except BaseException:
            proc.kill()
            raise
        status = proc.wait()
    return status if status >= 0 else 128 - status, result


def step(args):
    """In place of the emulator: run a program under it, and count what it wants counted."""
    def look(sock):
        code = hello(sock)
        sock.sendall(b"n")
        return code

    def count(sock):
        with open(fifo, "rb", buffering=0) as log:
            fcntl.fcntl(log, fcntl.F_SETPIPE_SZ, PIPE)
            again = hello(sock, log)
            if (again.first, again.maps) != (code.first, code.maps):
                sys.exit("arm64_instr: code was loaded to other addresses than before")
            sock.sendall(b"g")
            follow(log, sock, code)

    code = run(args, [], look)[1]
    with tempfile.TemporaryDirectory() as tmp:
        fifo = f"{tmp}/log"
        os.mkfifo(fifo)
        return run(args, ["-singlestep", "-d", "exec,nochain", "-D", fifo, "-dfilter",
                          code.ranges()], count)[0]


def emulator(build):
    """That of the cross file of arm64-sysroot.sh."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    if not (build / "test/perf/pmd_perf").exists():
        sys.exit(f"arm64_instr: no pmd_perf in {build}: is it built?")
    roots = sorted(Path(cache).glob("ppool-arm64/*/sysroot/usr/lib/aarch64-linux-gnu"))
    if not roots:
        sys.exit("arm64_instr: no sysroot; devtools/arm64-sysroot.sh makes one")
    return ["qemu-aarch64-static", "-L", str(roots[-1].parents[2])]


def main():
    if sys.argv[1:2] == ["--step"]:
        return step(sys.argv[2:])
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cpu", default=CPU, metavar="MODEL", help=f"default {CPU}")
    p.add_argument("build", type=Path)
    p.add_argument("args", nargs=argparse.REMAINDER)
    o = p.parse_args()
    qemu = [*emulator(o.build), "-cpu", o.cpu]
    words = [sys.executable, os.path.realpath(__file__), "--step", *qemu]
    if any(" " in w for w in words):
        sys.exit("arm64_instr: a path with a blank in it")
    if shutil.which(qemu[0]) is None:
        sys.exit("arm64_instr: no qemu-aarch64-static: apt-get install qemu-user-static")
    return subprocess.call([*qemu, o.build / "test/perf/pmd_perf", "--emulator", " ".join(qemu),
                            "--stepper", " ".join(words), *(o.args or DEFAULTS)])


if __name__ == "__main__":
    sys.exit(main())
