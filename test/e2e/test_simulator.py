# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""What hns3-sim itself promises, whatever runs on it: status, signals, wires, faults."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import HANG, SIM, dpdk_testpmd, run, sim, sim_args
from frames import read_pcap, udp_flows, write_pcap
from session import Program

QUICK = ("--no-flush-rx", "--disable-link-check", "--stats-period=1")


def start(tmp_path, command, **kw):
    report = tmp_path / "report.json"
    p = subprocess.Popen([str(a) for a in sim_args(report, **kw) + list(command)],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, start_new_session=True)
    return p, report


def wait_for(p, what):
    lines = []
    for line in p.stdout:
        lines.append(line)
        if re.search(what, line):
            return
    pytest.fail(f"no '{what}' in {''.join(lines)[-3000:]}")


def test_help(build):
    status, out = run([SIM, "--help"])
    assert status == 0
    for word in ("--ports", "--wire", "--until-idle", "--inject", "--report", "CRC"):
        assert word in out


def test_nothing_is_left(build, tmp_path):
    """The run's directory is the command's to see, and gone afterwards."""
    status, out = run([SIM, "--ports", "3", "--unbound", "1", "--", "sh", "-c",
                       "echo dir=$HNS3_SIM_DIR; ls $SYSFS_PCI_DEVICES; "
                       "cat $SYSFS_PCI_DEVICES/0000:7d:00.2/device; "
                       "for i in 0 1 2; do readlink $SYSFS_PCI_DEVICES/0000:7d:00.$i/driver || echo none; done"])
    assert status == 0
    assert out.count("vfio-pci") == 2 and out.count("none") == 1 and "0xa222" in out
    directory = re.search(r"^dir=(\S+)$", out, re.M)[1]
    assert not os.path.exists(directory)
    status, out = run([SIM, "--wire", "0=pcap:rx=/nonexistent", "--", "true"])
    assert status == 2
    status, _ = run([SIM, "--", "/nonexistent/program"])
    assert status == 127


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_handed_on(build, tmp_path, sig):
    p, report = start(tmp_path, ["sh", "-c", f"trap 'exit 5' {sig.name[3:]}; echo ready; "
                                 "while :; do sleep 0.1; done"])
    wait_for(p, "ready")
    p.send_signal(sig)
    p.communicate(timeout=HANG)
    assert p.returncode == 5
    assert json.loads(report.read_text())["ports"][0]["rx_frames"] == 0


def test_report_after_a_crash(build, tmp_path):
    p, report = start(tmp_path, dpdk_testpmd(*QUICK), wires={0: "gen:size=64,flows=4"})
    wait_for(p, "Rx-pps")
    time.sleep(1)
    children = subprocess.run(["pgrep", "-g", str(p.pid), "dpdk-testpmd"], capture_output=True,
                              text=True, check=True).stdout.split()
    for c in children:
        os.kill(int(c), signal.SIGSEGV)
    p.communicate(timeout=HANG)
    assert p.returncode == 128 + signal.SIGSEGV
    r = json.loads(report.read_text())
    assert r["ports"][0]["rx_frames"] > 0 and r["iommu"]["mapped_bytes_peak"] > 0
    assert r["iommu"]["faults"] == 0 and r["violations"] == 0


def test_pcap_is_whole_after_a_kill(build, tmp_path):
    """Frames that the NIC has sent are in the file, however the program ends."""
    write_pcap(tmp_path / "in.pcap", udp_flows(3000, 8))
    p, report = start(tmp_path, dpdk_testpmd(*QUICK), wires={
        0: f"pcap:rx={tmp_path}/in.pcap", 1: f"pcap:tx={tmp_path}/out.pcap"})
    wait_for(p, "Rx-pps")
    end = time.monotonic() + HANG
    while (tmp_path / "out.pcap").stat().st_size < 1000 and time.monotonic() < end:
        time.sleep(0.01)
    for c in subprocess.run(["pgrep", "-g", str(p.pid), "dpdk-testpmd"], capture_output=True,
                            text=True, check=True).stdout.split():
        os.kill(int(c), signal.SIGKILL)
    p.communicate(timeout=HANG)
    assert p.returncode == 128 + signal.SIGKILL
    out = read_pcap(tmp_path / "out.pcap")
    sent = json.loads(report.read_text())["ports"][1]["tx_frames"]
    # killed between the counting and the writing of one turn, at worst
    assert sent - 64 <= len(out) <= sent + 64 and len(out) > 0
    assert out == udp_flows(3000, 8)[:len(out)]


