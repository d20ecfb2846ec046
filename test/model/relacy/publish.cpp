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
	{ "open_page", suite_run<open_page>, "the open page, in a report" },
	{ "clone", suite_run<two_references>, "an mbuf with two references" },
	{ NULL, NULL, NULL },
};
