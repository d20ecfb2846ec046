# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The distribution's own secondary processes beside its dpdk-testpmd, whose mbufs lie on pages.

A mempool names its ops by an index that each process counts for itself. dpdk-testpmd is linked
with a library of mempool ops that the others are not linked with: whoever wants the same
numbers in all of them gives -d the same list, with what one of them is linked with in front.
"""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import HANG, run
from frames import read_pcap
from session import Program


@pytest.fixture(scope="module")
def hugetlbfs():
    """Memory files that other processes can open, at a place of our own."""
    d = tempfile.mkdtemp(dir="/run", prefix="ppool-huge-")
    mounted = subprocess.run(["mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", d],
                             capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        os.rmdir(d)
        pytest.skip(f"no hugetlbfs can be mounted here: {mounted.stderr}")
    yield d
    subprocess.run(["umount", d], check=True)
    os.rmdir(d)


def linked_ops():
    """The libraries of mempool ops that dpdk-testpmd is linked with."""
    exe = subprocess.run(["which", "dpdk-testpmd"], capture_output=True, text=True, check=True)
    libs = subprocess.run(["ldd", exe.stdout.strip()], capture_output=True, text=True, check=True)
    return sorted(set(re.findall(r"librte_mempool_\w+\.so\.\d+", libs.stdout)))


class System:
    """A primary process and the arguments that others need to join it."""

    def __init__(self, library, hugetlbfs):
        self.library = library
        self.prefix = f"ppool-test-{os.getpid()}"
        self.base = [f"--file-prefix={self.prefix}", f"--huge-dir={hugetlbfs}", "--no-pci"]
        self.aligned = [a for lib in linked_ops() for a in ("-d", lib)]
        self.vdevs = ["--vdev=net_null0,size=80", "--vdev=net_null1,no-rx=1"]

    def testpmd(self):
        return Program(["dpdk-testpmd", *self.base, "-m", 256, "-l", "0,1", *self.aligned,
                        "-d", self.library, "--mbuf-pool-ops-name=ppool", *self.vdevs, "--", "-i",
                        "--total-num-mbufs=4096"])

    def secondary(self, name, *options, load=True, align=True, extra=()):
        return ["stdbuf", "-oL", name, *self.base, *(self.aligned if align else ()),
                *(("-d", self.library) if load else ()), *extra, "--", *options]


@pytest.fixture
def system(library, hugetlbfs):
    s = System(library, hugetlbfs)
    yield s
    for f in Path("/var/run/dpdk").glob(f"{s.prefix}/*"):
        f.unlink()
    for f in Path(hugetlbfs).iterdir():
        f.unlink()


@pytest.fixture
def seen():
    """A file whose path is short: a device's arguments are cut on their way to the primary."""
    with tempfile.TemporaryDirectory(dir="/run", prefix="pp") as d:
        yield Path(d) / "seen.pcap"


def forward(p):
    """Frames from one port to the other, from now on."""
    p.wait_for(r"^testpmd> ", ask="")
    p.say("start")
    p.wait_for(r"TX-packets: \d{4,}\s", ask="show port stats 1")


def stop(p):
    p.say("stop")
    p.wait_for(r"TX-packets: (\d{4,})\s(?s:.*)TX-packets: \1\s", ask="show port stats 1")


def grows(path):
    end = time.monotonic() + HANG
    while not path.exists() or path.stat().st_size < 100000:
        assert time.monotonic() < end, f"{path} does not grow"
        time.sleep(0.05)


def check_end(p, complaints=()):
    status, out = p.end("quit")
    assert status == 0, out[-5000:]
    lines = [line for line in out.splitlines() if "PPOOL" in line]
    assert len(lines) == len(complaints), lines
    for line, want in zip(lines, complaints):
        assert want in line


def test_proc_info_tells_the_truth(system):
    with system.testpmd() as p:
        forward(p)
        stop(p)
        status, out = run(system.secondary("dpdk-proc-info", "--show-mempool=mb_pool_0"))
        assert status == 0, out[-3000:]
        assert re.search(r"ops_name ppool$", out, re.M), out[-3000:]
        assert "Count: avail (4096), in use (0)" in out, out[-3000:]
        status, out = run(system.secondary("dpdk-proc-info", "--stats"))
        assert status == 0, out[-3000:]
        assert re.search(r"RX-packets:\s+\d{4,}\s", out), out[-3000:]
        # One that does not touch the pools need not know them.
        status, out = run(system.secondary("dpdk-proc-info", "--stats", load=False))
        assert status == 0, out[-3000:]
        check_end(p)


@pytest.mark.parametrize("own", [(), ("--mbuf-pool-ops-name=ppool",)],
                         ids=["pool of the ring's ops", "pool on pages, made by the secondary"])
def test_pdump_sees_frames(system, seen, own):
    """The primary copies into mbufs of the secondary's pool, the secondary frees them."""
    with system.testpmd() as p:
        forward(p)
        with Program(system.secondary("dpdk-pdump", "--pdump",
                                      f"port=0,queue=*,rx-dev={seen}",
                                      extra=own)) as dump:
            dump.wait_for(r"core \(\d+\), capture for")
            grows(seen)
            stop(p)
            dump.interrupt()
            status, out = dump.end()
            assert status == 0, out[-3000:]
            assert "PPOOL" not in out, out[-3000:]
        # What was in its ring when it was interrupted it writes, but does not count.
        count = int(re.search(r"packets dequeued:\s+(\d+)", out)[1])
        assert count > 100
        assert re.search(rf"packets transmitted to vdev:\s+{count}\s", out), out[-3000:]
        frames = read_pcap(seen)
        assert count <= len(frames) <= count + 16384 and all(len(f) == 80 for f in frames)
        check_end(p)
