# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""The drivers in a virtual machine, behind the kernel's own VFIO and an IOMMU: test/guest.

By itself the cases that need no minutes; PPOOL_GUEST=full runs all, PPOOL_GUEST=NAME one."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "guest"))

import cases  # noqa: E402
from packages import Unavailable  # noqa: E402


def chosen():
    which = os.environ.get("PPOOL_GUEST", "")
    if which == "full":
        return sorted(cases.CASES)
    if which:
        return which.split(",")
    return cases.BY_DEFAULT


@pytest.mark.parametrize("case", chosen())
def test_case(build, tmp_path, case):
    try:
        cases.CASES[case](cases.place_from_environment(tmp_path))
    except Unavailable as e:
        pytest.skip(f"guest case {case}: {e}")
