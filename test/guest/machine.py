# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Runs a guest, with the ports of hns3-sim in it, to its end or to its time limit."""

import ctypes
import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
TIME_LIMIT = int(os.environ.get("PPOOL_GUEST_LIMIT", "300"))


def _die_with_parent():
    """In a child before it becomes another program: no guest outlives who started it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Outcome:
    """What a guest told, and what the model saw."""

    exits: dict = field(default_factory=dict)
    console: str = ""
    report: dict = field(default_factory=dict)
    seconds: float = 0
    problem: str = ""
    told: list = field(default_factory=list)

    def log(self, name):
        found = re.search(rf"^@@begin {re.escape(name)}\r?\n(.*?)^@@end {re.escape(name)}\r?$",
                          self.console, re.M | re.S)
        return found.group(1).replace("\r", "") if found else ""

    def tail(self):
        return f"{self.problem}\n{self.told}\n{self.console[-6000:]}"

    def finished(self, *steps):
        """The guest came to its end and each step ended with 0."""
        assert not self.problem, self.tail()
        bad = {k: v for k, v in self.exits.items() if v != 0}
        assert not bad, f"{bad}\n" + "\n".join(self.log(k)[-4000:] for k in bad) + self.tail()
        missing = [s for s in steps if s not in self.exits]
        assert not missing, f"no end of {missing}\n{self.tail()}"
        return self

    def clean(self, reset=True):
        """No rule broken, no DMA where nothing is mapped, no message refused; nothing mapped
        when the guest reset the closed ports."""
        r = self.report
        assert r, "no report of hns3-sim" + self.tail()
        broken = {p["id"]: p["violations"] for p in r["ports"] if p["violations"]}
        assert not broken, broken
        assert r["iommu"]["faults"] == 0, r["iommu"]
        for p in r["ports"]:
            assert p["vfio_user"]["refused"] == 0, p["vfio_user"]
            if reset:
                assert p["vfio_user"]["resets"] > 0, p["vfio_user"]
                assert p["vfio_user"]["mapped_at_reset"] == 0, p["vfio_user"]
        assert not self.iommu_faults(), self.iommu_faults()
        return self

    def iommu_faults(self):
        """What the guest's kernel says of its IOMMU."""
        return [x for x in self.log("dmesg").splitlines()
                if re.search(r"\bfault(ed|s)?\b", x, re.I)]


class Machine:
    """One guest. @answer: called with each question of the guest; True: yes, False: not yet."""

    def __init__(self, work, qemu, kernel, image, cmdline, options, control="ttyS1",
                 console="ttyS0", memory=768, answer=None):
        self.work = Path(work)
        self.args = [*qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                     "-object", f"memory-backend-memfd,id=m0,size={memory}M,share=on",
                     "-m", f"{memory}M", "-smp", "2", "-kernel", str(kernel), "-initrd", str(image),
                     *options, "-append",
                     f"console={console} control={control} panic=-1 quiet {cmdline}"]
        self.answer = answer or (lambda question: True)
        self.outcome = Outcome()
        self.started = time.monotonic()

    def _left(self):
        return TIME_LIMIT - (time.monotonic() - self.started)

    def start_model(self, sim, sim_args):
        self.sock = self.work / "s"
        self.report = self.work / "report.json"
        self.model_log = open(self.work / "model.log", "wb")
        self.model = subprocess.Popen([str(sim), "--vfio-user", str(self.sock), "--report",
                                       str(self.report), *map(str, sim_args)],
                                      stdin=subprocess.DEVNULL, stdout=self.model_log,
                                      stderr=subprocess.STDOUT, preexec_fn=_die_with_parent)
        while not Path(f"{self.sock}.0").exists():
            if self.model.poll() is not None or self._left() < 0:
                raise AssertionError((self.work / "model.log").read_text())
            time.sleep(0.02)

    def stop_model(self):
        if self.model.poll() is None:
            self.model.send_signal(signal.SIGTERM)
        try:
            status = self.model.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.model.kill()
            status = self.model.wait()
        self.model_log.close()
        if status != 0:
            text = (self.work / "model.log").read_text(errors="replace")
            self.outcome.problem += f"hns3-sim ended with {status}: {text[-2000:]}"
        if self.report.exists():
            self.outcome.report = json.loads(self.report.read_text())

    def _listen(self, proc):
        for raw in proc.stdout:
            words = raw.decode(errors="replace").split()
            if not words:
                continue
            if words[0] != "ask":
                self.outcome.told.append(f"{time.monotonic() - self.started:.1f}: {' '.join(words)}")
            if words[0] == "exit" and len(words) == 3:
                self.outcome.exits[words[1]] = int(words[2])
            elif words[0] == "ask":
                # a step that waits too long ends, so that its log comes to light
                late = self._left() < TIME_LIMIT / 3
                yes = late or self.answer(" ".join(words[1:]))
                if late:
                    self.outcome.problem += f"waited too long for {words[1:]}. "
                try:
                    proc.stdin.write(b"yes\n" if yes else b"no\n")
                    proc.stdin.flush()
                except OSError:
                    return

    def run(self):
        """To the end. The console is a file, the control line is the process's own."""
        console = self.work / "console.log"
        err = self.work / "qemu.log"
        with open(err, "wb") as errfile:
            proc = subprocess.Popen([*self.args, "-chardev", "stdio,id=ctl,signal=off",
                                     "-chardev", f"file,id=con,path={console}",
                                     "-serial", "chardev:con", "-serial", "chardev:ctl"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=errfile, preexec_fn=_die_with_parent)
            listener = threading.Thread(target=self._listen, args=(proc,), daemon=True)
            listener.start()
            try:
                proc.wait(timeout=max(1, self._left()))
            except subprocess.TimeoutExpired:
                self.outcome.problem += f"the guest did not end within {TIME_LIMIT} s. "
            finally:
                if proc.poll() is None:
                    proc.kill()
                    proc.wait()
                listener.join(timeout=5)
        if not any(" done" in t for t in self.outcome.told):
            self.outcome.problem += ("the guest ended early: " +
                                     err.read_text(errors="replace")[-1500:])
        if console.exists():
            self.outcome.console = console.read_text(errors="replace")
        self.outcome.seconds = time.monotonic() - self.started
        return self.outcome


def vfio_user_ports(sock, nb):
    """Options for the ports of the model, each behind a root port of its own."""
    options = []
    for i in range(nb):
        socket = json.dumps({"driver": "vfio-user-pci", "bus": f"rp{i}",
                             "socket": {"path": f"{sock}.{i}", "type": "unix"}})
        options += ["-device", f"pcie-root-port,id=rp{i},chassis={i + 1},slot={i + 1},addr={i + 4:x}",
                    "-device", socket]
    return options


def run_with_model(m, answer, wired=lambda: None):
    """A machine whose model_args are set, to its end; answers its questions. @wired is called
    when the model is there, and before the guest."""
    m.answer = answer
    m.start_model(*m.model_args)
    try:
        wired()
        m.run()
    finally:
        m.stop_model()
    return m.outcome
