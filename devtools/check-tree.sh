#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# Rules of the tree that no compiler checks. Prints each breach; exit status 1 if any.

set -u
cd "$(dirname "$0")/.." || exit 2
bad=0

breach()
{
	echo "$*"
	bad=1
}

files()
{
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files "$@"
	else
		find . -path ./build -prune -o -type f -print | sed 's,^\./,,'
	fi
}

sources=$(files | grep -E '\.(c|h|py|sh)$|meson\.build$|meson_options\.txt$')
[ -n "$sources" ] || breach "no source found"
for f in $sources; do
	head -4 "$f" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || breach "$f: no SPDX line"
	lines=$(wc -l <"$f")
	[ "$lines" -le 900 ] || breach "$f: $lines lines, more than one room holds"
done

# Dependencies point one way; the driver and the model share no header.
grep -nE '#include.*(hns3_|testpmd|sim)' $(files lib) /dev/null && breach "lib/ includes from above"
grep -nE '#include.*(sim|testpmd)' $(files drivers) /dev/null && breach "drivers/ includes from above"
grep -nE '#include *"(\.\./)*(.*/)?(hns3_(hw|pf|rx|tx|cmdq|ethdev)|rte_ppool|rte_)' \
	$(files test/sim) /dev/null && breach "test/sim includes a header of the driver or of DPDK"
grep -nE 'ALLOW_INTERNAL_API' $(files lib app) /dev/null && breach "internal API outside the driver"
# The driver must not know that a model exists.
grep -niE 'hns3-sim|simulat' $(files drivers) /dev/null && breach "the driver knows of the model"

for f in $(files lib drivers app | grep '\.h$'); do
	grep -qE '#ifndef|#pragma once' "$f" || breach "$f: no include guard"
done
exit $bad
