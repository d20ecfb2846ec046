/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The memory orders of librte_ppool by their labels, as Relacy sees them, and how one half of
 * one of them is taken away.
 */

#ifndef PPOOL_MODEL_ORDER_HPP
#define PPOOL_MODEL_ORDER_HPP

#include <relacy/relacy.hpp>

/* Where one label stands at two places that are weakened one at a time, it has two names here:
 * C1 of the one who brings a page back and of the one who closes.
 */
#define ORDER_LABELS(X) X(A0) X(A1) X(R0) X(H0) X(H1) X(L0) X(L1) X(O0) X(O1) X(O2) X(C0) \
	X(C1back) X(C1close) X(D0) X(I0) X(T0) X(F0) X(P0) X(P1) X(P2) X(G0) X(M0) X(M1) X(M2)

enum order_label {
#define X(l) l,
	ORDER_LABELS(X)
#undef X
	ORDER_NONE
};

/* The last is no order, but a step that is done otherwise. */
enum order_half { ORDER_REL = 1, ORDER_ACQ = 2, ORDER_STEP = 4 };

/* What is taken away; set once by main(). */
extern order_label seed_label;
extern int seed_half;

inline bool
seeded(order_label l, int half)
{
	return seed_label == l && (seed_half & half) != 0;
}

/* The order of the operation with this label. */
inline rl::memory_order
at(order_label l, rl::memory_order mo)
{
	if (seed_label != l)
		return mo;
	if (mo == rl::mo_acq_rel)
		return seed_half == ORDER_REL ? rl::mo_acquire : rl::mo_release;
	if ((mo == rl::mo_release && seed_half == ORDER_REL) ||
			(mo == rl::mo_acquire && seed_half == ORDER_ACQ))
		return rl::mo_relaxed;
	return mo;
}

/* A fence is there or not. */
inline void
fence_acquire(order_label l)
{
	if (!seeded(l, ORDER_ACQ))
		rl::atomic_thread_fence(rl::mo_acquire, $);
}

/* A suite: runs until something is found, or that many executions were tried. */
typedef bool (*suite_fn)(rl::test_params &params);

template <typename T> bool
suite_run(rl::test_params &params)
{
	return rl::simulate<T>(params);
}

struct suite {
	const char *name;
	suite_fn run;
	const char *what;
};

extern const suite suites_page[];
extern const suite suites_owner[];
extern const suite suites_publish[];
extern const suite suites_pool[];

#endif /* PPOOL_MODEL_ORDER_HPP */
