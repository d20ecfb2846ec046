# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""testpmd-ppool's modes and pool options on hns3 ports: what it counts is what the NIC saw,
what leaves is well formed, and all pages come home."""

import re

import pytest
from conftest import sim, testpmd_ppool
from frames import assert_same, by_flow, mixed, read_pcap, udp_flows, write_pcap
from test_testpmd_ppool import PEER, totals, well_formed

POOLS = ["ppool", "mempool"]
IDLE = ("--until-idle", "500")


def home(r, pool="ppool"):
    if pool == "ppool":
        assert re.findall(r"^ppool \S+: pages in flight (\d+)$", r.out, re.M) == ["0"], r.out[-3000:]
    else:
        assert re.findall(r"^mempool \S+: mbufs in use (\d+)$", r.out, re.M) == ["0"], r.out[-3000:]
    assert r.report["iommu"]["mapped_bytes"] == 0
    return r


def agrees(r):
    """The tables of the end against the counters of the model."""
    ports, all_ = totals(r.out)
    for i, t in enumerate(ports):
        assert t["TX-packets"] == r.port(i)["tx_frames"]
        assert t["RX-total"] == t["RX-packets"] + t["RX-dropped"]
    assert all_["RX-packets"] == sum(t["RX-packets"] for t in ports)
    assert all_["TX-packets"] == sum(t["TX-packets"] for t in ports)
    return ports


@pytest.mark.parametrize("pool", POOLS)
def test_txonly(build, tmp_path, pool):
    r = home(sim(testpmd_ppool("--forward-mode=txonly", "--duration=1", "--txpkts=64",
                               "--stats-period=1", "--record-core-cycles", pool=pool),
                 tmp_path, wires={0: "gen:size=64,flows=1,count=1", 1: "gen:size=64,flows=1,count=1"}).ok(), pool)
    for t in agrees(r):
        assert t["TX-packets"] > 1000
    assert "CPU cycles/packet=" in r.out


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("txpkts", [(64,), (100, 200), (20, 10, 5, 25, 40), (1500, 1500, 1500)])
def test_made_packets_on_the_wire(build, tmp_path, txpkts, pool):
    """Of several segments, the headers spread over several too."""
    r = home(sim(testpmd_ppool("--forward-mode=rxonly", "--tx-first", "--burst=24", "--duration=1",
                               "--txonly-multi-flow", "--max-pkt-len=9216",
                               "--txpkts=" + ",".join(map(str, txpkts)), pool=pool),
                 tmp_path, wires={p: f"pcap:tx={tmp_path}/out{p}.pcap" for p in (0, 1)}).ok(), pool)
    agrees(r)
    for p in (0, 1):
        sent = [well_formed(f, sum(txpkts)) for f in read_pcap(tmp_path / f"out{p}.pcap")]
        assert len(sent) == 24
        assert len({s["IP"].src for s in sent}) == 24
        assert {s.dst for s in sent} == {PEER[p]}


@pytest.mark.parametrize("pool", POOLS)
def test_rxonly(build, tmp_path, pool):
    count = 3000
    r = home(sim(testpmd_ppool("--forward-mode=rxonly", "--rxq=4", "--txq=1", pool=pool), tmp_path,
                 extra=IDLE, wires={p: f"gen:size=128,flows=64,count={count}" for p in (0, 1)}).ok(), pool)
    for i, t in enumerate(agrees(r)):
        assert t["RX-packets"] == r.port(i)["rx_frames"] == count
        assert t["TX-packets"] == 0
        assert sum(n > 0 for n in r.port(i)["rxq_frames"]) == 4


def test_mac(build, tmp_path):
    frames = udp_flows(500, 4, size=200)
    write_pcap(tmp_path / "in.pcap", frames)
    r = home(sim(testpmd_ppool("--forward-mode=mac", "--eth-peer=1,0a:00:00:00:00:01"), tmp_path,
                 extra=IDLE, wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"}).ok())
    own = bytes.fromhex(re.search(r"^Port 1: (\S{17})", r.out, re.M)[1].replace(":", ""))
    assert read_pcap(tmp_path / "out.pcap") == [b"\x0a\0\0\0\0\1" + own + f[12:] for f in frames]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("nq", [1, 4])
def test_loop(build, tmp_path, pool, nq):
    """Two bursts go round and round."""
    r = home(sim(testpmd_ppool("--tx-first", "--duration=2", f"--rxq={nq}", f"--txq={nq}", pool=pool),
                 tmp_path, wires={0: "loop", 1: "loop"}).ok(), pool)
    for t in agrees(r):
        assert t["RX-packets"] > 1000


@pytest.mark.parametrize("frag", [1152, 2048, 2176, 4096, 9344])
def test_frag_sizes(build, tmp_path, frag):
    frames = mixed(1500, seed=frag)
    write_pcap(tmp_path / "in.pcap", frames)
    r = home(sim(testpmd_ppool("--max-pkt-len=9216", f"--ppool-frag-size={frag}"), tmp_path, extra=IDLE,
                 wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"}).ok())
    assert f"fragments of {frag} bytes" in r.out
    assert_same(read_pcap(tmp_path / "out.pcap"), frames, r)


def test_pool_runs_dry(build, tmp_path):
    """Hardly more fragments than the Rx rings hold: frames are lost, nothing else is."""
    r = home(sim(testpmd_ppool("--rxd=512", "--txd=1024", "--total-num-mbufs=1088", "--duration=2"),
                 tmp_path, wires={p: "gen:size=64,flows=8" for p in (0, 1)}).ok())
    for t in agrees(r):
        assert t["RX-packets"] > 1000
    assert int(re.search(r"alloc_fail +(\d+)", r.out)[1]) > 0


@pytest.mark.parametrize("pool", POOLS)
def test_two_forwarding_lcores(build, tmp_path, pool):
    """Four queues on two lcores, of one pool."""
    frames = udp_flows(4000, 64, size=100)
    write_pcap(tmp_path / "in.pcap", frames)
    cmd = testpmd_ppool("--rxq=4", "--txq=4", "--nb-cores=2", pool=pool)
    at = cmd.index("-l")
    cmd[at:at + 2] = ["--lcores", "0@0,1@0,2@1"]
    r = home(sim(cmd, tmp_path, extra=IDLE, wires={0: f"pcap:rx={tmp_path}/in.pcap",
                                                   1: f"pcap:tx={tmp_path}/out.pcap"}).ok(), pool)
    assert "cores=2" in r.out
    assert by_flow(read_pcap(tmp_path / "out.pcap")) == by_flow(frames)


def test_driver_named_twice(build, plugin, tmp_path):
    """It is linked already; -d does no harm."""
    r = home(sim(testpmd_ppool("--duration=1", eal_extra=("-d", str(plugin))), tmp_path, ports=1).ok())
    assert "net_hns3_pmd" in r.out
