/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Owners: closed while pages are out, opened again, and the end of the pool. */

#include "page.hpp"

enum { STATE_OPEN, STATE_DRAINING, STATE_FREE };

struct owner {
	rl::atomic<int> returned;
	rl::atomic<int> state;
	/* Stands for all of the struct that an unlocked access may reach: read by whoever
	 * brings a page back, written when it is opened again.
	 */
	rl::var<int> body;
	/* Stands for the order of the stores to state, which Relacy makes one after the other. */
	rl::var<int> state_writer;

	void
	init()
	{
		STORE(returned, 0, rl::mo_relaxed);
		STORE(state, STATE_OPEN, rl::mo_relaxed);
		WR(body, 1);
		WR(state_writer, 0);
	}

	/* True: this was the last page of a closed owner. */
	bool
	back()
	{
		RL_ASSERT(RD(body) == 1);
		if (returned($).fetch_add(1, at(C1back, rl::mo_acq_rel)) + 1 != 0)
			return false;
		WR(state_writer, 1);
		STORE(state, STATE_FREE, at(C0, rl::mo_release));
		return true;
	}

	bool
	close(int attached)
	{
		WR(state_writer, 2);
		STORE(state, STATE_DRAINING, rl::mo_relaxed);
		if (returned($).fetch_sub(attached, at(C1close, rl::mo_acq_rel)) != attached)
			return false;
		/* This one need be no release: who opens again is under the pool's lock, as
		 * this thread is.
		 */
		WR(state_writer, 3);
		STORE(state, STATE_FREE, rl::mo_relaxed);
		return true;
	}
};

/* Thread 0 closes an owner two of whose pages are out, and comes to open another as often as
 * the struct is not free yet. 1 and 2 bring the pages back.
 */
struct close_owner : rl::test_suite<close_owner, 4> {
	owner o;
	rl::mutex lock; /* the pool's */
	rl::atomic<int> lasts;

	void
	before()
	{
		o.init();
		STORE(lasts, 0, rl::mo_relaxed);
	}

	void
	open_again()
	{
		bool done = false;

		while (!done) {
			lock.lock($);
			if (LOAD(o.state, at(C0, rl::mo_acquire)) == STATE_FREE) {
				WR(o.body, 2);
				WR(o.state_writer, 4);
				STORE(o.state, STATE_OPEN, rl::mo_relaxed);
				done = true;
			}
			lock.unlock($);
			rl::yield(1, $);
		}
	}

	void
	thread(unsigned i)
	{
		bool last;

		if (i == 3) {
			open_again();
			return;
		}
		if (i == 0) {
			lock.lock($);
			last = o.close(2);
			lock.unlock($);
		} else {
			last = o.back();
		}
		if (last)
			RL_ASSERT(lasts($).fetch_add(1, rl::mo_relaxed) == 0);
	}

	void
	after()
	{
		RL_ASSERT(LOAD(lasts, rl::mo_relaxed) == 1);
	}
};

/* Three have a reason to keep the pool each; the last of them frees it. */
struct destroy_pool : rl::test_suite<destroy_pool, 3> {
	rl::atomic<int> refs;
	rl::var<int> body;
	rl::var<int> freed;

	void
	before()
	{
		STORE(refs, 3, rl::mo_relaxed);
		WR(body, 1);
		WR(freed, 0);
	}

	void
	thread(unsigned)
	{
		RL_ASSERT(RD(body) == 1);
		if (refs($).fetch_sub(1, at(D0, rl::mo_acq_rel)) != 1)
			return;
		WR(body, 0);
		RL_ASSERT(RD(freed) == 0);
		WR(freed, 1);
	}

	void
	after()
	{
		RL_ASSERT(RD(freed) == 1);
	}
};

/* A report asks an open owner how many of its pages are out. Each page is attached before it is
 * handed out, so that what is seen back has been seen attached, too.
 */
struct in_flight : rl::test_suite<in_flight, 3> {
	owner o;
	rl::atomic<int> attached;
	mailbox box;

	void
	before()
	{
		o.init();
		box.init();
		STORE(attached, 0, rl::mo_relaxed);
	}

	void
	thread(unsigned i)
	{
		int back;

		if (i == 0) {
			STORE(attached, 1, rl::mo_relaxed);
			box.send(1);
		} else if (i == 1) {
			box.receive();
			o.back();
		} else {
			back = LOAD(o.returned, at(P2, rl::mo_acquire));
			RL_ASSERT(LOAD(attached, rl::mo_relaxed) >= back);
		}
	}
};

const suite suites_owner[] = {
	{ "close", suite_run<close_owner>, "an owner closed, and its struct used again" },
	{ "destroy", suite_run<destroy_pool>, "references of a pool" },
	{ "in_flight", suite_run<in_flight>, "a report of pages that are out" },
	{ NULL, NULL, NULL },
};
