# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Frames of every sort through testpmd-ppool: what goes in comes out."""

import re

import pytest
from conftest import EMULATOR, sim, testpmd_ppool
from frames import assert_same, by_flow, mixed, read_pcap, udp_flows, write_pcap

COUNT = 1000 if EMULATOR else 5000
# All finite sources are exhausted and nothing has moved for so many ms: the run is over.
IDLE = ("--until-idle", "500")


def replay(tmp_path, frames, *options, pool="ppool", mode=None, iova="pa", lcores="0,1"):
    write_pcap(tmp_path / "in.pcap", frames)
    r = sim(testpmd_ppool("--forward-mode=io", *options, pool=pool, lcores=lcores,
                          eal_extra=(f"--iova-mode={iova}",)),
            tmp_path, ports=2, mode=mode, extra=IDLE,
            wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"}).ok()
    return r, read_pcap(tmp_path / "out.pcap")


def check_end(r, pool):
    if pool == "ppool":
        lines = re.findall(r"^ppool (\S+): pages in flight (\d+)$", r.out, re.M)
        assert lines, r.out[-3000:]
        assert all(n == "0" for _, n in lines), lines
    assert r.report["iommu"]["mapped_bytes"] == 0, r.report["iommu"]


@pytest.mark.parametrize("pool", ["ppool", "mempool"])
@pytest.mark.parametrize("mode", ["threaded", "exact"])
@pytest.mark.parametrize("iova", ["pa", "va"])
def test_one_queue_keeps_order(build, tmp_path, pool, mode, iova):
    frames = mixed(COUNT if mode == "threaded" else COUNT // 5)
    r, out = replay(tmp_path, frames, "--max-pkt-len=9216", pool=pool, mode=mode, iova=iova)
    assert_same(out, frames, r)
    assert r.port(0)["rx_frames"] == r.port(1)["tx_frames"] == len(frames)
    check_end(r, pool)


@pytest.mark.parametrize("pool", ["ppool", "mempool"])
def test_four_queues_keep_order_in_each_flow(build, tmp_path, pool):
    frames = mixed(COUNT, seed=2)
    r, out = replay(tmp_path, frames, "--max-pkt-len=9216", "--rxq=4", "--txq=4", pool=pool)
    assert sorted(out) == sorted(frames)
    assert by_flow(out) == by_flow(frames)
    assert sum(n > 0 for n in r.port(0)["rxq_frames"]) == 4, r.port(0)["rxq_frames"]
    check_end(r, pool)


@pytest.mark.parametrize("pool", ["ppool", "mempool"])
def test_standard_frames(build, tmp_path, pool):
    frames = mixed(COUNT, seed=3, longest=1514)
    r, out = replay(tmp_path, frames, pool=pool)
    assert_same(out, frames, r)
    check_end(r, pool)


def test_small_rings_wrap(build, tmp_path):
    frames = udp_flows(3000, 8)
    r, out = replay(tmp_path, frames, "--rxd=64", "--txd=64", "--burst=16")
    assert_same(out, frames, r)
    check_end(r, "ppool")


def test_macswap_swaps(build, tmp_path):
    frames = udp_flows(1000, 4)
    r, out = replay(tmp_path, frames, "--forward-mode=macswap")
    assert out == [f[6:12] + f[0:6] + f[12:] for f in frames]
    check_end(r, "ppool")


def test_more_queues_than_lcores(build, tmp_path):
    frames = udp_flows(4000, 64)
    r, out = replay(tmp_path, frames, "--rxq=8", "--txq=8", "--nb-cores=1")
    assert by_flow(out) == by_flow(frames)
    check_end(r, "ppool")


@pytest.mark.parametrize("size", [4096, 65536, 2097152])
def test_page_sizes(build, tmp_path, size):
    frames = udp_flows(4000, 8, size=600)
    r, out = replay(tmp_path, frames, f"--ppool-page-size={size}")
    assert_same(out, frames, r)
    check_end(r, "ppool")
