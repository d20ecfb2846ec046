/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Pages: from one life to the next, reuse of what is back, second puts. */

#include "ring.hpp"

/* Thread 0 owns a page, 1 and 2 have a fragment each. The last of the three brings it home, and
 * the owner opens it again. The page's ring is that of its owner, unless the owner is last.
 */
template <bool large>
struct life : rl::test_suite<life<large>, 3> {
	page pages[2];
	ring r;
	mailbox box[2];

	void
	before()
	{
		pages[1].init(large);
		r.init();
		box[0].init();
		box[1].init();
	}

	void
	owner()
	{
		page &p = pages[1];
		bool last;
		int got;

		if (large)
			p.open_large(1);
		else
			p.open(1, true);
		p.use(1);
		box[0].send(1);
		p.use(2);
		box[1].send(2);
		last = large ? p.release_large(0) : p.release(0);
		while (!last) {
			got = r.take();
			if (got != RING_EMPTY) {
				RL_ASSERT(got == 1 && RD(p.next) == RING_EMPTY);
				break;
			}
			rl::yield(1, $);
		}
		if (large)
			p.open_large(2);
		else
			p.open(2, true);
		p.use(BITS);
	}

	void
	user(int i)
	{
		page &p = pages[1];
		int frags = box[i].receive();

		p.use(frags);
		if (large ? p.put_large(frags) : p.put(frags)) {
			RL_ASSERT(RD(p.owner) == 1);
			RL_ASSERT(r.push(pages, 1));
		}
	}

	void
	thread(unsigned i)
	{
		if (i == 0)
			owner();
		else
			user(i - 1);
	}
};

/* Several pages in the ring at once: each push continues what was below it. */
struct ring_of_pages : rl::test_suite<ring_of_pages, 3> {
	page pages[3];
	ring r;

	void
	before()
	{
		pages[1].init(false);
		pages[2].init(false);
		r.init();
	}

	void
	thread(unsigned i)
	{
		int got, next, n = 0;

		if (i > 0) {
			pages[i].use(BITS);
			r.push(pages, i);
			return;
		}
		while (n < 2) {
			for (got = r.take(); got != RING_EMPTY; got = next, n++) {
				next = RD(pages[got].next);
				pages[got].use(BITS);
			}
			rl::yield(1, $);
		}
	}
};

/* Closing takes the ring, or what is pushed after it goes elsewhere. */
struct ring_closed : rl::test_suite<ring_closed, 3> {
	page pages[3];
	ring r;
	rl::var<int> elsewhere[3];
	rl::var<int> found[3];

	void
	before()
	{
		int i;

		for (i = 1; i < 3; i++) {
			pages[i].init(false);
			WR(elsewhere[i], 0);
			WR(found[i], 0);
		}
		r.init();
	}

	void
	thread(unsigned i)
	{
		int got;

		if (i > 0) {
			pages[i].use(BITS);
			if (!r.push(pages, i))
				WR(elsewhere[i], 1);
			return;
		}
		for (got = r.close(); got != RING_EMPTY; got = RD(pages[got].next)) {
			pages[got].use(BITS);
			WR(found[got], 1);
		}
	}

	void
	after()
	{
		RL_ASSERT(RD(elsewhere[1]) + RD(found[1]) == 1);
		RL_ASSERT(RD(elsewhere[2]) + RD(found[2]) == 1);
	}
};

/* Thread 1 keeps a fragment, thread 2 puts the other, and thread 3, another owner, takes what is
 * back, uses it, and gives up the hold. Or it had set the page aside in vain.
 */
template <bool large>
struct reuse : rl::test_suite<reuse<large>, 4> {
	page p;
	mailbox box[2];
	rl::atomic<int> lasts;

	void
	before()
	{
		p.init(large);
		box[0].init();
		box[1].init();
		STORE(lasts, 0, rl::mo_relaxed);
	}

	void
	home()
	{
		RL_ASSERT(lasts($).fetch_add(1, rl::mo_relaxed) == 0);
		RL_ASSERT(RD(p.owner) == 1);
		/* alone with the page */
		WR(p.next, 1);
		WR(p.stock, 0);
		p.use(BITS);
	}

	void
	owner()
	{
		if (large)
			p.open_large(1);
		else
			p.open(1, true);
		p.use(BITS);
		box[0].send(1);
		box[1].send(2);
		if (large ? p.release_large(0) : p.release(0))
			home();
	}

