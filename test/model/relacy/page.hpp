/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The state of a page as lib/ppool keeps it: ppool_page.h, ppool_put.c, ppool_reuse.c. */

#ifndef PPOOL_MODEL_PAGE_HPP
#define PPOOL_MODEL_PAGE_HPP

#include "order.hpp"

enum {
	FRAGS = 2,
	BITS = 3,          /* all fragments of a page */
	OPEN = 4,          /* of the word of a small page: no hold */
	FULL = BITS | OPEN,
	HELD = 1 << 16,    /* of the count of a large page */
};

/* Where something stands, for what Relacy says. */
#define RD(v) ((int)(v)($))
#define WR(v, x) ((v)($) = (x))
#define LOAD(a, mo) ((a)($).load(mo))
#define STORE(a, x, mo) ((a)($).store(x, mo))

/* Large pages have one fragment a word here. */
struct page {
	rl::atomic<int> word[FRAGS];
	rl::atomic<int> count;
	rl::atomic<int> linear;
	rl::var<int> owner;        /* written by the owner, read by the last user */
	rl::var<int> next;         /* whoever has the page for itself */
	rl::var<int> stock;        /* whoever has the hold */
	rl::var<int> data[FRAGS];  /* what the fragments hold */
	/* Stands for the value of the count, where a suite asks who has seen it: a
	 * read-modify-write always sees the latest here, on a machine only if ordered.
	 */
	rl::var<int> counted;
	bool ask_counted;

	/* At home, as a new page. */
	void
	init(bool large, bool ask = false)
	{
		int i;

		ask_counted = ask;
		for (i = 0; i < FRAGS; i++) {
			STORE(word[i], large ? 1 : FULL, rl::mo_relaxed);
			WR(data[i], 0);
		}
		STORE(count, 0, rl::mo_relaxed);
		STORE(linear, 0, rl::mo_relaxed);
		WR(owner, 0);
		WR(next, 0);
		WR(stock, 0);
		WR(counted, 0);
	}

	/* The owner, or a user, uses a fragment. */
	void
	use(int frags)
	{
		int i;

		for (i = 0; i < FRAGS; i++)
			if (frags & 1 << i)
				WR(data[i], RD(data[i]) + 1);
	}

	/* ---- small page */

	void
	open(int who, bool held, int absent = 0)
	{
		WR(owner, who);
		/* the hold, or all of it leaves at once */
		if (held)
			STORE(word[0], absent, rl::mo_relaxed);
		else
			STORE(word[0], absent | OPEN, at(L0, rl::mo_release));
	}

	/* True: the caller is the last user. */
	bool
	put(int bits)
	{
		int old = word[0]($).fetch_or(bits, at(A0, rl::mo_acq_rel));

		RL_ASSERT((old & bits) == 0);
		return (old | bits) == FULL && old != FULL;
	}

	bool
	release(int unspent)
	{
		int old = word[0]($).fetch_or(unspent | OPEN, at(R0, rl::mo_acq_rel));

		RL_ASSERT((old & OPEN) == 0);
		return (old | unspent | OPEN) == FULL;
	}

	/* The fragments taken, or 0. */
	int
	hold()
	{
		int old = LOAD(word[0], rl::mo_relaxed);

		do {
			if ((old & OPEN) == 0 || old == FULL || (old & BITS) == 0)
				return 0;
		} while (!word[0]($).compare_exchange_weak(old, 0, at(H0, rl::mo_acquire),
				rl::mo_relaxed));
		return old & BITS;
	}

	/* ---- large page */

	void
	open_large(int who)
	{
		int i;

		WR(owner, who);
		if (ask_counted)
			WR(counted, 1);
		STORE(count, FRAGS | HELD, rl::mo_relaxed);
		for (i = 0; i < FRAGS; i++)
			STORE(word[i], 0, at(L1, rl::mo_release));
	}

	/* Fragment i; false if it was back already. */
	bool
	set(int i)
	{
		return word[i]($).fetch_or(1, at(A0, rl::mo_acq_rel)) == 0;
	}

	bool
	put_large(int bits)
	{
		int i, newly = 0, old;

		for (i = 0; i < FRAGS; i++) {
			if (bits & 1 << i) {
				newly += set(i);
				RL_ASSERT(newly > 0);
			}
		}
		old = count($).fetch_sub(newly, at(A1, rl::mo_acq_rel));
		RL_ASSERT(old >= newly);
		return old == newly;
	}

	bool
	release_large(int unspent)
	{
		int i, n = HELD, old;

		for (i = 0; i < FRAGS; i++)
			if (unspent & 1 << i)
				n += set(i);
		old = count($).fetch_sub(n, at(R0, rl::mo_acq_rel));
		RL_ASSERT((old & HELD) != 0 && old >= n);
		return old == n;
	}

	/* The hold of a large page. */
	bool
	hold_large()
	{
		int old = LOAD(count, rl::mo_relaxed);

		do {
			if (old == 0 || (old & HELD) != 0)
				return false;
		} while (!count($).compare_exchange_weak(old, old | HELD, at(H0, rl::mo_acquire),
				rl::mo_relaxed));
		return true;
	}

	/* What is back of word i, taken by the holder. */
	bool
	take(int i)
	{
		int old;

		if (LOAD(word[i], rl::mo_relaxed) == 0)
			return false;
		if (ask_counted)
			WR(counted, RD(counted) + 1);
		count($).fetch_add(1, rl::mo_relaxed);
		old = word[i]($).fetch_and(0, at(H1, rl::mo_acq_rel));
		/* only who holds the page takes bits out of it, and what it saw is of this life */
		RL_ASSERT(old == 1);
		return true;
	}
};

/* The application hands fragments on: its own synchronization, not the library's. */
struct mailbox {
	rl::atomic<int> frags;

	void init() { STORE(frags, 0, rl::mo_relaxed); }
	void send(int f) { STORE(frags, f, rl::mo_release); }

	int
	receive()
	{
		int f;

		while ((f = LOAD(frags, rl::mo_acquire)) == 0)
			rl::yield(1, $);
		return f;
	}
};

#endif /* PPOOL_MODEL_PAGE_HPP */
