# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Tx offloads of the driver, as the distribution's own dpdk-testpmd asks for them: what
leaves the port is looked at by scapy, which knows neither driver nor model."""

import random

import pytest
from frames import read_pcap, write_pcap
from scapy.all import IP, TCP, UDP, Dot1Q, Ether, IPv6, Raw
from test_plugin import talk

IPV4, UDP_SUM, TCP_SUM, TSO, VLAN, CHAINS = 0x2, 0x4, 0x8, 0x20, 0x1, 0x8000


def flows(count, longest, ports=(53, 4789, 4790, 6081)):
    """TCP and UDP on IPv4 and IPv6, with and without a tag, with checksums that are wrong."""
    rnd = random.Random(5)
    for i in range(count):
        p = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02")
        if i % 5 == 0:
            p /= Dot1Q(vlan=1 + i % 100)
        p /= (IP(src="10.0.0.1", dst=f"10.0.1.{i % 250}", id=i, chksum=0x1111) if i % 2
              else IPv6(src="fd00::1", dst=f"fd01::{i:x}"))
        p /= (TCP(sport=1000 + i, dport=80, seq=i * 100000, flags="PA", chksum=0x2222) if i % 3
              else UDP(sport=1000 + i, dport=ports[i % len(ports)], chksum=0x2222))
        yield p / Raw(rnd.randbytes(rnd.randrange(1, longest)))


def right(frame):
    """The same frame, with lengths and checksums as scapy makes them."""
    p = Ether(frame)
    for layer in (IP, TCP, UDP):
        if layer in p:
            del p[layer].chksum
    return bytes(p)


def forward(plugin, tmp_path, frames, offloads, *commands, options=()):
    write_pcap(tmp_path / "in.pcap", frames)
    talk(["port stop all", *commands, "set fwd csum", "port start all", "start", 6.0, "stop"],
         tmp_path, f"--tx-offloads={offloads:#x}", "--no-flush-rx", *options, ports=2,
         wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"},
         eal_extra=("-d", str(plugin))).ok()
    return read_pcap(tmp_path / "out.pcap")


@pytest.mark.parametrize("burst", [7, 32])
def test_checksums(build, plugin, tmp_path, burst):
    sent = [bytes(p) for p in flows(600, 1300)]
    got = forward(plugin, tmp_path, sent, IPV4 | UDP_SUM | TCP_SUM,
                  *(f"csum set {what} hw 1" for what in ("ip", "udp", "tcp")),
                  options=(f"--burst={burst}",))
    assert len(got) == len(sent)
    for a, b in zip(sent, got):
        # testpmd's csum engine sets the addresses of Ethernet anew.
        assert b[12:] == right(a)[12:]


def test_segmentation(build, plugin, tmp_path):
    mss = 1000
    sent = [bytes(p) for p in flows(200, 8000) if TCP in p]
    got = forward(plugin, tmp_path, sent, IPV4 | UDP_SUM | TCP_SUM | TSO | CHAINS,
                  "csum set ip hw 1", "csum set tcp hw 1", f"tso set {mss} 1",
                  options=("--max-pkt-len=9216", "--enable-scatter"))
    assert all(b[12:] == right(b)[12:] for b in got)
    streams = {}
    for b in got:
        p = Ether(b)
        data = bytes(p[TCP].payload)[:(p[IP].len - p[IP].ihl * 4 if IP in p else p[IPv6].plen)
                                     - p[TCP].dataofs * 4]
        assert len(data) <= mss
        streams.setdefault(p[TCP].sport, []).append((p[TCP].seq, data))
    for a in sent:
        p = Ether(a)
        parts = streams.pop(p[TCP].sport)
        at = p[TCP].seq
        for seq, data in parts:
            assert seq == at
            at += len(data)
        assert b"".join(d for _, d in parts) == bytes(p[TCP].payload)
    assert not streams


def test_tag_insertion(build, plugin, tmp_path):
    sent = [bytes(p) for p in flows(100, 1300) if Dot1Q not in p]
    write_pcap(tmp_path / "in.pcap", sent)
    talk(["port stop all", "tx_vlan set 1 77", "set fwd mac", "port start all", "start", 6.0, "stop"],
         tmp_path, f"--tx-offloads={VLAN:#x}", "--no-flush-rx", ports=2,
         wires={0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"},
         eal_extra=("-d", str(plugin))).ok()
    got = read_pcap(tmp_path / "out.pcap")
    assert [b[16:] for b in got] == [a[12:] for a in sent]
    assert all(b[12:16] == bytes.fromhex("8100004d") for b in got)
