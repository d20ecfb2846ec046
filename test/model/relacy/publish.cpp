/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What is made known to others without a lock, and the references of mbufs. */

#include "page.hpp"

/* Something new is filled in, and then its address is stored where others look. */
template <order_label store, order_label load>
struct publish : rl::test_suite<publish<store, load>, 2> {
	rl::var<int> body;
	rl::atomic<int> where;

	void
	before()
	{
		STORE(where, 0, rl::mo_relaxed);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			WR(body, 1);
			STORE(where, 1, at(store, rl::mo_release));
		} else if (LOAD(where, at(load, rl::mo_acquire)) != 0) {
			RL_ASSERT(RD(body) == 1);
		}
	}
};

/* The table of chunks by address: a chunk goes (G0), and another comes, while a put looks for its
 * own. All of them begin their search at the same place. 0 is the end of the search.
 */
struct table_remove : rl::test_suite<table_remove, 2> {
	enum { SIZE = 4, GONE = 99 };
	rl::atomic<int> table[SIZE];

	void
	before()
	{
		int i;

		for (i = 0; i < SIZE; i++)
			STORE(table[i], 0, rl::mo_relaxed);
		add(1);
		add(2);
	}

	void
	add(int chunk)
	{
		int i = 0;

		while (LOAD(table[i], rl::mo_relaxed) != 0 &&
				LOAD(table[i], rl::mo_relaxed) != GONE)
			i++;
		STORE(table[i], chunk, at(T0, rl::mo_release));
	}

	void
	remove(int chunk)
	{
		int i = 0;

		while (LOAD(table[i], rl::mo_relaxed) != chunk)
			i++;
		STORE(table[i], seeded(G0, ORDER_STEP) ? 0 : GONE, rl::mo_relaxed);
		for (; i >= 0 && LOAD(table[i], rl::mo_relaxed) == GONE &&
				LOAD(table[i + 1], rl::mo_relaxed) == 0; i--)
			STORE(table[i], 0, rl::mo_relaxed);
	}

	bool
	find(int chunk)
	{
		int i, entry;

		for (i = 0; (entry = LOAD(table[i], at(T0, rl::mo_acquire))) != 0; i++)
			if (entry == chunk)
				return true;
		return false;
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			remove(1);
			add(3);
			remove(3);
		} else {
			RL_ASSERT(find(2));
			RL_ASSERT(find(2));
		}
	}
};

/* A chunk of one page: its users put, the last of them brings the page to the free list, under
 * its lock, and there it is found, and its memory freed.
 */
struct give_back : rl::test_suite<give_back, 3> {
	page p;
	rl::mutex free_lock;
	rl::var<int> is_free;

	void
	before()
	{
		p.init(false);
		p.open(1, false);
		WR(is_free, 0);
	}

	void
	thread(unsigned i)
	{
		bool done = false;

		if (i < 2) {
			p.use(1 << i);
			if (!p.put(1 << i))
				return;
			free_lock.lock($);
			WR(is_free, 1);
			free_lock.unlock($);
			return;
		}
		while (!done) {
			free_lock.lock($);
			done = RD(is_free) != 0;
			free_lock.unlock($);
			rl::yield(1, $);
		}
		/* the memory is somebody else's now */
		p.use(BITS);
		WR(p.next, 0);
	}
};

/* The open page of an owner, looked at by a report: it must not see the word of the last life,
 * which says that all is back.
 */
struct open_page : rl::test_suite<open_page, 2> {
	page p;
	rl::atomic<int> open;

	void
	before()
	{
		p.init(false);
		STORE(open, 0, rl::mo_relaxed);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			p.open(1, true);
			STORE(open, 1, at(I0, rl::mo_release));
		} else if (LOAD(open, at(I0, rl::mo_acquire)) != 0) {
			RL_ASSERT(LOAD(p.word[0], rl::mo_relaxed) != FULL);
		}
	}
};

/* An mbuf with two references. Both holders read the data; DPDK lets the one who finds a count of
 * 1, by a relaxed load, free it without counting down. Its next user writes the data.
 */
struct two_references : rl::test_suite<two_references, 3> {
	page p;
	rl::atomic<int> refcnt;
	rl::atomic<int> home;

	void
	before()
	{
		p.init(false);
		p.open(1, true);
		p.release(2);
		STORE(refcnt, 2, rl::mo_relaxed);
		STORE(home, 0, rl::mo_relaxed);
	}

	void
	put()
	{
		fence_acquire(F0);
		RL_ASSERT(p.put(1));
		STORE(home, 1, rl::mo_release);
	}

	void
	thread(unsigned i)
	{
		if (i == 2) {
			if (LOAD(home, rl::mo_acquire) == 1)
				p.use(BITS);
			return;
		}
		p.data[0]($).load();
		if (LOAD(refcnt, rl::mo_relaxed) == 1) {
			put();
		} else if (refcnt($).fetch_sub(1, rl::mo_acq_rel) == 1) {
			STORE(refcnt, 1, rl::mo_relaxed);
			put();
		}
	}
};

const suite suites_publish[] = {
	{ "table", suite_run<publish<T0, T0> >, "a new chunk in the table" },
	{ "owners", suite_run<publish<P0, P0> >, "a new owner in the list" },
	{ "chunks", suite_run<publish<P1, P1> >, "a new chunk in the list" },
	{ "registry", suite_run<publish<M0, M0> >, "the list of pools, made by another process" },
	{ "registry_known", suite_run<publish<M1, M1> >, "the same, found by another thread" },
	{ "orphan", suite_run<publish<M2, M2> >, "a pool to be freed by another process" },
	{ "table_remove", suite_run<table_remove>, "a chunk that leaves the table" },
	{ "give_back", suite_run<give_back>, "memory that goes back" },
	{ "open_page", suite_run<open_page>, "the open page, in a report" },
	{ "clone", suite_run<two_references>, "an mbuf with two references" },
	{ NULL, NULL, NULL },
};
