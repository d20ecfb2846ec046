# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""testpmd-ppool by itself, on the distribution's software ports (net_pcap, net_null, net_ring):
what each forward mode and option does to the frames."""

import os
import re
import signal
import subprocess
import time

import pytest
from conftest import HANG, TESTPMD_PPOOL, run
from frames import read_pcap, udp_flows, write_pcap
from scapy.all import IP, UDP, Ether

PEER = ["02:00:00:00:00:00", "02:00:00:00:00:01"]


def args(vdevs, *options, lcores=("-l", "0,1"), duration=1):
    a = [TESTPMD_PPOOL, "--in-memory", "--no-telemetry", "--no-pci", "-m", "128", *lcores]
    a += [f"--vdev={v}" for v in vdevs]
    return a + ["--", "--pool=mempool", *([f"--duration={duration}"] if duration else []), *options]


def pcap_ports(tmp_path, n, frames):
    """Ports that receive the frames each, and write what they send."""
    write_pcap(tmp_path / "in.pcap", frames)
    return [f"net_pcap{i},rx_pcap={tmp_path}/in.pcap,tx_pcap={tmp_path}/out{i}.pcap"
            for i in range(n)]


def forwarded(tmp_path, frames, *options, n=2):
    status, out = run(args(pcap_ports(tmp_path, n, frames), *options))
    assert status == 0, out[-3000:]
    return out, [read_pcap(tmp_path / f"out{i}.pcap") for i in range(n)]


def totals(out):
    """Per port and for all: the counts of the tables of the end."""
    tables = []
    for block in re.split(r"-{20} Forward statistics for port|\+{10} Accumulated", out)[1:]:
        tables.append({k: int(v) for k, v in
                       re.findall(r"([RT]X-(?:packets|dropped|total)): (\d+)", block)})
    return tables[:-1], tables[-1]


def mac(address):
    return bytes.fromhex(address.replace(":", ""))


def own_mac(out, port):
    return re.search(rf"^Port {port}: ((?:[0-9A-F]{{2}}:){{5}}[0-9A-F]{{2}})", out, re.M)[1]


def test_io(build, tmp_path):
    frames = udp_flows(200, 4)
    out, sent = forwarded(tmp_path, frames)
    assert sent == [frames, frames]
    ports, all_ = totals(out)
    assert [p["RX-packets"] for p in ports] == [p["TX-packets"] for p in ports] == [200, 200]
    assert all_ == {"RX-packets": 400, "RX-dropped": 0, "RX-total": 400,
                    "TX-packets": 400, "TX-dropped": 0, "TX-total": 400}


def test_mac(build, tmp_path):
    """To the peer of the sending port, from that port's own address."""
    frames = udp_flows(100, 4)
    out, sent = forwarded(tmp_path, frames, "--forward-mode=mac", "--eth-peer=1,0a:0b:0c:0d:0e:0f")
    peers = [PEER[0], "0a:0b:0c:0d:0e:0f"]
    for p in (0, 1):
        assert sent[p] == [mac(peers[p]) + mac(own_mac(out, p)) + f[12:] for f in frames]


def test_macswap(build, tmp_path):
    frames = udp_flows(100, 4)
    _, sent = forwarded(tmp_path, frames, "--forward-mode", "macswap")
    assert sent[0] == sent[1] == [f[6:12] + f[:6] + f[12:] for f in frames]


def test_rxonly(build, tmp_path):
    frames = udp_flows(100, 4)
    out, sent = forwarded(tmp_path, frames, "--forward-mode=rxonly")
    assert sent == [[], []]
    assert totals(out)[1] == {"RX-packets": 200, "RX-dropped": 0, "RX-total": 200,
                              "TX-packets": 0, "TX-dropped": 0, "TX-total": 0}


def well_formed(frame, length):
    """A UDP packet that a receiver's stack takes."""
    p = Ether(frame)
    assert len(frame) == length
    assert p[IP].len == length - 14 and p[UDP].len == length - 34
    again = IP(bytes(p[IP]))
    del again.chksum
    assert IP(bytes(again)).chksum == p[IP].chksum
    return p


