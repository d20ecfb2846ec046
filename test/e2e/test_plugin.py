# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The driver as a plugin of the distribution's own dpdk-testpmd."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
from conftest import HANG, Result, dpdk_testpmd, sim, sim_args
from frames import assert_same, mixed, read_pcap, write_pcap
from scapy.all import IP, UDP, Dot1Q, Ether
from test_distribution_driver import port_stats, totals


def test_wins_over_the_distributions_driver(build, plugin, tmp_path):
    """-d names ours; net_hns3 of the same PCI ids is loaded too, and loses."""
    count = 20000
    r = sim(dpdk_testpmd("--no-flush-rx", "--forward-mode=macswap", "--rxq=4", "--txq=4",
                         "--stats-period=1", eal_extra=("-d", str(plugin))),
            tmp_path, ports=2, extra=("--until-idle", "3000"),
            wires={p: f"gen:size=64,flows=64,count={count}" for p in (0, 1)}).ok()
    assert "net_hns3_pmd" in r.out
    assert not re.search(r"net_hns3\b(?!_pmd)", r.out), r.out[-3000:]
    t = totals(r.out)
    assert t["RX-packets"] == 2 * count
    assert t["TX-packets"] == r.port(0)["tx_frames"] + r.port(1)["tx_frames"]
    for p in (0, 1):
        seen, model = port_stats(r.out, p), r.port(p)
        assert seen["RX-packets"] == model["rx_frames"] == count
        assert seen["RX-bytes"] == model["rx_bytes"]
        assert seen["TX-packets"] == model["tx_frames"]
        assert seen["TX-bytes"] == model["tx_bytes"]


@pytest.mark.parametrize("extra", [(), ("--mp-alloc=xmem",)])
def test_plain_mempool_replay(build, plugin, tmp_path, extra):
    frames = mixed(3000, seed=11)
    write_pcap(tmp_path / "in.pcap", frames)
    r = sim(dpdk_testpmd("--no-flush-rx", "--forward-mode=io", "--max-pkt-len=9216", "--enable-scatter",
                         "--tx-offloads=0x8000", "--stats-period=1", *extra,
                         eal_extra=("-d", str(plugin))),
            tmp_path, ports=2, extra=("--until-idle", "1500"),
            wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"}).ok()
    assert_same(read_pcap(tmp_path / "out.pcap"), frames, r)


def test_link_is_up_through_ethdev(build, plugin, tmp_path):
    """What Debian's build of net_hns3 does not achieve: ethdev reports the link."""
    r = sim(dpdk_testpmd("-i", eal_extra=("-d", str(plugin))), tmp_path, ports=1,
            stdin="show port info 0\nquit\n").ok()
    assert re.search(r"Link status: up", r.out), r.out[-3000:]
    assert re.search(r"Link speed: 25 Gbps", r.out), r.out[-3000:]


def talk(script, tmp_path, *options, eal_extra=(), **kw):
    """dpdk-testpmd at its prompt: commands, and pauses in seconds between them."""
    report = tmp_path / "report.json"
    report.unlink(missing_ok=True)
    args = sim_args(report, **kw) + dpdk_testpmd("-i", *options, eal_extra=eal_extra)
    with open(tmp_path / "talk.log", "w+", encoding="utf-8") as log:
        proc = subprocess.Popen([str(a) for a in args], stdin=subprocess.PIPE, stdout=log,
                                stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            for line in script:
                if isinstance(line, (int, float)):
                    time.sleep(line)
                else:
                    proc.stdin.write(line + "\n")
                    proc.stdin.flush()
            proc.communicate("quit\n", timeout=HANG)
        except subprocess.TimeoutExpired:
            os.killpg(proc.pid, signal.SIGKILL)
            proc.wait()
            pytest.fail("hung:\n" + (tmp_path / "talk.log").read_text()[-6000:])
    return Result(proc.returncode, (tmp_path / "talk.log").read_text(), json.loads(report.read_text()))


def test_restarts_in_traffic(build, plugin, tmp_path):
    """Stop, start, and more or fewer queues of either sort, while frames keep coming."""
    again = ["stop", "port stop all", "port start all", "start", 0.3]
    script = ["start", 0.5, *again, *again, *again]
    for rxq, txq in ((4, 4), (1, 3), (3, 1), (8, 8)):
        script += ["stop", "port stop all", f"port config all rxq {rxq}", f"port config all txq {txq}",
                   "port start all", "start", 0.3]
    script += ["stop", "port stop all"]
    r = talk(script, tmp_path, "--rss-udp", "--total-num-mbufs=60000", ports=2,
             eal_extra=("-d", str(plugin)),
             wires={p: "gen:size=64,flows=64" for p in (0, 1)}).ok()
    assert not re.search(r"fail|cannot|error:? *[1-9]|nombufs: [1-9]", r.out, re.I), r.out[-3000:]
    blocks = re.findall(r"Accumulated forward statistics.*?RX-packets: (\d+)\s", r.out, re.S)
    assert len(blocks) == 8 and all(int(n) > 0 for n in blocks), blocks


def test_detach_and_attach(build, plugin, tmp_path):
    script = ["start", 0.3, "stop", "port stop 0", "port close 0", "device detach 0000:7d:00.0",
              "port attach 0000:7d:00.0", "port start 0", "show port summary 0", 0.5]
    r = talk(script, tmp_path, ports=2, eal_extra=("-d", str(plugin)),
             wires={p: "gen:size=64,flows=4" for p in (0, 1)}).ok()
    assert "Port 0 is attached" in r.out, r.out[-3000:]
    assert re.search(r"0000:7d:00.0 net_hns3_pmd +up", r.out), r.out[-3000:]


def test_address_and_vlan_filters(build, plugin, tmp_path):
    me = "02:18:2d:7d:00:00"

    def frame(dst, *tags):
        f = Ether(dst=dst, src="02:00:00:00:00:99")
        for t in tags:
            f /= Dot1Q(vlan=t)
        return bytes(f / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=7, dport=9) / (b"x" * 30))

    let_in = [frame(me), frame(me, 10), frame(me, 10, 30), frame("01:00:5e:00:00:02"),
              frame("02:11:11:11:11:11"), frame("ff:ff:ff:ff:ff:ff")]
    keep_out = [frame(me, 20), frame("01:00:5e:00:00:01"), frame("02:22:22:22:22:22")]
    write_pcap(tmp_path / "in.pcap", let_in + keep_out)
    # The source waits a while for the port to take its first frames: it never does.
    script = ["set promisc 0 off", "vlan set strip on 0", "vlan set filter on 0", "rx_vlan add 10 0",
              "mac_addr add 0 02:11:11:11:11:11", "mcast_addr add 0 01:00:5e:00:00:02",
              "set verbose 1", "set fwd io", "start", 18, "stop", "show port stats 0"]
    r = talk(script, tmp_path, "--no-flush-rx", ports=2, eal_extra=("-d", str(plugin)),
             wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"}).ok()
    assert r.port(0)["drops"]["mac_filter"] == 2 and r.port(0)["drops"]["vlan_filter"] == 1
    assert read_pcap(tmp_path / "out.pcap") == [
        frame(me), frame(me), frame(me, 30), *let_in[3:]]
    assert len(re.findall(r"RTE_MBUF_F_RX_VLAN_STRIPPED", r.out)) == 2, r.out[-3000:]
    assert len(re.findall(r"VLAN tci=0xa\b", r.out)) == 2
