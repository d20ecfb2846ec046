# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The far ends of two network cards of a guest that QEMU emulates: a datagram is a frame."""

import select
import socket


class Pair:
    """Sends frames to one card, and expects them from the other."""

    WINDOW = 32

    def __init__(self, work, name, frames):
        self.frames = frames
        self.work, self.name = work, name
        self.sent = 0
        self.got = []
        self.socks = []
        for i in (0, 1):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(f"{work}/{name}{i}.host")
            s.setblocking(False)
            self.socks.append(s)

    def options(self):
        """For each card: the options of its wire, and what its device says."""
        for i in (0, 1):
            n = f"{self.name}{i}"
            yield (["-netdev", f"dgram,id={n},local.type=unix,local.path={self.work}/{n}.guest,"
                    f"remote.type=unix,remote.path={self.work}/{n}.host"],
                   f"netdev={n},mac=52:54:00:00:0{i}:{ord(self.name):02x}")

    def turn(self):
        """Moves what can be moved within a moment; True when all frames are through."""
        for _ in range(200):
            while self.sent < len(self.frames) and self.sent - len(self.got) < self.WINDOW:
                try:
                    self.socks[0].sendto(self.frames[self.sent], f"{self.work}/{self.name}0.guest")
                except (BlockingIOError, ConnectionRefusedError):
                    break
                self.sent += 1
            if select.select([self.socks[1]], [], [], 0.01)[0]:
                self.got.append(self.socks[1].recv(65536))
            elif self.sent == len(self.frames):
                break
        return len(self.got) >= len(self.frames)

    def check(self):
        assert len(self.got) == len(self.frames), f"{len(self.got)} frames of {len(self.frames)}"
        bad = [i for i in range(len(self.frames)) if self.got[i] != self.frames[i]]
        assert not bad, f"{len(bad)} frames differ, the first is {bad[0]}"
