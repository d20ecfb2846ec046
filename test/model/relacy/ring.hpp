/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The ring by which pages come back to their owner. Pages are numbers from 1 on. */

#ifndef PPOOL_MODEL_RING_HPP
#define PPOOL_MODEL_RING_HPP

#include "page.hpp"

enum { RING_EMPTY = 0, RING_CLOSED = 99 };

struct ring {
	rl::atomic<int> top;

	void init() { STORE(top, RING_EMPTY, rl::mo_relaxed); }

	/* False if it is closed. */
	bool
	push(page *pages, int p)
	{
		int head = LOAD(top, rl::mo_relaxed);

		do {
			if (head == RING_CLOSED)
				return false;
			WR(pages[p].next, head);
		} while (!top($).compare_exchange_weak(head, p, at(O0, rl::mo_release),
				rl::mo_relaxed));
		return true;
	}

	/* All of it. */
	int
	take()
	{
		int head = LOAD(top, rl::mo_relaxed);

		if (head == RING_EMPTY || head == RING_CLOSED)
			return RING_EMPTY;
		return top($).exchange(RING_EMPTY, at(O1, rl::mo_acquire));
	}

	int
	close()
	{
		return top($).exchange(RING_CLOSED, at(O2, rl::mo_acquire));
	}
};

#endif /* PPOOL_MODEL_RING_HPP */
