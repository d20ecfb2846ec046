# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Runs DPDK programs on the simulated NIC and hands back what they and the NIC saw."""

import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PPOOL_BUILD_DIR", TOP / "build")).resolve()
SIM = BUILD / "test/sim/hns3-sim"
TESTPMD_PPOOL = BUILD / "app/testpmd-ppool/testpmd-ppool"
PLUGIN = BUILD / "drivers/net/hns3_pmd/librte_net_hns3_pmd.so"
LIBRARY = BUILD / "lib/ppool/librte_ppool.so"

# What runs programs of another architecture, and the distribution's testpmd of that one.
EMULATOR = shlex.split(os.environ.get("PPOOL_EMULATOR", ""))
DPDK_TESTPMD = os.environ.get("PPOOL_DPDK_TESTPMD", "dpdk-testpmd")

# No test waits so long; a program that does has hung.
HANG = 360 if EMULATOR else 120

# A job in the background of a shell ignores some signals, and all that it starts would, too.
for _sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(_sig) == signal.SIG_IGN:
        signal.signal(_sig, signal.SIG_DFL)


@dataclass
class Result:
    """How a run on the simulator ended."""

    status: int
    out: str
    report: dict = field(default_factory=dict)

    def port(self, i):
        return self.report["ports"][i]

    def clean(self):
        """The driver broke no rule, and no DMA missed."""
        broken = [(p["id"], p["violations"]) for p in self.report["ports"] if p["violations"]]
        assert not broken, f"{broken}\n{self.out[-3000:]}"
        assert self.report["iommu"]["faults"] == 0, self.report["iommu"]
        assert self.report["violations"] == 0
        return self

    def ok(self):
        assert self.status == 0, f"exit status {self.status}\n{self.out[-6000:]}"
        return self.clean()


def run(args, env=None, stdin=None, timeout=HANG):
    """Runs to the end in a process group of its own; kills just that if it hangs."""
    with tempfile.TemporaryFile() as log:
        proc = subprocess.Popen([str(a) for a in args], stdin=subprocess.PIPE if stdin else
                                subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                env={**os.environ, **(env or {})}, start_new_session=True)
        try:
            proc.communicate(stdin.encode() if stdin else None, timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(proc.pid, signal.SIGKILL)
            proc.wait()
            log.seek(0)
            pytest.fail(f"hung: {args}\n{log.read().decode(errors='replace')[-6000:]}")
        log.seek(0)
        return proc.returncode, log.read().decode(errors="replace")


def sim_args(report, ports=2, wires=(), mode=None, extra=()):
    args = [*EMULATOR, SIM, "--ports", ports, "--report", report]
    for i, spec in dict(wires).items():
        args += ["--wire", f"{i}={spec}"]
    if mode:
        args += ["--mode", mode]
    return args + list(extra) + ["--"]


def sim(command, tmp_path, timeout=HANG, stdin=None, env=None, **kw):
    """Runs a command on the simulator."""
    report = tmp_path / "report.json"
    report.unlink(missing_ok=True)
    status, out = run(sim_args(report, **kw) + list(command), timeout=timeout, stdin=stdin, env=env)
    return Result(status, out, json.loads(report.read_text()) if report.exists() else {})


def eal(lcores="0,1", mem=512, extra=()):
    return ["--in-memory", "--no-telemetry", "-m", mem, "-l", lcores, *extra]


def testpmd_ppool(*options, pool="ppool", eal_extra=(), lcores="0,1"):
    return [*EMULATOR, TESTPMD_PPOOL, *eal(lcores, extra=eal_extra), "--", f"--pool={pool}", *options]


testpmd_ppool.__test__ = False  # pytest takes its name for a test's


def dpdk_testpmd(*options, eal_extra=(), lcores="0,1"):
    return [*EMULATOR, DPDK_TESTPMD, *eal(lcores, extra=eal_extra), "--", *options]


@pytest.fixture(scope="session")
def build():
    for f in (SIM, TESTPMD_PPOOL, PLUGIN, LIBRARY):
        assert f.exists(), f"{f} is not built"
    return BUILD


def world_writable_above(path):
    return any(p.stat().st_mode & stat.S_IWOTH for p in [path, *path.parents])


@pytest.fixture(scope="session")
def plugin(build):
    """The driver at a place from which EAL accepts plugins: it refuses any below a folder
    that everybody can write, such as /tmp."""
    if not world_writable_above(PLUGIN.resolve().parent):
        yield PLUGIN
        return
    d = Path(tempfile.mkdtemp(dir="/run", prefix="hns3-pmd-"))
    for pattern, folder in (("librte_net_hns3_pmd.so*", PLUGIN.parent),
                            ("librte_ppool.so*", LIBRARY.parent)):
        for f in folder.glob(pattern):
            if f.is_file():
                shutil.copy(f, d / f.name)
    os.environ["LD_LIBRARY_PATH"] = f"{d}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    yield d / PLUGIN.name
    shutil.rmtree(d)


@pytest.fixture(scope="session")
def library():
    """The page pool for programs that do not know it, at such a place, too."""
    assert LIBRARY.exists(), f"{LIBRARY} is not built"
    if not world_writable_above(LIBRARY.resolve().parent):
        yield LIBRARY
        return
    d = Path(tempfile.mkdtemp(dir="/run", prefix="ppool-"))
    shutil.copy(LIBRARY, d / LIBRARY.name)
    yield d / LIBRARY.name
    shutil.rmtree(d)


@pytest.fixture(scope="session", autouse=True)
def hugepages():
    free = int(Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages").read_text())
    assert free >= 600, f"{free} free hugepages of 2M: run devtools/test.sh, which reserves them"
