/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * All of it at once: two owners that take pages from the free list, from each other's ring and
 * out of partly free pages, two users, closing, and the end of the pool with the last put.
 * Whatever is not atomic and not under a lock may only be touched by one thread at a time.
 */

#include "ring.hpp"

enum { OWNERS = 2, USERS = 2, PAGES = 2, THREADS = OWNERS + USERS };

/* Sets of pages, under locks. */
#define PAGE_BIT(p) (1 << ((p) - 1))
#define ALL_PAGES ((1 << PAGES) - 1)

struct pool_owner {
	rl::mutex lock;
	rl::var<int> closed;
	rl::var<int> cache; /* a set */
	ring r;
	rl::atomic<int> returned;
	rl::var<int> attached; /* the owner's own */
	rl::var<int> body;     /* see owners.cpp */
};

/* large: words and a count; else one word. */
template <bool large>
struct whole_pool : rl::test_suite<whole_pool<large>, THREADS> {
	page pages[PAGES + 1];
	pool_owner owners[OWNERS];
	mailbox box[OWNERS][USERS];
	rl::mutex free_lock;
	rl::var<int> free_list;
	rl::atomic<int> refs;
	rl::atomic<int> closed_owners;
	rl::var<int> body;

	void
	before()
	{
		int i, k;

		for (i = 1; i <= PAGES; i++)
			pages[i].init(large);
		for (i = 0; i < OWNERS; i++) {
			WR(owners[i].closed, 0);
			WR(owners[i].cache, 0);
			WR(owners[i].attached, 0);
			WR(owners[i].body, 1);
			owners[i].r.init();
			STORE(owners[i].returned, 0, rl::mo_relaxed);
			for (k = 0; k < USERS; k++)
				box[i][k].init();
		}
		WR(free_list, ALL_PAGES);
		WR(body, 1);
		STORE(refs, OWNERS + 1, rl::mo_relaxed);
		STORE(closed_owners, 0, rl::mo_relaxed);
	}

	void
	unref()
	{
		int i;

		RL_ASSERT(RD(body) == 1);
		if (refs($).fetch_sub(1, at(D0, rl::mo_acq_rel)) != 1)
			return;
		/* all is freed */
		WR(body, 0);
		RL_ASSERT(RD(free_list) == ALL_PAGES);
		for (i = 0; i < OWNERS; i++) {
			WR(owners[i].body, 0);
			RL_ASSERT(RD(owners[i].closed) == 1 && RD(owners[i].cache) == 0);
		}
		for (i = 1; i <= PAGES; i++) {
			WR(pages[i].next, 0);
			WR(pages[i].stock, 0);
			WR(pages[i].owner, 0);
			pages[i].use(BITS);
		}
	}

	void
	free_push(int set)
	{
		free_lock.lock($);
		RL_ASSERT((RD(free_list) & set) == 0);
		WR(free_list, RD(free_list) | set);
		free_lock.unlock($);
	}

	void
	home(int p)
	{
		pool_owner &o = owners[RD(pages[p].owner) - 1];
		bool done = false;

		/* the last user writes its links, whatever becomes of it */
		WR(pages[p].next, 0);
		if (rl::rand(2) == 0 && o.lock.try_lock($)) {
			if (RD(o.closed) == 0) {
				WR(o.cache, RD(o.cache) | PAGE_BIT(p));
				done = true;
			}
			o.lock.unlock($);
		}
		if (!done && !o.r.push(pages, p))
			free_push(PAGE_BIT(p));
		RL_ASSERT(RD(o.body) == 1);
		if (o.returned($).fetch_add(1, at(C1back, rl::mo_acq_rel)) + 1 == 0)
			unref();
	}

	void
	put(int p, int bits)
	{
		if (large ? pages[p].put_large(bits) : pages[p].put(bits))
			home(p);
	}

	void
	release(int p, int unspent)
	{
		if (large ? pages[p].release_large(unspent) : pages[p].release(unspent))
			home(p);
	}

	/* One page of a set, or 0. */
	int
	any(rl::var<int> &set)
	{
		int p;

		for (p = PAGES; p > 0; p--)
			if (RD(set) & PAGE_BIT(p)) {
				WR(set, RD(set) & ~PAGE_BIT(p));
				break;
			}
		return p;
	}

