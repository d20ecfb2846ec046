# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""A program that runs on while the test talks to it."""

import os
import re
import signal
import subprocess
import tempfile
import time

import pytest

from conftest import HANG


class Program:
    """Started in a process group of its own; ended with the test, whatever happens."""

    def __init__(self, args, env=None):
        self.args = [str(a) for a in args]
        self.log = tempfile.NamedTemporaryFile(prefix="ppool-", suffix=".log")
        self.proc = subprocess.Popen(self.args, stdin=subprocess.PIPE, stdout=self.log,
                                     stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
                                     start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.proc.poll() is None:
            os.killpg(self.proc.pid, signal.SIGKILL)
            self.proc.wait()
        self.proc.stdin.close()
        self.log.close()

    @property
    def out(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def say(self, *lines):
        self.proc.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.proc.stdin.flush()

    def wait_for(self, pattern, ask=None, since=0, timeout=HANG):
        """Until the output from there on has it; asks again and again, if that is what it
        takes. The match."""
        end = time.monotonic() + timeout
        while True:
            ended = self.proc.poll() is not None
            found = re.search(pattern, self.out[since:], re.M)
            if found:
                return found
            if ended or time.monotonic() > end:
                pytest.fail(f"{'ended' if ended else 'hung'} before {pattern!r}: {self.args}\n"
                            f"{self.out[-6000:]}")
            if ask:
                self.say(ask)
            time.sleep(0.2)

    def interrupt(self):
        """As Ctrl-C does."""
        self.proc.send_signal(signal.SIGINT)

    def end(self, *lines, timeout=HANG):
        """Says the last words, and waits for the end. The exit status and all output."""
        self.say(*lines)
        try:
            status = self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"does not end: {self.args}\n{self.out[-6000:]}")
        return status, self.out
