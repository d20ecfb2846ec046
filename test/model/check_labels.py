#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Do code and models name the same memory orders?

Each acquire, release or acq_rel in lib/ppool has a label beside it or in the comment before it,
and each half of each label has a seeded error in the table of relacy/main.cpp, which meson runs.
Left out are the records and assertions of debug builds.
"""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIB = os.path.join(HERE, '..', '..', 'lib', 'ppool')
ORDER = re.compile(r'__ATOMIC_(ACQUIRE|RELEASE|ACQ_REL)\b')
LABEL = re.compile(r'\b([A-Z][0-9])\b')
COMMENTED = re.compile(r'\*\s+([A-Z][0-9]):')
HALVES = {'ACQUIRE': ['acq'], 'RELEASE': ['rel'], 'ACQ_REL': ['rel', 'acq']}
COMMENT = 12  # lines before the operation


def without_debug(text):
    """Lines of debug builds only, blanked."""
    kept, depth = [], 0
    for line in text.split('\n'):
        if re.match(r'#\s*if', line) and (depth or 'RTE_PPOOL_DEBUG' in line):
            depth += 1
        debug = depth > 0 or 'PPOOL_ASSERT' in line
        if depth and re.match(r'#\s*(endif|else)', line):
            depth -= 1 if depth == 1 or 'endif' in line else 0
        kept.append('' if debug else line)
    return kept


def code_halves(bad):
    found = {}
    for path in sorted(glob.glob(LIB + '/*.[ch]')):
        name = os.path.basename(path)
        if name.startswith('ppool_debug'):
            continue
        with open(path, encoding='utf-8') as f:
            lines = without_debug(f.read())
        for i, line in enumerate(lines):
            order = ORDER.search(line)
            if order is None:
                continue
            # to the end of the statement, or else in the comment before it
            near = LABEL.findall(' '.join(lines[i:i + 2]).split(';')[0] + line)
            near = near or LABEL.findall((lines[i + 1:] or [''])[0])
            near = near or COMMENTED.findall('\n'.join(lines[max(0, i - COMMENT):i]))[-1:]
            if not near:
                bad.append('%s:%d: no label: %s' % (name, i + 1, line.strip()))
                continue
            for half in HALVES[order.group(1)]:
                found.setdefault(near[0] + '.' + half, []).append('%s:%d' % (name, i + 1))
    return found


def seeds():
    with open(HERE + '/relacy/main.cpp', encoding='utf-8') as f:
        return re.findall(r'\{ "(\w+)", "(\w+\.\w+)", \w+ \}', f.read())


def meson_seeds():
    with open(HERE + '/meson.build', encoding='utf-8') as f:
        return [(suite, s) for suite, halves in re.findall(r"'(\w+)': \[([^]]*)\]", f.read())
                for s in re.findall(r"'(\w+\.\w+)'", halves)]


def main():
    bad = []
    code = code_halves(bad)
    table = seeds()
    names = {re.sub(r'(?<=\d)[a-z]+', '', s) for _, s in table}
    bad += ['%s (%s): no seed' % (h, ' '.join(code[h])) for h in sorted(code) if h not in names]
    bad += ['%s: a seed of nothing in the code' % s for s in sorted(names)
            if s not in code and not s.endswith('.step')]
    bad += ['%s %s: in one of main.cpp and meson.build only' % s
            for s in sorted(set(table) ^ set(meson_seeds()))]
    for b in bad:
        print(b)
    print('%d halves of labels in the code, %d seeds' % (len(code), len(table)))
    return 1 if bad or not code else 0


sys.exit(main())
