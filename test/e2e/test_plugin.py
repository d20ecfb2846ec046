# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The driver as a plugin of the distribution's own dpdk-testpmd."""

import re

import pytest
from conftest import dpdk_testpmd, sim
from frames import mixed, read_pcap, write_pcap
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
    assert read_pcap(tmp_path / "out.pcap") == frames


def test_link_is_up_through_ethdev(build, plugin, tmp_path):
    """What Debian's build of net_hns3 does not achieve: ethdev reports the link."""
    r = sim(dpdk_testpmd("-i", eal_extra=("-d", str(plugin))), tmp_path, ports=1,
            stdin="show port info 0\nquit\n").ok()
    assert re.search(r"Link status: up", r.out), r.out[-3000:]
    assert re.search(r"Link speed: 25 Gbps", r.out), r.out[-3000:]
