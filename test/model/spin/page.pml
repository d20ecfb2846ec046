/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The reference protocol of librte_ppool, in steps of one atomic operation or one critical
 * section each, sequentially consistent (memory orders are Relacy's part, see ../relacy).
 *
 * Owners allocate, hand fragments to users (or keep them), close, and open again. Users put in
 * any order, one by one or in runs, and now and then twice. The pool is destroyed as soon as no
 * owner is open, whatever is still out.
 *
 * LARGE=0: the state of a page is one word. LARGE=1: words and a count (one bit a word, so that
 * a page of two fragments has two words).
 * SEED=n leaves a step out, swaps two, or tears an atomic one: the check must then fail. The
 * numbers are explained in ../README.md and by the table of run_spin.py.
 *
 * Limit: a second put is refused, or spoils a page whose owner then sees it, as long as the
 * fragment is not out. Once it is out again, a second put is a put of the new user's fragment,
 * and nobody can tell. So second puts happen here only to fragments that are not out.
 */

#ifndef SEED
#define SEED 0
#endif
#ifndef LARGE
#define LARGE 0
#endif
#ifndef OWNERS
#define OWNERS 1
#endif
#ifndef USERS
#define USERS 2
#endif
#ifndef PAGES
#define PAGES 2
#endif
#ifndef GETS
#define GETS 3 /* pages that an owner opens or holds in all its lives */
#endif
#ifndef LIVES
#define LIVES 2 /* of an owner */
#endif
#ifndef SECOND
#define SECOND 1 /* second puts, in all */
#endif

#define THREADS (OWNERS + USERS)
#define BITS 3  /* the fragments of a page */
#define OPEN 4  /* in the word: the owner has given up its hold */
#define FULL 7
#define HELD 16 /* in the count of a large page */
#define NONE 0
#define CLOSED (PAGES + 1)
#define ALL ((1 << PAGES) - 1)
#define BIT(p) (1 << ((p) - 1))
#define COUNT(b) (((b) & 1) + ((b) >> 1))

#define OWNER_OPEN 0
#define OWNER_DRAINING 1
#define OWNER_FREE 2

/* ---- the pool. Pages are 1..PAGES. */

byte word[PAGES + 1]; /* large page: both words, one bit each */
byte count[PAGES + 1];
byte owner_of[PAGES + 1];
byte next[PAGES + 1];
byte free_list; /* sets of pages: lists under a lock, whose order does not matter */
byte cache[OWNERS];
byte ring[OWNERS];
bit closed[OWNERS];
byte state[OWNERS];
short attached[OWNERS];
short returned[OWNERS];
byte refs;
bit lock; /* pool->lock */

/* ---- what is checked: not part of the protocol */

byte out[PAGES + 1]; /* fragments in users' hands */
bit home[PAGES + 1]; /* nobody holds the page */
byte has[THREADS * (PAGES + 1)];
byte second_puts = SECOND;
byte owners_last; /* owners that will not be opened again */
byte owners_done;
bit freed;

/* Always 0. They name the invariant in what pan prints. */
bit handed_out_twice, two_lasts, opened_while_held, lost, freed_twice, touched_after_free,
	refused_wrongly, over_put_counted, hold_broken, free_while_out, bit_missing;

#define TOUCH assert(touched_after_free || !freed)
#define HAS(t, p) has[(t) * (PAGES + 1) + (p)]

/* ---- the end of a page's life, and of the pool's */

/* Give up one reason to keep the pool. */
inline unref()
{
#if SEED == 42
	/* read, then write */
	d_step { TOUCH; left = refs - 1; }
	d_step { TOUCH; refs = left; }
#else
	d_step {
		TOUCH;
		refs--;
		left = refs;
	}
#endif
	if
	:: left == 0 ->
		d_step {
			assert(freed_twice || !freed);
			assert(free_while_out || (out[1] == 0 && out[PAGES] == 0 && home[1] &&
				home[PAGES]));
			assert(lost || free_list == ALL);
			freed = 1;
		}
	:: else
	fi
}

inline owner_back(o)
{
#if SEED == 40
	/* read, then write */
	d_step { TOUCH; back = returned[o] + 1; }
	d_step { TOUCH; returned[o] = back; }
#else
	d_step { TOUCH; returned[o]++; back = returned[o]; }
#endif
#if SEED == 41
	/* one look more at the owner, by one who may not be the last */
	TOUCH;
#endif
	if
	:: back == 0 ->
		d_step { TOUCH; state[o] = OWNER_FREE; }
		unref();
	:: else
	fi
}

inline ring_push(o, p)
{
	head = ring[o];
	do
	:: d_step { head == CLOSED && SEED != 30 -> TOUCH; free_list = free_list | BIT(p); };
		break
	:: d_step { TOUCH; free_list = free_list | BIT(p); }; break /* the ring is too long */
	:: (head != CLOSED || SEED == 30) ->
#if SEED != 31
		d_step { TOUCH; next[p] = head; }
#endif
#if SEED == 32
		/* a store instead of the compare and swap */
		d_step { TOUCH; ring[o] = p; }
		break
#else
		d_step {
			TOUCH;
			ok = ring[o] == head;
			if
			:: ok -> ring[o] = p
			:: else -> head = ring[o]
			fi
		}
		if
		:: ok ->
#if SEED == 31
			/* the link only after the page can be found */
			d_step { TOUCH; next[p] = head; }
#endif
			break
		:: else
		fi
#endif
	od
}

/* The caller has seen the page complete. */
inline page_home(me, p)
{
	d_step {
		TOUCH;
		assert(two_lasts || !home[p]);
		assert(free_while_out || out[p] == 0);
		assert(bit_missing || word[p] == (LARGE -> BITS : FULL));
		home[p] = 1;
		whose = owner_of[p];
		ok = 0;
	}
	/* The cache, if this thread takes itself for the one that allocates (which it may do in
	 * error), the lock is free, and there is room.
	 */
	if
	:: d_step {
		(!closed[whose] || SEED == 33) ->
		TOUCH;
		cache[whose] = cache[whose] | BIT(p);
		ok = 1;
	}
	:: true
	fi
	if
	:: !ok -> ring_push(whose, p)
	:: else
	fi
	owner_back(whose);
}

/* ---- fragments */

/* A0, A1: these fragments, which may be out (if second is not set), go back. */
inline put(me, p, b, second)
{
#if LARGE && SEED == 11
	/* count first, bits after it */
	d_step {
		if
		:: second && (freed || (out[p] & b)) -> b = 0
		:: else
		fi;
		newly = COUNT(b & ~word[p]);
		old = count[p];
		count[p] = old - newly;
	}
#endif
	d_step {
		if
		:: second && (freed || (out[p] & b)) -> b = 0 /* see the limit above */
		:: !second ->
			TOUCH;
			out[p] = out[p] & ~b;
			HAS(me, p) = HAS(me, p) & ~b;
		:: else
		fi;
		was = word[p];
		assert(refused_wrongly || second || (was & b) == 0);
#if SEED != 10
		word[p] = was | b;
#endif
	}
#if SEED == 10
	/* read, then write */
	d_step { TOUCH; word[p] = was | b; }
#endif
#if LARGE
#if SEED == 12
	/* what was given, not what was newly set */
	newly = COUNT(b);
#elif SEED != 11
	newly = COUNT(b & ~was);
#endif
	if
	:: newly != 0 ->
#if SEED == 13
		/* read, then write */
		d_step { TOUCH; old = count[p]; }
		d_step { TOUCH; count[p] = old - newly; }
#elif SEED != 11
		d_step {
			TOUCH;
			old = count[p];
			assert(over_put_counted || (old & 15) >= newly);
			count[p] = old - newly;
		}
#endif
		if
		:: old == newly -> page_home(me, p)
		:: else
		fi
	:: else
	fi
#else
#if SEED == 14
	/* last by a second look at the word, not by what the OR returned */
	d_step { TOUCH; was = word[p] & ~b; }
#endif
	if
	:: (was | b) == FULL && (was != FULL || (SEED == 15 && b != 0)) -> page_home(me, p)
	:: else
	fi
#endif
}

/* R0: give up the hold, and with it the bits never handed out. A bit that is set already is a
 * second put of the last life: only what is newly set counts.
 */
inline release(me, p, m)
{
#if LARGE
	if
	:: m != 0 ->
		d_step {
			TOUCH;
			newly = COUNT(m & ~word[p]);
			word[p] = word[p] | m;
		}
	:: else -> newly = 0
	fi
#if SEED == 20
	/* a hold that is not counted with the rest: two steps */
	d_step { TOUCH; count[p] = count[p] & 15; }
	d_step { TOUCH; count[p] = count[p] - newly; old = count[p] + newly + HELD; }
#else
	d_step {
		TOUCH;
		old = count[p];
		assert(hold_broken || (old & HELD));
		count[p] = old - newly - HELD;
	}
#endif
	if
	:: old == newly + HELD -> page_home(me, p)
	:: else
	fi
#else
#if SEED == 20
	/* read, then write */
	d_step { TOUCH; old = word[p]; }
	d_step { TOUCH; word[p] = old | m | OPEN; }
#else
	d_step {
		TOUCH;
		old = word[p];
		assert(hold_broken || !(old & OPEN));
		word[p] = old | m | OPEN;
	}
#endif
	if
	:: (old | m | OPEN) == FULL -> page_home(me, p)
	:: else
	fi
#endif
}

/* ---- owners */

/* These fragments of the page leave, for one of the threads. */
inline hand_out(p, b)
{
	assert(handed_out_twice || (out[p] & b) == 0);
	out[p] = out[p] | b;
	HAS(to, p) = HAS(to, p) | b;
}

inline any_thread(me)
{
	if
	:: to = OWNERS
#if USERS > 1
	:: to = OWNERS + 1
#endif
	:: to = me
	fi
}

/* A page without a life. */
inline begin(me, p)
{
	d_step {
		TOUCH;
		assert(opened_while_held || (home[p] && out[p] == 0));
		home[p] = 0;
		owner_of[p] = me;
		attached[me]++;
		mask = BITS;
#if !LARGE
#if SEED == 21
		/* open for completion from the start */
		word[p] = OPEN;
#else
		word[p] = 0;
#endif
#elif SEED == 22
		/* the words before the count */
		word[p] = 0;
#else
		count[p] = 2 + HELD;
#endif
	}
#if LARGE
	d_step {
		TOUCH;
#if SEED == 22
		count[p] = 2 + HELD;
#else
		word[p] = 0;
#endif
	}
#endif
}

/* The same, all of it leaves at once, and there is no hold. Small pages only. */
inline begin_whole(me, p)
{
	atomic {
		any_thread(me);
		d_step {
			TOUCH;
			assert(opened_while_held || (home[p] && out[p] == 0));
			home[p] = 0;
			owner_of[p] = me;
			attached[me]++;
			word[p] = OPEN;
			hand_out(p, BITS);
			page = NONE;
			mask = 0;
			to = 0;
		}
	}
}

/* Out of the set of pages, any. */
inline take(set)
{
	if
	:: set & 1 -> page = 1
	:: set & 2 -> page = 2
#if PAGES > 2
	:: set & 4 -> page = 3
#endif
	fi;
	set = set & ~BIT(page);
}

/* Under the owner's lock: the ring, taken as a whole, into the empty cache. */
inline refill(o)
{
#if SEED == 34
	/* look, then clear */
	d_step { TOUCH; head = ring[o]; }
	d_step {
		TOUCH;
		if
		:: head != CLOSED -> ring[o] = NONE
		:: else
		fi;
#else
	d_step {
		TOUCH;
		head = ring[o];
		if
		:: head != CLOSED -> ring[o] = NONE
		:: else
		fi;
#endif
		do
		:: head == NONE || head == CLOSED -> break
		:: else ->
			assert(lost || !(cache[o] & BIT(head)));
			cache[o] = cache[o] | BIT(head);
			head = next[head];
		od;
		head = NONE;
	}
}

/* H1: bits that are back, taken by the one who has the hold. */
inline take_bits(p)
{
#if SEED != 27 && SEED != 29
	d_step { TOUCH; count[p] = count[p] + 1; }
#endif
#if SEED == 24
	d_step { TOUCH; old = word[p]; }
	d_step { TOUCH; word[p] = old & ~mask; }
#else
	d_step { TOUCH; word[p] = word[p] & ~mask; }
#endif
#if SEED == 29
	/* the bits before the count */
	d_step { TOUCH; count[p] = count[p] + 1; }
#endif
}

/* H0, H1: the hold of a partly free page that has none, and the bits that are back. */
inline hold(p)
{
#if LARGE
	d_step { TOUCH; old = count[p]; ok = 0; }
	if
#if SEED == 25
	:: old != 0 ->
#else
	:: old != 0 && !(old & HELD) ->
#endif
#if SEED == 23
		d_step { TOUCH; count[p] = old | HELD; ok = 1; }
#else
		d_step {
			TOUCH;
			ok = count[p] == old;
			if
			:: ok -> count[p] = old | HELD
			:: else
			fi
		}
#endif
	:: else
	fi
	if
	:: ok ->
		/* one of the words, that is, one bit of the two */
		if
		:: mask = 1
		:: mask = 2
		fi;
		mask = mask & word[p];
		if
		:: mask == 0 ->
			release(me, p, 0);
		:: else ->
			take_bits(p);
			reused = 1;
			page = p;
		fi
	:: else
	fi
#else
	d_step { TOUCH; old = word[p]; }
	if
#if SEED == 25
	/* the hold of a page that somebody holds */
	:: (old & BITS) != 0 && old != FULL ->
#elif SEED == 26
	/* the bits of a page that is at home */
	:: (old & OPEN) && (old & BITS) != 0 ->
#else
	:: (old & OPEN) && (old & BITS) != 0 && old != FULL ->
#endif
#if SEED == 23
		/* read, then write */
		d_step { TOUCH; word[p] = 0; mask = old & BITS; page = p; }
#else
		d_step {
			TOUCH;
			if
			:: word[p] == old ->
				word[p] = 0;
				mask = old & BITS;
				page = p;
			:: else
			fi
		}
#endif
		/* Not all of them may be of use (a linear page): the others go back at once, and
		 * the hold, too, if none is left.
		 */
		if
		:: page != NONE ->
			d_step {
				TOUCH;
				assert(hold_broken || !(word[p] & OPEN));
				if
				:: mask == BITS -> bits = 2
				:: else -> bits = mask
				fi;
				word[p] = word[p] | bits;
				mask = mask & ~bits;
				bits = 0;
			}
			if
			:: mask == 0 -> release(me, p, 0); page = NONE
			:: else
			fi
		:: true
		fi
	:: else
	fi
#endif
}

/* Any page that an owner may come by, in any order of preference. */
inline page_get(me)
{
	refill(me);
	if
	:: atomic { cache[me] != 0 -> TOUCH; take(cache[me]); }
	:: atomic { free_list != 0 -> TOUCH; take(free_list); }
#if OWNERS > 1
	:: atomic { ring[1 - me] != NONE && ring[1 - me] != CLOSED -> refill(1 - me); }
	:: atomic { cache[1 - me] != 0 -> TOUCH; take(cache[1 - me]); }
#endif
	:: hold(1)
	:: hold(2)
	fi;
	if
	:: page != NONE && mask == 0 ->
		gets--;
		if
		:: begin(me, page)
#if !LARGE
		:: begin_whole(me, page)
#endif
		fi
	:: page != NONE && mask != 0 -> gets--
	:: else
	fi
}

inline give_one(me)
{
	/* The look at the word and the leaving are one step: see the limit above. */
	atomic {
		any_thread(me);
		d_step {
			TOUCH;
			if
			:: mask & 1 -> bits = 1
			:: else -> bits = 2
			fi;
			ok = (word[page] & bits) == 0 || SEED == 28;
			if
			:: ok ->
				hand_out(page, bits);
				mask = mask & ~bits;
			:: else
			fi;
#if LARGE
			/* more of the page that is back by now: only words still to come */
			if
			:: ok && mask == 0 && reused && bits == 1 && (word[page] & 2) ->
				mask = 2;
				newly = 1;
			:: else
			fi;
#endif
			ok = ok && mask != 0;
			bits = 0;
			to = 0;
		}
	}
	if
	:: !ok -> release(me, page, mask); page = NONE; mask = 0; reused = 0
#if LARGE
	:: ok && newly -> take_bits(page)
#endif
	:: else
	fi
}

inline close(me)
{
	d_step { TOUCH; refs++; }
	atomic { lock == 0 -> lock = 1; TOUCH; }
	if
	:: page != NONE -> release(me, page, mask); page = NONE;
	:: else
	fi
#if SEED == 35
	/* the ring is emptied, and the mark set after it */
	refill(me);
	d_step {
		TOUCH;
		closed[me] = 1;
		free_list = free_list | cache[me];
		cache[me] = 0;
		ring[me] = CLOSED;
	}
#else
	d_step {
		TOUCH;
		closed[me] = 1;
		head = ring[me];
		ring[me] = CLOSED;
		bits = cache[me];
		cache[me] = 0;
		do
		:: head == NONE -> break
		:: else ->
			assert(lost || !(bits & BIT(head)));
			bits = bits | BIT(head);
			head = next[head];
		od
	}
	d_step { TOUCH; free_list = free_list | bits; bits = 0; }
#endif
	d_step { TOUCH; state[me] = OWNER_DRAINING; }
#if SEED == 43
	d_step { TOUCH; back = returned[me] - attached[me]; }
	d_step { TOUCH; returned[me] = back; }
#else
	d_step { TOUCH; returned[me] = returned[me] - attached[me]; back = returned[me]; }
#endif
	if
	:: back == 0 ->
		d_step { TOUCH; state[me] = OWNER_FREE; }
	:: else
	fi
	d_step { TOUCH; lock = 0; }
	ok = back == 0;
	if
	:: ok -> unref()
	:: else
	fi
#if SEED == 44
	TOUCH;
	unref();
	TOUCH;
#else
	unref();
#endif
}

/* The struct of a closed owner is used again once no page refers to it. */
inline reopen(me)
{
	atomic { lock == 0 -> lock = 1; TOUCH; }
	if
	:: state[me] == OWNER_DRAINING && SEED != 45 -> lives = 0; owners_last++
	:: else ->
		d_step { TOUCH; attached[me] = 0; returned[me] = 0; }
		d_step { TOUCH; closed[me] = 0; ring[me] = NONE; }
		d_step { TOUCH; refs++; state[me] = OWNER_OPEN; }
	fi
	d_step { TOUCH; lock = 0; }
}

/* Some fragments that this thread holds, all of one page. */
inline choose(me)
{
	if
	:: HAS(me, 1) != 0 -> pg = 1
	:: HAS(me, 2) != 0 -> pg = 2
#if PAGES > 2
	:: HAS(me, 3) != 0 -> pg = 3
#endif
	fi;
	if
	:: HAS(me, pg) == BITS -> bits = BITS
	:: HAS(me, pg) & 1 -> bits = 1
	:: HAS(me, pg) & 2 -> bits = 2
	fi
}

#if PAGES > 2
#define HOLDS(t) (HAS(t, 1) || HAS(t, 2) || HAS(t, 3))
#else
#define HOLDS(t) (HAS(t, 1) || HAS(t, 2))
#endif

/* What a step leaves in the variables of a process means nothing to the next. */
#define FORGET d_step { old = 0; was = 0; head = 0; left = 0; whose = 0; newly = 0; back = 0; \
	ok = 0; bits = 0; pg = 0; }

proctype owner(byte me)
{
	byte page, mask, gets = GETS, lives = LIVES, to, bits, pg, old, was, head, left, whose, newly;
	short back;
	bit ok, reused;

	do
	:: lives == 0 -> break
	:: else ->
		do
		:: gets > 0 && page == NONE -> page_get(me); FORGET
		:: page != NONE -> give_one(me); FORGET
		:: page != NONE -> release(me, page, mask); page = NONE; mask = 0; reused = 0; FORGET
		:: atomic { HOLDS(me) -> choose(me); }; put(me, pg, bits, 0); FORGET
		:: !HOLDS(me) -> break
		od;
		lives--;
		if
		:: lives == 0 -> owners_last++
		:: else
		fi;
		close(me);
		mask = 0;
		reused = 0;
		FORGET;
		if
		:: lives > 0 -> reopen(me)
		:: else
		fi
	od;
	owners_done++
}

proctype user(byte me)
{
	byte bits, pg, old, was, head, left, whose, newly;
	short back;
	bit ok;

	do
	:: atomic { HOLDS(me) -> choose(me); }; put(me, pg, bits, 0); FORGET
	/* once more, what is not out */
	:: atomic {
			second_puts > 0 ->
			second_puts--;
			if
			:: pg = 1
			:: pg = 2
			fi;
			if
			:: bits = 1
			:: bits = 2
			fi
		};
		put(me, pg, bits, 1);
		FORGET
	:: owners_done == OWNERS && !HOLDS(me) -> break
	od
}

/* As soon as no owner is open; nothing opens any more after this. */
proctype destroy()
{
	byte left;

	atomic {
		owners_last == OWNERS && lock == 0 && state[0] != OWNER_OPEN && state[OWNERS - 1] != OWNER_OPEN ->
		TOUCH;
	}
	unref();
}

init
{
	atomic {
		byte i;
		for (i : 1 .. PAGES) {
			word[i] = (LARGE -> BITS : FULL);
			home[i] = 1;
		}
		free_list = ALL;
		refs = 1 + OWNERS;
		for (i : 0 .. OWNERS - 1) { run owner(i) }
		for (i : OWNERS .. THREADS - 1) { run user(i) }
		run destroy();
		i = 0
	}
	_nr_pr == 1 -> assert(lost || freed)
}
