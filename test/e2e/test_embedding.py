# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""A program from outside this tree, built against what `meson install` installs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import TOP, eal, sim


def sh(*args, **kw):
    p = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       stdin=subprocess.DEVNULL, text=True, timeout=300, **kw)
    assert p.returncode == 0, f"{args}\n{p.stdout[-4000:]}"
    return p.stdout


@pytest.fixture(scope="module")
def prefix(build):
    """An installation below a folder that only root can write (EAL wants that of plugins)."""
    d = Path("/run/ppool-install-test")
    shutil.rmtree(d, ignore_errors=True)
    sh("meson", "install", "-C", build, "--no-rebuild", "--destdir", d, "--quiet")
    yield d
    shutil.rmtree(d)


def found(prefix, name):
    files = [f for f in prefix.rglob(name)]
    assert files, f"{name} was not installed: {[str(f) for f in prefix.rglob('*')][:40]}"
    return files[0]


@pytest.mark.parametrize("static", [False, True])
def test_example_against_the_installation(prefix, tmp_path, static):
    src = tmp_path / "pagefwd"
    shutil.copytree(TOP / "examples/pagefwd", src)
    pc = tmp_path / "librte_ppool.pc"
    lib = found(prefix, "librte_ppool.so").parent
    # This installation is staged: the file names the place that it would move to.
    pc.write_text(re.sub(r"^prefix=", f"prefix={prefix}", found(prefix, pc.name).read_text(), flags=re.M))
    env = {**os.environ, "PKG_CONFIG_PATH": str(tmp_path), "LD_LIBRARY_PATH": str(lib)}
    if static:
        archive = found(prefix, "librte_ppool.a")
        sh("make", "-C", src, "LDLIBS=-Wl,--whole-archive "
           f"{archive} -Wl,--no-whole-archive -lnuma $(shell pkg-config --libs libdpdk)", env=env)
    else:
        sh("make", "-C", src, env=env)
    plugin = found(prefix, "librte_net_hns3_pmd.so")
    count = 20000
    r = sim([src / "pagefwd", *eal(lcores="1", extra=("-d", str(plugin)))], tmp_path, ports=2,
            extra=("--until-idle", "1000"), env={"LD_LIBRARY_PATH": str(lib)},
            wires={p: f"gen:size=64,flows=8,count={count}" for p in (0, 1)})
    if static:
        # The plugin brings the shared library: two copies in one program. The second is refused,
        # in words, and nothing runs on it.
        assert r.status != 0, r.out[-3000:]
        assert re.search(r"second copy", r.out, re.I), r.out[-3000:]
        return
    r.ok()
    assert f"{2 * count} frames forwarded" in r.out, r.out[-3000:]
    assert r.port(0)["tx_frames"] == r.port(1)["tx_frames"] == count
