#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# usage: check-build.sh DIR COMPILER LEVEL: builds everything in DIR with -Werror, and
# runs the unit tests of that build that need no hugepages (suite "fast").

set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:?DIR}
CC=${2:?COMPILER} meson setup "$dir" "$top" --buildtype=plain -Doptimization="${3:?LEVEL}" \
	-Ddebug=true -Dwerror=true -Dexamples=true >/dev/null
ninja -C "$dir"
export PPOOL_STRESS_SECONDS=4
meson test -C "$dir" --no-rebuild --suite fast --num-processes "$(nproc)" --timeout-multiplier 8 \
	--print-errorlogs