	int
	from_owner(pool_owner &o)
	{
		int p, next;

		o.lock.lock($);
		if (RD(o.cache) == 0)
			for (p = o.r.take(); p != RING_EMPTY; p = next) {
				next = RD(pages[p].next);
				WR(o.cache, RD(o.cache) | PAGE_BIT(p));
			}
		p = any(o.cache);
		o.lock.unlock($);
		return p;
	}

	/* Fragments taken of a page with a life; their hold is ours. */
	int
	reuse(int p)
	{
		int w, got = 0;

		if (!large) {
			got = pages[p].hold();
		} else if (pages[p].hold_large()) {
			for (w = 0; w < FRAGS && got == 0; w++)
				if (pages[p].take(w))
					got = 1 << w;
			if (got == 0)
				release(p, 0);
		}
		if (got != 0)
			WR(pages[p].stock, got);
		return got;
	}

	/* A page, and the fragments of it that may be handed out. */
	int
	get(int me, int *frags)
	{
		int p = from_owner(owners[me]), k;

		*frags = 0;
		if (p == 0) {
			free_lock.lock($);
			p = any(free_list);
			free_lock.unlock($);
		}
		if (p == 0)
			p = from_owner(owners[1 - me]);
		for (k = 1; p == 0 && k <= PAGES; k++)
			if ((*frags = reuse(k)) != 0)
				p = k;
		if (p == 0)
			return 0;
		/* as page_get() asks, and page_open() or unreserve */
		RL_ASSERT(RD(pages[p].stock) == *frags);
		WR(pages[p].next, 0);
		WR(pages[p].stock, 0);
		if (*frags == 0) {
			WR(owners[me].attached, RD(owners[me].attached) + 1);
			if (large)
				pages[p].open_large(me + 1);
			else
				pages[p].open(me + 1, true);
			*frags = BITS;
		}
		return p;
	}

	void
	close(int me)
	{
		pool_owner &o = owners[me];
		int set, p, attached = RD(o.attached);

		refs($).fetch_add(1, rl::mo_relaxed);
		o.lock.lock($);
		WR(o.closed, 1);
		set = RD(o.cache);
		WR(o.cache, 0);
		for (p = o.r.close(); p != RING_EMPTY; p = RD(pages[p].next))
			set |= PAGE_BIT(p);
		o.lock.unlock($);
		free_push(set);
		RL_ASSERT(RD(o.body) == 1);
		if (o.returned($).fetch_sub(attached, at(C1close, rl::mo_acq_rel)) == attached)
			unref();
		/* the pool is destroyed when both are closed */
		if (closed_owners($).fetch_add(1, rl::mo_relaxed) + 1 == OWNERS)
			unref();
		unref();
	}

	void
	owner(int me)
	{
		int p, frags, i, give, user = 0;

		for (i = 0; i < 2; i++) {
			p = get(me, &frags);
			if (p == 0)
				continue;
			give = frags == BITS ? 1 + rl::rand(3) : frags;
			frags &= ~give;
			pages[p].use(give);
			if (user < USERS && rl::rand(3) != 0) {
				box[me][user++].send(p << 2 | give);
				give = 0;
			}
			/* retired before or after what the owner has itself is back */
			if (give != 0 && rl::rand(2) == 0) {
				put(p, give);
				give = 0;
			}
			release(p, frags);
			if (give != 0)
				put(p, give);
		}
		for (; user < USERS; user++)
			box[me][user].send(-1);
		close(me);
	}

	void
	user(int me)
	{
		int k, got;

		for (k = 0; k < OWNERS; k++) {
			got = box[k][me].receive();
			if (got < 0)
				continue;
			pages[got >> 2].use(got & 3);
			put(got >> 2, got & 3);
		}
	}

	void
	thread(unsigned i)
	{
		if (i < OWNERS)
			owner(i);
		else
			user(i - OWNERS);
	}

	void
	after()
	{
		RL_ASSERT(RD(body) == 0 && LOAD(refs, rl::mo_relaxed) == 0);
	}
};

const suite suites_pool[] = {
	{ "pool_small", suite_run<whole_pool<false> >, "all of it, one word" },
	{ "pool_large", suite_run<whole_pool<true> >, "all of it, words and a count" },
	{ NULL, NULL, NULL },
};
