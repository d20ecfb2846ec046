# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Makes pcap files of mixed frames, and reads them back."""

import random
import struct

from scapy.all import (ARP, GRE, ICMP, IP, IPv6, TCP, UDP, Dot1Q, Ether, ICMPv6EchoRequest,
                       IPv6ExtHdrFragment, Raw)
from scapy.layers.vxlan import VXLAN

MAGIC = 0xA1B2C3D4


def _base(flow):
    return Ether(dst="02:00:00:00:00:01", src=f"02:00:00:00:{flow >> 8:02x}:{flow & 255:02x}")


def _ip4(flow):
    return IP(src=f"10.1.{flow >> 8}.{flow & 255}", dst="10.2.0.1")


def _ip6(flow):
    return IPv6(src=f"fd00::{flow:x}", dst="fd01::1")


def _kinds(flow):
    """Frames of every sort that a port meets, well formed and not."""
    sport = 1024 + flow
    yield _base(flow) / _ip4(flow) / UDP(sport=sport, dport=2000)
    yield _base(flow) / _ip4(flow) / TCP(sport=sport, dport=80, flags="A")
    yield _base(flow) / _ip6(flow) / UDP(sport=sport, dport=2000)
    yield _base(flow) / _ip6(flow) / TCP(sport=sport, dport=80, flags="PA")
    yield _base(flow) / Dot1Q(vlan=100 + flow % 7) / _ip4(flow) / UDP(sport=sport, dport=53)
    yield _base(flow) / Dot1Q(vlan=9) / Dot1Q(vlan=10) / _ip6(flow) / TCP(sport=sport, dport=9)
    yield _base(flow) / _ip4(flow) / ICMP()
    yield _base(flow) / _ip6(flow) / ICMPv6EchoRequest()
    yield _base(flow) / ARP(psrc=f"10.1.{flow >> 8}.{flow & 255}")
    yield (_base(flow) / _ip4(flow) / UDP(sport=sport, dport=4789) / VXLAN(vni=flow)
           / Ether(src="02:00:00:00:00:09", dst="02:00:00:00:00:0a") / _ip4(flow) / TCP(sport=sport))
    yield _base(flow) / _ip4(flow) / GRE() / _ip4(flow) / UDP(sport=sport)
    # Not well formed: a driver must carry them through and not trip over them.
    yield _base(flow) / IP(src="10.9.9.9", dst="10.9.9.8", chksum=0x1234) / UDP(sport=sport, chksum=0xBAD)
    yield _base(flow) / IP(src="10.9.9.9", dst="10.9.9.8", ihl=15, len=65535) / Raw(b"\xff" * 8)
    yield _base(flow) / IP(src="10.9.9.9", dst="10.9.9.8", flags="MF", frag=100) / Raw(b"f" * 32)
    yield _base(flow) / _ip6(flow) / IPv6ExtHdrFragment(offset=3, m=1) / Raw(b"g" * 16)
    yield Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:03", type=0x1234) / Raw(b"?" * 20)
    yield Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:03", type=0x0800) / Raw(b"\x45")


def mixed(count, seed=1, longest=9000):
    """``count`` frames of 60 to ``longest`` bytes; each carries its number, so no two are
    alike. The first and last lengths, and those around a buffer's end, always occur."""
    rnd = random.Random(seed)
    heads = [bytes(p) for flow in range(16) for p in _kinds(flow)]
    edges = [n for n in (60, 61, 63, 64, 65, 127, 128, 1518, 1514, 1919, 1920, 1921, 2047, 2048,
                         2049, 2175, 2176, 2177, 3840, 4096, 4097, 6144, 6145, 8192, 8999, 9000)
             if n <= longest]
    frames = []
    for i in range(count):
        head = heads[rnd.randrange(len(heads))]
        size = edges[i] if i < len(edges) else rnd.choice(
            (60, 64, rnd.randint(60, 128), rnd.randint(60, min(1514, longest)),
             rnd.randint(60, longest)))
        size = max(size, 60)
        body = struct.pack(">I", i) + rnd.randbytes(max(0, size - len(head) - 4))
        frame = (head + body)[:size] if len(head) + 4 <= size else head[:size - 4] + body[:4]
        frames.append(frame.ljust(60, b"\0"))
    return frames


