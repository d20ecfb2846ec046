#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The librte_ppool authors
"""Checks the Promela model, whole or with a seeded error.

usage: run_spin.py --list | check NAME | seed NUMBER
Exit status: 0 as it should be, 1 not, 77 spin or a compiler is missing.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'page.pml')
DEPTH = 20000
MEMORY = 1536  # MB
SECONDS = 1000  # far more than any needs

# Whole models: nothing may be found in all of their states.
CHECKS = {
    'small_page': 'GETS=2 SECOND=0',
    'small_page_one_user': 'GETS=3 USERS=1 SECOND=0',
    'small_page_second_put': 'GETS=2 USERS=1',
    'small_page_two_owners': 'OWNERS=2 USERS=1 GETS=1 LIVES=1 SECOND=0',
    'large_page': 'LARGE=1 GETS=2 LIVES=1 SECOND=0',
    'large_page_second_put': 'LARGE=1 GETS=2 USERS=1',
    'large_page_two_owners': 'LARGE=1 OWNERS=2 USERS=1 GETS=1 LIVES=1 SECOND=0',
}

SMALL, LARGE = 'GETS=2 SECOND=0', 'LARGE=1 GETS=2 SECOND=0'
SMALL_2ND, LARGE_2ND = CHECKS['small_page_second_put'], CHECKS['large_page_second_put']
SMALL_2, LARGE_2 = CHECKS['small_page_two_owners'], CHECKS['large_page_two_owners']

# Number, in which model, the invariant that must be found broken, what is wrong.
SEEDS = [
    (10, SMALL, 'lost', 'put: OR as read, then write'),
    (10, LARGE, 'bit_missing', 'put: OR as read, then write'),
    (11, LARGE, 'free_while_out', 'put: the count before the bits'),
    (12, LARGE_2ND, 'over_put_counted', 'put: the count by what was given, not by what was new'),
    (13, LARGE, 'lost', 'put: subtraction as read, then write'),
    (14, SMALL, 'two_lasts', 'put: last by a second look'),
    (15, SMALL_2ND, 'two_lasts', 'put: a second put of the last fragment is taken for the last'),
    (20, SMALL, 'lost', 'retire: OR as read, then write'),
    (20, LARGE, 'two_lasts', 'retire: hold and rest in two steps'),
    (21, SMALL_2ND, 'hold_broken', 'open: no hold'),
    (22, LARGE_2ND, 'over_put_counted', 'open: words before the count'),
    (23, SMALL, 'free_while_out', 'hold: read, then write'),
    (23, LARGE, 'touched_after_free', 'hold: read, then write'),
    (24, LARGE, 'bit_missing', 'hold: bits taken by read, then write'),
    (25, SMALL_2, 'hold_broken', 'hold: of a page that somebody holds'),
    (25, LARGE_2, 'two_lasts', 'hold: of a page that somebody holds'),
    (26, SMALL, 'two_lasts', 'hold: of a page at home'),
    (27, LARGE, 'over_put_counted', 'hold: bits taken are not counted'),
    (28, SMALL_2ND, 'refused_wrongly', 'hand out: no look at the word'),
    (29, LARGE_2ND, 'over_put_counted', 'hold: bits before the count'),
    (30, SMALL, 'lost', 'ring: push to a closed one'),
    (31, SMALL, 'lost', 'ring: link after the push'),
    (32, SMALL, 'lost', 'ring: push by a store'),
    (33, SMALL, 'lost', 'cache: of a closed owner'),
    (34, SMALL, 'lost', 'ring: taken by look, then clear'),
    (35, SMALL, 'lost', 'close: mark after the ring was emptied'),
    (40, SMALL, 'lost', 'page back: read, then write'),
    (41, SMALL, 'touched_after_free', 'page back: one look more by one who is not last'),
    (42, SMALL, 'lost', 'references: read, then write'),
    (43, SMALL, 'lost', 'close: read, then write'),
    (44, SMALL, 'touched_after_free', 'close: one look more after its reference'),
    (45, SMALL, 'lost', 'open: the struct of an owner that drains'),
]


def run(args, where):
    return subprocess.run(args, cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS, text=True)


def explore(defs, more=()):
    """What pan says about the model."""
    flags = ['-D' + d for d in defs.split()] + ['-D' + d for d in more]
    with tempfile.TemporaryDirectory(prefix='ppool-spin-') as where:
        made = run(['spin', '-a'] + flags + [MODEL], where)
        if made.returncode != 0 or not os.path.exists(where + '/pan.c'):
            sys.exit('spin: ' + made.stdout)
        made = run([os.environ.get('CC', 'cc'), '-O2', '-w', '-DSAFETY', '-DCOLLAPSE',
                    '-DMEMLIM=%d' % MEMORY, '-o', 'pan', 'pan.c'], where)
        if made.returncode != 0:
            sys.exit('cc: ' + made.stdout)
        return run(['./pan', '-n', '-m%d' % DEPTH], where).stdout


def check(name):
    said = explore(CHECKS[name])
    print(said)
    complete = not re.search('max search depth|out of memory|not completed|truncated', said)
    return 0 if complete and re.search(r'errors: 0\b', said) else 1


def seed(number):
    bad = 0
    for n, defs, broken, what in SEEDS:
        if n != number:
            continue
        said = explore(defs, ['SEED=%d' % n])
        found = re.search(r'^pan:\d+: assertion violated \(*(\w+)', said, re.M)
        found = found and found.group(1)
        ok = found == broken
        print('%s: seed %d (%s), %s: %s, wanted %s' %
              ('caught' if ok else 'NOT CAUGHT', n, what, defs, found, broken))
        bad += not ok
    return bad


def main():
    if sys.argv[1:] == ['--list']:
        for n in CHECKS:
            print('check', n)
        for n in sorted({s[0] for s in SEEDS}):
            print('seed', n)
        return 0
    known = {'check': list(CHECKS), 'seed': [str(s[0]) for s in SEEDS]}
    if len(sys.argv) != 3 or sys.argv[2] not in known.get(sys.argv[1], []):
        sys.exit(__doc__)
    for tool in ('spin', os.environ.get('CC', 'cc').split()[0]):
        if shutil.which(tool) is None:
            print('skipped: no', tool)
            return 77
    return check(sys.argv[2]) if sys.argv[1] == 'check' else min(seed(int(sys.argv[2])), 1)


sys.exit(main())
