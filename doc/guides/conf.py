# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Sphinx configuration of the guides."""

project = "librte_ppool and net_hns3_pmd"
author = "The librte_ppool authors"
copyright = "2026, " + author
master_doc = "index"
html_theme = "classic"
highlight_language = "none"