@pytest.mark.parametrize("flows", [(), ("--txonly-multi-flow",)])
def test_tx_first_sends_one_burst(build, tmp_path, flows):
    """... of packets of the length of --txpkts, on each stream."""
    out, sent = forwarded(tmp_path, udp_flows(1, 1), "--forward-mode=rxonly", "--tx-first",
                          "--txpkts=100", "--burst=16", *flows)
    for p in (0, 1):
        assert len(sent[p]) == 16
        seen = [well_formed(f, 100) for f in sent[p]]
        assert {s.dst for s in seen} == {PEER[p]}
        assert {s.src.upper() for s in seen} == {own_mac(out, p)}
        assert len({s[IP].src for s in seen}) == (16 if flows else 1)


def test_txonly(build, tmp_path):
    vdevs = ["net_null0", "net_null1"]
    status, out = run(args(vdevs, "--forward-mode=txonly", "--record-core-cycles"))
    assert status == 0, out[-3000:]
    ports, all_ = totals(out)
    assert all(p["RX-packets"] == 0 and p["TX-packets"] > 1000 for p in ports)
    assert re.search(r"CPU cycles/packet=\d+\.\d\d \(total cycles=\d+ / total txonly packets=" +
                     str(all_["TX-packets"]), out)


@pytest.mark.parametrize("topology,to", [("paired", [1, 0, 2]), ("chained", [1, 2, 0]),
                                         ("loop", [0, 1, 2])])
def test_port_topology(build, tmp_path, topology, to):
    vdevs = []
    frames = []
    for i in range(3):
        frames.append(udp_flows(20 + i, 2))
        write_pcap(tmp_path / f"in{i}.pcap", frames[i])
        vdevs.append(f"net_pcap{i},rx_pcap={tmp_path}/in{i}.pcap,tx_pcap={tmp_path}/out{i}.pcap")
    status, out = run(args(vdevs, f"--port-topology={topology}"))
    assert status == 0, out[-3000:]
    for i in range(3):
        assert read_pcap(tmp_path / f"out{to[i]}.pcap") == frames[i]


@pytest.mark.parametrize("option", ["--nb-ports=2", "--portmask=0x3"])
def test_choice_of_ports(build, tmp_path, option):
    frames = udp_flows(20, 2)
    out, sent = forwarded(tmp_path, frames, option, n=3)
    assert [len(s) for s in sent] == [20, 20, 0]
    assert len(totals(out)[0]) == 2


def test_flush_rx(build, tmp_path):
    """By default nothing that was received is lost, unlike in dpdk-testpmd."""
    frames = udp_flows(20, 2)
    assert [len(s) for s in forwarded(tmp_path, frames, "--no-flush-rx")[1]] == [20, 20]
    assert [len(s) for s in forwarded(tmp_path, frames, "--flush-rx")[1]] == [0, 0]


def test_two_streams_on_each_port(build, tmp_path):
    """The more streams than ports, the more tables."""
    status, out = run(args(["net_null0", "net_null1"], "--rxq=2", "--txq=2", "--record-burst-stats",
                           "--burst=8"))
    assert status == 0, out[-3000:]
    for rx, tx in ((0, 1), (1, 0)):
        for q in (0, 1):
            assert f"Forward Stats for RX Port= {rx}/Queue= {q} -> TX Port= {tx}/Queue= {q}" in out
    assert len(re.findall(r"[RT]X-bursts : \d+ \[0% of 0 pkts \+ 100% of 8 pkts\]", out)) == 4


def test_unsent_packets_are_counted_and_freed(build, tmp_path):
    """net_ring keeps what it is sent until it is received, and txonly receives nothing."""
    status, out = run(args(["net_ring0"], "--forward-mode=txonly"))
    assert status == 0, out[-3000:]
    t = totals(out)[1]
    assert t["TX-dropped"] > t["TX-packets"] > 0
    assert t["TX-total"] == t["TX-dropped"] + t["TX-packets"]


