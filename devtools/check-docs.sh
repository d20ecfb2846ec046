#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
#
# usage: check-docs.sh DIR: builds guides and API reference in DIR; a warning is an error.

set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:?DIR}
meson setup "$dir" "$top" -Denable_docs=true -Dtests=false >/dev/null
ninja -C "$dir" doc/api doc/guides
test -s "$dir/doc/guides/index.html"
test -s "$dir/doc/api/html/index.html"
grep -rq rte_ppool_create "$dir/doc/api/html"
