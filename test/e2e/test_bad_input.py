# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Wrong input ends in a clear message and a status other than 0; nothing hangs."""

import re
import signal
import subprocess

import pytest
from conftest import HANG, SIM, TESTPMD_PPOOL, eal, run, sim, sim_args, testpmd_ppool
from frames import udp_flows, write_pcap

SHORT = ("--duration=1",)


def refused(status, out, *words):
    assert status not in (0, None) and status < 128, (status, out[-3000:])
    low = out.lower()
    for w in words:
        assert re.search(w.lower(), low), f"no '{w}' in:\n{out[-3000:]}"


@pytest.mark.parametrize("args,words", [
    (["--ports", "0", "--", "true"], ["ports"]),
    (["--ports", "99", "--", "true"], ["ports"]),
    (["--ports", "two", "--", "true"], ["ports"]),
    (["--wire", "0=nosuch", "--", "true"], ["nosuch", "gen|loop"]),
    (["--wire", "7=loop", "--", "true"], ["port"]),
    (["--wire", "0=gen:size=9", "--", "true"], ["size"]),
    (["--wire", "0=gen:colour=red", "--", "true"], ["colour"]),
    (["--wire", "0=peer:0", "--", "true"], ["peer"]),
    (["--wire", "loop", "--", "true"], ["wire"]),
    (["--mode", "fast", "--", "true"], ["fast", "threaded"]),
    (["--device-id", "0x1234", "--", "true"], ["device"]),
    (["--tqps", "0", "--", "true"], ["tqps"]),
    (["--inject", "0=cmd:zzz:never", "--", "true"], ["inject"]),
    (["--nosuch"], ["nosuch"]),
    ([], ["command"]),
    (["--wire", "0=pcap:rx=/nonexistent/in.pcap", "--", "true"], ["/nonexistent/in.pcap"]),
    (["--wire", "0=pcap:tx=/nonexistent/out.pcap", "--", "true"], ["/nonexistent/out.pcap"]),
    (["--", "/nonexistent/program"], ["/nonexistent/program"]),
])
def test_simulator_refuses(build, args, words):
    refused(*run([SIM, *args]), *words)


def test_truncated_pcap(build, tmp_path):
    whole = tmp_path / "whole.pcap"
    write_pcap(whole, udp_flows(10, 2))
    for cut, name in ((7, "cut.pcap"), (-9, "tail.pcap")):
        f = tmp_path / name
        f.write_bytes(whole.read_bytes()[:cut])
        refused(*run([SIM, "--wire", f"0=pcap:rx={f}", "--", "true"]), name, "truncated|cut|not a pcap")


def test_command_status_is_handed_on(build):
    assert run([SIM, "--", "sh", "-c", "exit 7"])[0] == 7
    assert run([SIM, "--", "sh", "-c", "kill -TERM $$"])[0] == 128 + signal.SIGTERM


def test_port_not_bound(build, tmp_path):
    r = sim(testpmd_ppool(*SHORT), tmp_path, ports=1, extra=("--unbound", "0"))
    refused(r.status, r.out, "0000:7d:00.0", "19e5:a222", "vfio-pci", "no .*port")


def test_port_not_allowed(build, tmp_path):
    r = sim(testpmd_ppool(*SHORT, eal_extra=("-a", "0000:99:00.0")), tmp_path, ports=1)
    refused(r.status, r.out, "0000:7d:00.0", "-a|allow")


def test_no_hugepages(build, tmp_path):
    """The program is told of a machine without hugepages: more than all there can be."""
    r = sim([TESTPMD_PPOOL, "--in-memory", "--no-telemetry", "-m", "4000000", "-l", "0,1", "--", *SHORT],
            tmp_path, ports=1)
    refused(r.status, r.out, "hugepage", "nr_hugepages")


@pytest.mark.parametrize("options,words", [
    (["--forward-mode=nosuch"], ["nosuch", "macswap"]),
    (["--rxq=0"], ["rxq"]),
    (["--rxq=1000"], ["rxq", "1000"]),
    (["--burst=0"], ["burst"]),
    (["--burst=100000"], ["burst"]),
    (["--rxd=10"], ["rxd|descriptors"]),
    (["--rxd=70"], ["rxd|descriptors"]),
    (["--nb-cores=50"], ["cores"]),
    (["--port-topology=star"], ["star"]),
    (["--max-pkt-len=99999"], ["max-pkt-len"]),
    (["--duration=-1"], ["duration"]),
    (["--ppool-page-size=3000"], ["page"]),
    (["--ppool-frag-size=100"], ["frag"]),
    (["--txpkts=70000"], ["txpkts"]),
    (["--pool=nosuch"], ["nosuch", "mempool"]),
    (["--nosuch"], ["nosuch", "help"]),
    (["surplus"], ["surplus"]),
])
def test_testpmd_ppool_refuses(build, tmp_path, options, words):
    r = sim([TESTPMD_PPOOL, *eal(), "--", *SHORT, *options], tmp_path, ports=2)
    refused(r.status, r.out, *words)
    assert len(r.out.splitlines()) < 60, "pages of output hide the message"


@pytest.mark.parametrize("fault", ["retval=2", "retval=7", "never"])
@pytest.mark.parametrize("opcode,what", [
    ("0x0001", "version"), ("0x0023", "resource"), ("0x0025", "configuration|cfg"), ("0x0A01", "tqp"),
    ("0x0D01", "rss"), ("0x0301", "mac"), ("0x0020", "reset"), ("0x0308", "frame|mtu")])
def test_firmware_fails_a_command(build, tmp_path, opcode, fault, what):
    """An error, or no answer at all, to a command that the driver cannot do without."""
    r = sim(testpmd_ppool(*SHORT), tmp_path, ports=1, extra=("--inject", f"0=cmd:{opcode}:{fault}"))
    refused(r.status, r.out, opcode)
    assert r.report["iommu"]["mapped_bytes"] == 0 or fault == "never", r.report["iommu"]


def test_dma_mapping_fails(build, tmp_path):
    r = sim(testpmd_ppool(*SHORT), tmp_path, ports=1, extra=("--inject", "iommu:fail=1"))
    refused(r.status, r.out)


def test_second_sigint_and_kill(build, tmp_path):
    """Killed outright in mid-traffic: the simulator still reports, and leaves nothing."""
    report = tmp_path / "report.json"
    p = subprocess.Popen([str(a) for a in sim_args(report, wires={0: "gen:size=64,flows=4"}) +
                          testpmd_ppool("--stats-period=1")],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, start_new_session=True)
    lines = []
    for line in p.stdout:
        lines.append(line)
        if re.search(r"pps", line, re.I):
            break
    pids = subprocess.run(["pgrep", "-g", str(p.pid), "testpmd-ppool"], capture_output=True,
                          text=True, check=True).stdout.split()
    for pid in pids:
        subprocess.run(["kill", "-KILL", pid], check=True)
    rest = p.communicate(timeout=HANG)[0]
    assert p.returncode == 128 + signal.SIGKILL, (p.returncode, "".join(lines) + rest)
    assert report.exists()
