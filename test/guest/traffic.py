# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Frames for the ports of hns3-sim, and whether they came through."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from frames import mixed, read_pcap, udp_flows, write_pcap  # noqa: E402,F401

JUMBO = "--max-pkt-len=9216 --enable-scatter --tx-offloads=0x8000"


def replay(place, ports, count=300, longest=9000):
    """Frames for each of the ports; the --wire options; and who tells when all have passed."""
    frames = [mixed(count, seed=21 + p, longest=longest) for p in range(ports)]
    args = []
    for p in range(ports):
        write_pcap(place.work / f"in{p}.pcap", frames[p])
        args += ["--wire", f"{p}=pcap:rx={place.work}/in{p}.pcap,tx={place.work}/out{p}.pcap"]

    sizes = [(place.work / f"in{p}.pcap").stat().st_size for p in range(ports)]

    def arrived(first=0):
        """Everything that came in at this port and the next has gone out at the other."""
        return all((place.work / f"out{p}.pcap").stat().st_size >= sizes[p ^ 1]
                   for p in (first, first + 1))

    def check(which=range(ports), exact=True):
        """@exact: nothing was sent but these frames."""
        for p in which:
            got = read_pcap(place.work / f"out{p}.pcap")
            want = frames[p ^ 1]
            if not exact:
                got = got[:len(want)]
            assert len(got) == len(want), f"port {p}: {len(got)} frames of {len(want)}"
            bad = [i for i in range(len(want)) if got[i] != want[i]]
            assert not bad, f"port {p}: {len(bad)} frames differ, the first is {bad[0]}"

    return args, arrived, check


def forward_totals(log):
    """RX-packets and TX-packets of each block of accumulated statistics of dpdk-testpmd."""
    return [(int(a), int(b)) for a, b in re.findall(
        r"Accumulated forward statistics for all ports.*?RX-packets: (\d+).*?TX-packets: (\d+)",
        log, re.S)]
