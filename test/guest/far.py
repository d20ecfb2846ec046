# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""A host at the far end of a port's tap wire: a network namespace of this machine, with the
machine's own TCP/IP stack."""

import shutil
import subprocess

from packages import Unavailable


class FarHost:
    """with FarHost(tap, address) as far: ...; far.join() once the simulator has made the tap."""

    def __init__(self, tap, address):
        self.tap = tap
        self.address = address
        self.name = f"ns-{tap}"
        self.server = None
        for tool in ("ip", "iperf3"):
            if shutil.which(tool) is None:
                raise Unavailable(f"no {tool}: install iproute2 and iperf3")

    def _ip(self, *args, check=True):
        done = subprocess.run(["ip", *args], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0 or not check, (args, done.stderr)

    def __enter__(self):
        self._ip("netns", "del", self.name, check=False)
        self._ip("netns", "add", self.name)
        return self

    def join(self):
        self._ip("link", "set", self.tap, "netns", self.name)
        self._ip("-n", self.name, "addr", "add", f"{self.address}/24", "dev", self.tap)
        self._ip("-n", self.name, "link", "set", self.tap, "up")
        self.server = subprocess.Popen(["ip", "netns", "exec", self.name, "iperf3", "-s"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)

    def __exit__(self, *_):
        if self.server is not None:
            self.server.kill()
            self.server.wait()
        self._ip("netns", "del", self.name, check=False)