@pytest.mark.parametrize("wrap", [["sh", "-c", 'exec "$@"', "sh"], ["sh", "-c", '"$@"; exit $?', "sh"],
                                  ["nice", "-n", "0"], ["env", "-u", "NOSUCH"], ["timeout", "60"]])
def test_wrappers(build, tmp_path, wrap):
    r = sim([*wrap, *dpdk_testpmd(*QUICK)], tmp_path, ports=2, extra=("--until-idle", "300"),
            wires={0: "gen:size=64,flows=4,count=500"}).clean()
    assert r.port(0)["rx_frames"] == r.port(1)["tx_frames"] == 500


@pytest.mark.parametrize("mode", ["threaded", "exact"])
def test_peers(build, tmp_path, mode):
    """Four ports, forwarded in pairs: the generator's frames go through all of them."""
    r = sim(dpdk_testpmd(*QUICK, "--forward-mode=mac"), tmp_path, ports=4, mode=mode,
            extra=("--until-idle", "500"),
            wires={0: "gen:size=200,flows=8,count=2000", 1: "peer:2", 2: "peer:1",
                   3: f"pcap:tx={tmp_path}/out.pcap"}).clean()
    assert [r.port(p)["rx_frames"] for p in range(4)] == [2000, 0, 2000, 0]
    assert [r.port(p)["tx_frames"] for p in range(4)] == [0, 2000, 0, 2000]
    assert all(len(f) == 196 for f in read_pcap(tmp_path / "out.pcap"))


def test_only_receiving_does_not_stall(build, tmp_path):
    count = 50000
    before = time.monotonic()
    r = sim(dpdk_testpmd(*QUICK, "--forward-mode=rxonly"), tmp_path, ports=2,
            extra=("--until-idle", "300"),
            wires={p: f"gen:size=64,flows=4,count={count}" for p in (0, 1)}).clean()
    assert [r.port(p)["rx_frames"] for p in (0, 1)] == [count, count]
    assert time.monotonic() - before < 60


def test_attach_again(build, tmp_path):
    r = sim(dpdk_testpmd("-i", "--disable-link-check"), tmp_path, ports=2,
            wires={0: "gen:size=64,flows=4", 1: "gen:size=64,flows=4"},
            stdin="start\nstop\nport stop 0\nport close 0\ndevice detach 0000:7d:00.0\n"
                  "port attach 0000:7d:00.0\nport start 0\nstart\nshow port stats 0\nstop\nquit\n").ok()
    assert "Device 0000:7d:00.0 is detached" in r.out and "is attached" in r.out, r.out[-6000:]
    assert r.port(0)["commands"]["0x0001"]["count"] == 2


def without_ports(tmp_path, *options):
    """dpdk-testpmd goes on without ports, as if it forwarded, until it is interrupted."""
    with Program(sim_args(tmp_path / "report.json", ports=1, extra=options) +
                 dpdk_testpmd(*QUICK)) as p:
        p.wait_for("No probed ethernet devices")
        p.wait_for("Port statistics")
        p.interrupt()
        _, out = p.end()
    return out, json.loads((tmp_path / "report.json").read_text())


def test_mapping_fails(build, tmp_path):
    out, report = without_ports(tmp_path, "--inject", "iommu:fail=1")
    assert "Cannot allocate memory" in out
    assert report["iommu"]["mapped_bytes_peak"] == 0


def test_log_names_what_happened(build, tmp_path):
    _, report = without_ports(tmp_path, "--log", f"{tmp_path}/log", "--inject", "0=cmd:0x0001:retval=3")
    assert report["ports"][0]["commands"]["0x0001"] == {"count": 1, "errors": 1}
    log = (tmp_path / "log").read_text()
    assert "device opened" in log and "0x0001" in log