def test_duration(build):
    begin = time.monotonic()
    status, out = run(args(["net_null0"], "--stats-period=1", duration=2))
    assert status == 0
    assert 2 <= time.monotonic() - begin < 60
    assert len(re.findall(r"^Port 0 .*Rx-pps: +\d+ .*Tx-pps: +\d+ ", out, re.M)) >= 1


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_cleanly(build, sig):
    p = subprocess.Popen([str(a) for a in args(["net_null0"], "--stats-period=1", duration=None)],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True)
    try:
        for line in p.stdout:
            if "Rx-pps" in line:
                break
        p.send_signal(sig)
        rest = p.communicate(timeout=HANG)[0]
    finally:
        if p.poll() is None:
            p.kill()
            p.wait()
    assert p.returncode == 0, rest
    assert "Accumulated forward statistics" in rest
    assert "mempool mb_pool_0: mbufs in use 0" in rest


def test_help(build):
    status, out = run([TESTPMD_PPOOL, "--", "--help"])
    assert status == 0
    for option in ("--forward-mode", "--pool", "--ppool-page-size", "--duration", "--port-topology"):
        assert option in out


def test_one_cpu_is_enough(build):
    status, out = run(args(["net_null0"], lcores=("--lcores", "0@0,1@0")))
    assert status == 0, out[-3000:]


@pytest.mark.parametrize("options,words", [
    (["--portmask=0x4"], ["portmask", "0x1"]),
    (["--portmask=z"], ["portmask", "z"]),
    (["--coremask=0x1"], ["coremask", "main"]),
    (["--socket-num=7"], ["socket-num"]),
    (["--eth-peer=0"], ["eth-peer", "MAC"]),
    (["--total-num-mbufs=10"], ["total-num-mbufs"]),
    (["--rx-offloads=0x1"], ["VLAN_STRIP"]),
    (["--tx-offloads=0x8000"], ["MULTI_SEGS"]),
    (["--ppool-page-size=8192"], ["ppool-page-size", "mempool"]),
    (["--max-pkt-len=9000"], ["9000", "scatter"]),
    (["--rxq"], ["rxq", "value"]),
    (["--tx-first=1"], ["tx-first", "no value"]),
    (["-i"], ["prompt"]),
    (["--pool=ppool"], ["port 0", "net_null", "--pool=mempool"]),
])
def test_refused_in_words(build, options, words):
    status, out = run(args(["net_null0"], *options))
    assert status == 1, out
    assert len(out.splitlines()) < 60
    for w in words:
        assert w in out, out


def test_one_lcore_is_refused(build):
    status, out = run(args(["net_null0"], lcores=("-l", "0")))
    assert status == 1
    assert "-l 0,1" in out


def sysfs_device(top, address, klass, vendor, device, driver=None):
    d = top / address
    d.mkdir()
    for name, value in (("class", klass), ("vendor", vendor), ("device", device)):
        (d / name).write_text(f"{value:#x}\n")
    if driver:
        os.symlink(f"../../../bus/pci/drivers/{driver}", d / "driver")


@pytest.mark.parametrize("pci,why", [
    ([], "not bound to vfio-pci"),
    (["-b", "0000:01:00.0"], "excluded by -b"),
    (["-a", "0000:09:00.0"], "excluded: -a"),
    (["--no-pci"], "excluded by --no-pci")])
def test_no_port_lists_what_it_saw(build, tmp_path, pci, why):
    """Every network device, by whom it is bound, and why it is no port."""
    sysfs_device(tmp_path, "0000:01:00.0", 0x020000, 0x19E5, 0xA222, "hns3")
    sysfs_device(tmp_path, "0000:02:00.0", 0x030000, 0x1234, 0x1111)
    status, out = run([TESTPMD_PPOOL, "--in-memory", "--no-telemetry", "-m", "64", "-l", "0,1", *pci,
                       "--vdev=net_pcap0,rx_pcap=/nonexistent.pcap", "--"],
                      env={"SYSFS_PCI_DEVICES": str(tmp_path)})
    assert status == 1, out
    line = re.search(r"^ *PCI 0000:01:00\.0 .*$", out, re.M)
    assert line, out
    assert "19e5:a222" in line[0] and "bound to hns3" in line[0] and why in line[0]
    assert "0000:02:00.0" not in out[out.index("no usable port"):]
    assert re.search(r"vdev net_pcap0: ", out)


def test_device_of_no_driver(build):
    status, out = run(args(["net_nosuch0"]))
    assert status == 1
    assert "net_nosuch0" in out and "vdev" in out