def udp_flows(count, flows, size=64):
    """Plain UDP frames, ``flows`` flows in turn, numbered."""
    heads = [bytes(_base(f) / _ip4(f) / UDP(sport=1024 + f, dport=2000, len=8 + size - 42, chksum=0))
             for f in range(flows)]
    return [(heads[i % flows] + struct.pack(">I", i)).ljust(size, b"\0")[:size]
            for i in range(count)]


def write_pcap(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 262144, 1))
        for i, frame in enumerate(frames):
            f.write(struct.pack("<IIII", i // 1000000, i % 1000000, len(frame), len(frame)))
            f.write(frame)


def read_pcap(path):
    data = path.read_bytes()
    magic, = struct.unpack_from("<I", data)
    assert magic in (MAGIC, 0xA1B23C4D), hex(magic)
    at, frames = 24, []
    while at < len(data):
        _, _, caplen, length = struct.unpack_from("<IIII", data, at)
        assert caplen == length
        frames.append(data[at + 16:at + 16 + caplen])
        at += 16 + caplen
    return frames


def _flow(f):
    """What a NIC may tell flows by: addresses, protocol and ports. A frame that is cut or
    wrong in these is a flow of its own, because nobody says how far a NIC reads it."""
    at = 12
    while f[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    l2, l3, kind = f[:at + 2], f[at + 2:], f[at:at + 2]
    if kind == b"\x08\x00":
        if len(l3) < 20:
            return f
        ihl, total = (l3[0] & 15) * 4, struct.unpack(">H", l3[2:4])[0]
        if l3[0] >> 4 != 4 or ihl < 20 or not ihl <= total <= len(l3):
            return f
        proto, whole = l3[9], struct.unpack(">H", l3[6:8])[0] & 0x3FFF == 0
        key, l4 = l2 + l3[9:10] + l3[12:20], l3[ihl:total]
    elif kind == b"\x86\xdd":
        if len(l3) < 40 or l3[0] >> 4 != 6 or 40 + struct.unpack(">H", l3[4:6])[0] > len(l3):
            return f
        proto, whole, key, l4 = l3[6], True, l2 + l3[6:7] + l3[8:40], l3[40:]
    else:
        return l2
    return key + l4[:4] if whole and proto in (6, 17) else key


def by_flow(frames):
    """The frames of each flow (address pair and ports, as far as there are any), in order."""
    flows = {}
    for f in frames:
        flows.setdefault(_flow(f), []).append(f)
    return flows


def assert_same(out, frames, result=None):
    """What came out is what went in, in the same order; if not, says what is different (a
    comparison of the lists would print megabytes), and what the NIC counted."""
    if out == frames:
        return
    first = next((i for i, (a, b) in enumerate(zip(out, frames)) if a != b),
                 min(len(out), len(frames)))
    went, came = {f: i for i, f in enumerate(frames)}, set(out)
    missing = [i for i, f in enumerate(frames) if f not in came]
    alien = [i for i, f in enumerate(out) if f not in went]
    ports = [{k: p[k] for k in ("rx_frames", "tx_frames", "drops")}
             for p in result.report["ports"]] if result else []
    raise AssertionError(
        f"{len(frames)} frames went in, {len(out)} came out, the first difference at {first}; "
        f"missing {len(missing)}: {missing[:20]}, not of those sent {len(alien)}: {alien[:20]}; "
        f"came instead of {first}: {went.get(out[first]) if first < len(out) else 'nothing'}; "
        f"ports: {ports}\n{result.out[-3000:] if result else ''}")
