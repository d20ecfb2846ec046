# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""hns3-sim as a server of vfio-user, as a client at the socket sees it. What the protocol says is
tested in test/unit/sim/test_vfu*.c, and the whole in virtual machines by test_guest.py."""

import json
import os
import signal
import socket
import struct
import subprocess
import time

import pytest
from conftest import HANG, SIM, run

VERSION, REGION_READ, ERROR = 1, 9, 0x20


@pytest.fixture
def server(build, tmp_path):
    report = tmp_path / "report.json"
    proc = subprocess.Popen([SIM, "--vfio-user", tmp_path / "s", "--ports", "2", "--report", report],
                            stderr=subprocess.PIPE)
    deadline = time.monotonic() + HANG
    while not (tmp_path / "s.1").exists():
        assert proc.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    yield proc, tmp_path, report
    if proc.poll() is None:
        proc.kill()
    proc.wait()


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(HANG)
    s.connect(str(path))
    return s


def exact(s, n):
    data = b""
    while len(data) < n:
        piece = s.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def ask(s, command, body):
    s.sendall(struct.pack("<HHIII", 7, command, 16 + len(body), 0, 0) + body)
    _, cmd, size, flags, error = struct.unpack("<HHIII", exact(s, 16))
    assert cmd == command
    return (error if flags & ERROR else 0), exact(s, size - 16)


def greeted(path):
    s = connect(path)
    error, body = ask(s, VERSION, struct.pack("<HH", 0, 1) + b'{"capabilities":{}}\0')
    assert error == 0 and body[:4] == struct.pack("<HH", 0, 1)
    return s


def greeted_in_the_end(path):
    """As soon as the server has seen that the client before has gone."""
    end = time.monotonic() + HANG
    while True:
        try:
            return greeted(path)
        except (EOFError, ConnectionError):
            assert time.monotonic() < end
            time.sleep(0.05)


def pci_id(s):
    error, body = ask(s, REGION_READ, struct.pack("<QII", 0, 7, 4))
    assert error == 0
    return body[16:].hex()


def end(proc):
    proc.send_signal(signal.SIGTERM)
    assert proc.wait(timeout=HANG) == 0, proc.stderr.read()


def test_clients_come_and_go(server):
    proc, d, report = server
    first, other = greeted(d / "s.0"), greeted(d / "s.1")
    assert pci_id(first) == pci_id(other) == "e51922a2"
    # a second one at the same port is sent away, and the first does not notice
    second = connect(d / "s.0")
    with pytest.raises((EOFError, ConnectionError)):
        ask(second, VERSION, struct.pack("<HH", 0, 1))
    assert pci_id(first) == "e51922a2"
    first.close()
    again = greeted_in_the_end(d / "s.0")
    assert pci_id(again) == "e51922a2"
    end(proc)
    ports = json.loads(report.read_text())["ports"]
    assert [p["vfio_user"]["clients"] for p in ports] == [2, 1]
    assert not (d / "s.0").exists() and not (d / "s.1").exists()


def test_noise_does_not_end_it(server):
    proc, d, report = server
    for noise in (b"\0" * 16, b"\xff" * 64, os.urandom(4096), b"GET / HTTP/1.1\r\n\r\n"):
        s = connect(d / "s.0")
        try:
            s.sendall(noise)
            s.shutdown(socket.SHUT_WR)
            while s.recv(4096):
                pass
        except ConnectionError:
            pass
        s.close()
        time.sleep(0.3)  # or the next one may be sent away unheard
    assert pci_id(greeted_in_the_end(d / "s.0")) == "e51922a2"
    end(proc)
    assert json.loads(report.read_text())["ports"][0]["vfio_user"]["refused"] > 0


def test_command(build, tmp_path):
    """Ends with the command, which finds the sockets."""
    script = f"test -S {tmp_path}/s.0 && test -z \"$LD_PRELOAD\" && exit 7"
    status, out = run([SIM, "--vfio-user", tmp_path / "s", "--", "sh", "-c", script])
    assert status == 7, out
    assert not (tmp_path / "s.0").exists()


@pytest.mark.parametrize("args, told", [
    (["--vfio-user", "x" * 101], "a name of"),
    (["--vfio-user", "/nowhere/at/all"], "/nowhere/at/all.0"),
    (["--vfio-user", "s", "--mode", "threaded"], "--mode"),
    (["--vfio-user", "s", "--until-idle", "5"], "--until-idle"),
    (["--vfio-user", "s", "--unbound", "0"], "--unbound"),
    (["--vfio-user", "s", "--inject", "iommu:fail=1"], "iommu"),
])
def test_wrong_options(build, args, told):
    status, out = run([SIM, *args])
    assert status == 2 and told in out, out


def test_a_file_is_not_replaced(build, tmp_path):
    (tmp_path / "s.0").write_text("mine")
    status, out = run([SIM, "--vfio-user", tmp_path / "s"])
    assert status == 2 and "in use" in out, out
    assert (tmp_path / "s.0").read_text() == "mine"
