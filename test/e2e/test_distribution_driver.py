# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The model under a driver that we did not write: Debian's own dpdk-testpmd and net_hns3.

Debian's build of that driver never reports link up through ethdev (its compiler drops a
store); its own log line says it. tx drops of io mode cannot occur in a replay, because
the pcap wire bounds what is in flight.
"""

import json
import re

import pytest
from conftest import EMULATOR, Result, dpdk_testpmd, sim, sim_args
from frames import assert_same, by_flow, mixed, read_pcap, udp_flows, write_pcap
from session import Program

LOG = ("--log-level=pmd.net.hns3.driver:debug", "--log-level=pmd.net.hns3.init:debug")


def queues(n):
    # By itself testpmd asks for RTE_ETH_RSS_IP, from which net_hns3 hashes no UDP packet.
    return (f"--rxq={n}", f"--txq={n}") + (("--rss-udp",) if n > 1 else ())


def totals(out):
    """The accumulated forward statistics that dpdk-testpmd prints at its end."""
    block = out[out.rindex("Accumulated forward statistics"):]
    return {k: int(v) for k, v in re.findall(r"(RX-packets|TX-packets|RX-dropped): (\d+)", block)}


def port_stats(out, port):
    """The last block of NIC statistics of a port."""
    block = out[out.rindex(f"NIC statistics for port {port}"):].split("Throughput")[0]
    return {k: int(v) for k, v in re.findall(r"(RX-packets|RX-missed|TX-packets|RX-bytes|TX-bytes|"
                                             r"RX-errors|TX-errors):\s*(\d+)", block)}


def driven_by_net_hns3(r):
    assert "net_hns3" in r.out and "net_hns3_pmd" not in r.out, r.out[-3000:]
    assert re.search(r"link status change to up", r.out, re.I), r.out[-3000:]


@pytest.mark.parametrize("iova", ["pa", "va"])
@pytest.mark.parametrize("nq", [1, 4])
@pytest.mark.parametrize("device", ["0xa222", "0xa221"])
def test_gen(build, tmp_path, iova, nq, device):
    """Generated frames, a known number: the driver, testpmd and the model agree on it."""
    count = 2000 if EMULATOR else 40000
    r = sim(dpdk_testpmd("--no-flush-rx", *queues(nq), "--forward-mode=macswap", "--stats-period=1",
                         eal_extra=(f"--iova-mode={iova}", *LOG)),
            tmp_path, ports=2, extra=("--until-idle", "3000", "--device-id", device),
            wires={0: f"gen:size=64,flows=256,count={count}", 1: f"gen:size=64,flows=256,count={count}"}
            ).ok()
    driven_by_net_hns3(r)
    for p in (0, 1):
        assert r.port(p)["rx_frames"] == count
        used = [n for n in r.port(p)["rxq_frames"] if n]
        assert len(used) == nq
        assert port_stats(r.out, p)["RX-packets"] == count
    t = totals(r.out)
    # What is in the rings already when forwarding begins is not counted there as received: of
    # this driver that is what the NIC has counted until then.
    assert 0 <= r.port(0)["rx_frames"] + r.port(1)["rx_frames"] - t["RX-packets"] <= 2 * nq * 1024
    assert t["TX-packets"] == r.port(0)["tx_frames"] + r.port(1)["tx_frames"]


@pytest.mark.parametrize("mode", ["threaded", "exact"])
def test_statistics_agree(build, tmp_path, mode):
    """What the driver reads from the counters of the NIC is what the NIC counted."""
    count = 5000
    r = sim(dpdk_testpmd("--no-flush-rx", "--forward-mode=io", "--stats-period=1", eal_extra=LOG),
            tmp_path, ports=2, mode=mode, extra=("--until-idle", "3500"),
            wires={0: f"gen:size=128,flows=16,count={count}", 1: f"gen:size=64,flows=16,count={count}"}
            ).ok()
    driven_by_net_hns3(r)
    for p in (0, 1):
        seen = port_stats(r.out, p)
        model = r.port(p)
        assert seen["RX-packets"] == model["rx_frames"] == count
        assert seen["TX-packets"] == model["tx_frames"]
        assert seen["RX-bytes"] == model["rx_bytes"]
        assert seen["TX-bytes"] == model["tx_bytes"]
        assert seen["RX-missed"] == model["drops"]["no_bd"]
        assert seen["RX-errors"] == seen["TX-errors"] == 0


@pytest.mark.parametrize("nq", [1, 4])
def test_loop(build, tmp_path, nq):
    """Frames that testpmd sends first go round and round."""
    # With --tx-first testpmd waits 9 s for a link that this build never reports.
    report = tmp_path / "report.json"
    with Program(sim_args(report, ports=2, wires={0: "loop", 1: "loop"}) +
                 dpdk_testpmd("--tx-first", "--stats-period=1", "--disable-link-check", *queues(nq),
                              eal_extra=LOG)) as p:
        p.wait_for(r"RX-packets: [1-9]\d{3,}")
        p.interrupt()
        status, out = p.end()
    r = Result(status, out, json.loads(report.read_text())).clean()
    driven_by_net_hns3(r)
    t = totals(r.out)
    assert t["RX-packets"] > 1000
    # The traffic has no end: a burst of each queue may be in the rings when testpmd counts.
    sent = r.port(0)["tx_frames"] + r.port(1)["tx_frames"]
    assert 0 <= sent - t["TX-packets"] <= 2 * nq * 32


@pytest.mark.parametrize("nq", [1, 4])
@pytest.mark.parametrize("mode", ["threaded", "exact"])
def test_pcap(build, tmp_path, nq, mode):
    frames = udp_flows(2000, 32, size=300) if mode == "exact" else mixed(3000, seed=5)
    write_pcap(tmp_path / "in.pcap", frames)
    r = sim(dpdk_testpmd("--no-flush-rx", "--forward-mode=io", "--stats-period=1", *queues(nq),
                         "--max-pkt-len=9216", "--enable-scatter", "--tx-offloads=0x8000",
                         eal_extra=LOG),
            tmp_path, ports=2, mode=mode, extra=("--until-idle", "1500"),
            wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"}).ok()
    driven_by_net_hns3(r)
    out = read_pcap(tmp_path / "out.pcap")
    if nq == 1:
        assert_same(out, frames, r)
    else:
        assert by_flow(out) == by_flow(frames)