	void
	user(int i)
	{
		int frags = box[i].receive();

		p.use(frags);
		if (large ? p.put_large(frags) : p.put(frags))
			home();
	}

	void
	reuser_small()
	{
		int got = p.hold();

		if (got == 0)
			return;
		WR(p.stock, got);
		WR(p.next, 2);
		if (rl::rand(2) != 0) {
			/* handed out and given back by this same thread */
			p.use(got);
			if (p.release(0) || p.put(got))
				home();
		} else if (p.release(got)) {
			home();
		}
	}

	void
	reuser_large()
	{
		int i, got = 0;

		if (!p.hold_large())
			return;
		for (i = 0; i < FRAGS; i++)
			if (p.take(i))
				got |= 1 << i;
		WR(p.stock, got);
		WR(p.next, 2);
		if (got != 0 && rl::rand(2) != 0) {
			p.use(got);
			if (p.release_large(0) || p.put_large(got))
				home();
		} else if (p.release_large(got)) {
			home();
		}
	}

	void
	thread(unsigned i)
	{
		if (i == 0)
			owner();
		else if (i < 3)
			user(i - 1);
		else if (large)
			reuser_large();
		else
			reuser_small();
	}

	void
	after()
	{
		RL_ASSERT(LOAD(lasts, rl::mo_relaxed) == 1);
	}
};

/* L0: a page opened without a hold can be found at once by another owner, which must know what
 * kind of page it is. Here one of its fragments is back from the start, as the last one of a
 * linear owner's page.
 */
struct whole_page : rl::test_suite<whole_page, 2> {
	page p;

	void before() { p.init(false); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			STORE(p.linear, 1, rl::mo_relaxed);
			p.open(1, false, 2);
		} else if (p.hold() != 0) {
			RL_ASSERT(LOAD(p.linear, rl::mo_relaxed) == 1);
			/* nothing of it may be reused; the hold goes back */
			RL_ASSERT(!p.release(2));
		}
	}
};

/* A second put of a fragment of the last life, just as the page is opened: it is refused, or its
 * subtraction is from the new count.
 */
struct second_put_open : rl::test_suite<second_put_open, 2> {
	page p;

	void before() { p.init(true, true); }

	void
	thread(unsigned i)
	{
		if (i == 0)
			p.open_large(1);
		else if (p.set(1))
			RL_ASSERT(RD(p.counted) == 1);
	}
};

/* The same, just as another owner takes the bit: the count has it by then. */
struct second_put_take : rl::test_suite<second_put_take, 2> {
	page p;

	void before() { p.init(true, true); }

	void
	thread(unsigned i)
	{
		if (i == 0)
			p.take(1);
		else if (p.set(1))
			RL_ASSERT(RD(p.counted) == 1);
	}
};

/* A large page of the last life, whose words all show "back", is opened and retired, and then
 * found by another owner: it must not take the words of the last life for those of this one.
 */
struct words_of_this_life : rl::test_suite<words_of_this_life, 2> {
	page p;

	void before() { p.init(true); }

	void
	thread(unsigned i)
	{
		int w;

		if (i == 0) {
			p.open_large(1);
			RL_ASSERT(!p.release_large(2)); /* fragment 0 stays out */
		} else if (p.hold_large()) {
			for (w = 0; w < FRAGS; w++)
				if (p.take(w))
					RL_ASSERT(w == 1);
			p.release_large(0);
		}
	}
};

const suite suites_page[] = {
	{ "small_page", suite_run<life<false> >, "a page's life, one word" },
	{ "large_page", suite_run<life<true> >, "a page's life, words and a count" },
	{ "ring", suite_run<ring_of_pages>, "pages of one ring" },
	{ "ring_close", suite_run<ring_closed>, "a ring being closed" },
	{ "reuse_small", suite_run<reuse<false> >, "hold for reuse, one word" },
	{ "reuse_large", suite_run<reuse<true> >, "hold for reuse, words and a count" },
	{ "new_life", suite_run<whole_page>, "a page opened without a hold" },
	{ "second_put_open", suite_run<second_put_open>, "second put against opening" },
	{ "second_put_take", suite_run<second_put_take>, "second put against reuse" },
	{ "words_of_this_life", suite_run<words_of_this_life>, "reuse of a page just retired" },
	{ NULL, NULL, NULL },
};
