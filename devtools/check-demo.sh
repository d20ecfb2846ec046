#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# usage: check-demo.sh DIR: clones this tree into DIR, runs demo.sh there for 3 s, and
# checks that it shows what README promises and leaves the hugepages as they were.

set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:?DIR}
hugepages=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages

before=$(cat $hugepages)
git clone -q "$top" "$dir"
log=$dir.log
status=0
"$dir/devtools/demo.sh" 3 >"$log" 2>&1 </dev/null || status=$?
cat "$log"
[ $status -eq 0 ]
after=$(cat $hugepages)
[ "$before" = "$after" ] || { echo "hugepages: $before before, $after after"; exit 1; }
for words in 'Rx-pps' 'Accumulated forward statistics' 'pages in flight 0' 'IOMMU: .* 0 faults'; do
	grep -q -- "$words" "$log" || { echo "demo.sh did not print: $words"; exit 1; }
done
