# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The distribution's dpdk-testpmd, unmodified, on ports that know nothing of the library: its
mbufs lie on pages, because --mbuf-pool-ops-name says so."""

import re

import pytest
from conftest import eal
from frames import mixed, read_pcap, write_pcap
from session import Program

COUNT = 3000


def testpmd(library, vdevs, *options, mem=384):
    return ["dpdk-testpmd", *eal(mem=mem, extra=[
        "--no-pci", "-d", library, "--mbuf-pool-ops-name=ppool", "--log-level=lib.ppool:debug",
        *(f"--vdev={v}" for v in vdevs)]), "--", "-i", "--no-flush-rx", *options]


testpmd.__test__ = False


def check_end(status, out, pools=1):
    """All went well, on pages, and nothing was out at the end."""
    assert status == 0, out[-6000:]
    assert len(re.findall(r"PPOOL: mb_pool_\d\S*: a mempool of \d+ objects", out)) == pools, out
    complaints = [line for line in out.splitlines()
                  if "PPOOL" in line and "a mempool of" not in line]
    assert not complaints, complaints


@pytest.mark.parametrize("options", [
    (), ("--mbcache=0",), ("--mbcache=512",), ("--forward-mode=macswap",), ("--burst=1",),
    ("--forward-mode=csum", "--total-num-mbufs=2000", "--mbcache=64"),
    ("--mbuf-size=2176,9344", "--total-num-mbufs=8000"), ("--mp-alloc=xmem",),
], ids=lambda o: " ".join(o) or "default")
def test_frames_in_are_frames_out(library, tmp_path, options):
    frames = mixed(COUNT, longest=9000 if "--burst=1" not in options else 1514)
    write_pcap(tmp_path / "in.pcap", frames)
    vdevs = [f"net_pcap0,rx_pcap={tmp_path}/in.pcap,tx_pcap={tmp_path}/back.pcap",
             f"net_pcap1,rx_pcap={tmp_path}/none.pcap,tx_pcap={tmp_path}/out.pcap"]
    write_pcap(tmp_path / "none.pcap", [])
    with Program(testpmd(library, vdevs, *options)) as p:
        p.wait_for(r"^testpmd> ", ask="")
        p.say("start")
        p.wait_for(rf"TX-packets: {COUNT}\s", ask="show port stats 1")
        status, out = p.end("stop", "quit")
    check_end(status, out, pools=2 if any("," in o for o in options) else 1)
    want = [f[6:12] + f[0:6] + f[12:] for f in frames] if "--forward-mode=macswap" in options \
        else frames
    got = read_pcap(tmp_path / "out.pcap")
    if "--forward-mode=csum" in options:  # it writes addresses and checksums
        assert [len(f) for f in got] == [len(f) for f in want]
    else:
        assert got == want
    assert read_pcap(tmp_path / "back.pcap") == []


def test_what_stays_in_a_port_is_named(library):
    """net_ring keeps what it was sent: testpmd frees the pool under it, and the log says of
    which pool, of which lcore, how many."""
    with Program(testpmd(library, ["net_ring0"], "--port-topology=loop")) as p:
        p.wait_for(r"^testpmd> ", ask="")
        p.say("start tx_first 1")
        p.wait_for(r"RX-packets: [1-9]\d{3,}\s", ask="show port stats 0")
        status, out = p.end("stop", "quit")
    assert status == 0, out[-6000:]
    held = re.search(r"PPOOL: mb_pool_0: rte_mempool_free\(\) while (\d+) objects are out", out)
    assert held and 0 < int(held[1]) <= 64, out[-3000:]
    assert re.search(rf'PPOOL: mb_pool_0: owner "lcore 1": {held[1]} fragments', out), out[-3000:]


def test_two_queues_at_full_speed(library):
    """Frames of two sizes as fast as they can be made and dropped, on two queues."""
    with Program(testpmd(library, ["net_null0,size=1400", "net_null1,size=64"], "--rxq=2",
                         "--txq=2", "--nb-cores=1", "--total-num-mbufs=3000")) as p:
        p.wait_for(r"^testpmd> ", ask="")
        p.say("start")
        p.wait_for(r"RX-packets: \d{7,}\s", ask="show port stats 0")
        status, out = p.end("stop", "quit")
    check_end(status, out)
