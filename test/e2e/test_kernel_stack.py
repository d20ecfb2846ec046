# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Two kernel TCP/IP stacks, in network namespaces, talk through testpmd-ppool."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
from conftest import HANG, sim_args, testpmd_ppool


def sh(*args, check=True, timeout=60):
    p = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       stdin=subprocess.DEVNULL, timeout=timeout, text=True)
    assert not check or p.returncode == 0, f"{args}: {p.stdout}"
    return p.stdout


class Net:
    """Two namespaces; each owns the TAP device at the far end of one simulated port."""

    def __init__(self, tmp_path, pool, mtu, options=()):
        self.tag = f"pp{os.getpid()}"
        self.ns = [f"{self.tag}{c}" for c in "ab"]
        self.tap = [f"{self.tag[:10]}t{c}" for c in "ab"]
        self.report = tmp_path / "report.json"
        self.log = open(tmp_path / "log", "w+b")
        self.mtu = mtu
        for ns in self.ns:
            sh("ip", "netns", "add", ns)
        cmd = sim_args(self.report, ports=2, wires={i: f"tap:{self.tap[i]}" for i in (0, 1)})
        cmd += testpmd_ppool("--forward-mode=io", f"--max-pkt-len={mtu + 26}", *options, pool=pool)
        self.proc = subprocess.Popen([str(a) for a in cmd], stdin=subprocess.DEVNULL,
                                     stdout=self.log, stderr=subprocess.STDOUT,
                                     start_new_session=True)

    def text(self):
        self.log.flush()
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def wait(self, what, condition):
        end = time.monotonic() + HANG
        while not condition():
            assert self.proc.poll() is None, f"ended before {what}\n{self.text()[-4000:]}"
            assert time.monotonic() < end, f"no {what}\n{self.text()[-4000:]}"
            time.sleep(0.1)

    def up(self):
        for i in (0, 1):
            self.wait(f"{self.tap[i]}", lambda i=i: os.path.exists(f"/sys/class/net/{self.tap[i]}"))
            sh("ip", "link", "set", self.tap[i], "netns", self.ns[i])
            ip = ("ip", "-n", self.ns[i])
            sh(*ip, "link", "set", "lo", "up")
            sh(*ip, "link", "set", self.tap[i], "mtu", self.mtu, "up")
            sh(*ip, "addr", "add", f"10.77.0.{i + 1}/24", "dev", self.tap[i])
            sh(*ip, "-6", "addr", "add", f"fd77::{i + 1}/64", "dev", self.tap[i], "nodad")
        self.wait("first answer", lambda: "1 received" in sh(
            *self.at(0), "ping", "-c1", "-W1", "10.77.0.2", check=False))
        return self

    def at(self, i):
        return ("ip", "netns", "exec", self.ns[i])

    def end(self):
        """Ends testpmd-ppool as a user does, by SIGINT to the simulator."""
        self.proc.send_signal(signal.SIGINT)
        status = self.proc.wait(HANG)
        return status, self.text(), json.loads(self.report.read_text())

    def close(self):
        if self.proc.poll() is None:
            os.killpg(self.proc.pid, signal.SIGKILL)
            self.proc.wait()
        for ns in self.ns:
            sh("ip", "netns", "del", ns, check=False)
        self.log.close()


def iperf3(net, *options):
    """Both ends' account of one TCP run: bytes sent, and received as each end says."""
    server = subprocess.Popen([*net.at(1), "iperf3", "-s", "-1", "-J"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(0.5)
        client = json.loads(sh(*net.at(0), "iperf3", "-c", "10.77.0.2", *options, "-J", timeout=HANG))
        seen = json.loads(server.communicate(timeout=HANG)[0])
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
    assert "error" not in client, client["error"]
    end = client["end"]
    assert seen["end"]["sum_received"]["bytes"] == end["sum_received"]["bytes"]
    return end["sum_sent"]["bytes"], end["sum_received"]["bytes"]


def answered(net, target, size):
    """Which echo requests were answered, in the order of the answers. With a deadline ping waits
    for as many answers as it is told to (without, for two round trips only, in which a busy machine
    may stand still), and goes on sending: a lost one is a gap, and late ones come together, so
    that there may be more than 20."""
    out = sh(*net.at(0), "ping", "-c", 20, "-i", 0.05, "-w", 60, "-s", size, "-M", "do", target)
    assert "DUP!" not in out, out
    return [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", out)]


def paced(net):
    """A run at whose end nothing is under way: iperf3 counts as sent what is in the socket,
    and its server stops reading when the client says so. A block every 21 ms, and 4 s end
    in the middle between two. On a busy machine a block may still be late: try again, then with
    one every 123 ms."""
    for rate, least in [("100M", 30 << 20)] * 4 + [("17M", 5 << 20)] * 12:
        sent, received = iperf3(net, "-t", 4, "-b", rate, "-l", "256K")
        assert sent > least
        if sent == received:
            break
    return sent, received


@pytest.mark.parametrize("pool,mtu", [("ppool", 1500), ("mempool", 1500), ("ppool", 9000)])
def test_ping_and_iperf3(build, tmp_path, pool, mtu):
    net = Net(tmp_path, pool, mtu)
    try:
        net.up()
        for target, size in (("10.77.0.2", 56), ("10.77.0.2", mtu - 28), ("fd77::2", 56)):
            seen = answered(net, target, size)
            assert len(seen) >= 20 and seen == list(range(1, len(seen) + 1))
        # As fast as it goes; what is missing at the end is at most what a socket holds.
        sent, received = iperf3(net, "-n", "200M")
        assert sent >= 200 << 20
        assert sent - (16 << 20) < received <= sent
        sent, received = paced(net)
        assert received == sent
        status, text, report = net.end()
        assert status == 0, text[-4000:]
        assert report["violations"] == 0 and report["iommu"]["faults"] == 0, report
        assert report["iommu"]["mapped_bytes"] == 0
        if pool == "ppool":
            assert "pages in flight 0" in text and "pages in flight 0" == text[
                text.rindex("pages in flight"):].splitlines()[0], text[-2000:]
    finally:
        net.close()
