/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef PPOOL_PERF_H
#define PPOOL_PERF_H

/* Buffer pools side by side: what the files of the program share. */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ppool.h>

#include "perf_stat.h"
#include "perf_target.h"

/** Packets, or buffers, that are handled at once. */
#define PP_BURST 32u
/** Descriptors of the model's Rx ring: buffers posted, beside the packets in flight. */
#define PP_RX_RING 512u
/** Room of the ring that hands packets to the other core. */
#define PP_HANDOVER 512u
/** Objects that the caches of two lcores can keep (of 512 each, and half as many more). */
#define PP_CACHES (2u * (512u + 256u))
/** Length of a packet where length matters. */
#define PP_PACKET 1518u

/** How buffers are taken and given back. */
enum pp_door {
	PP_MEMPOOL,   /**< rte_pktmbuf_pool_create_by_ops() */
	PP_EXTBUF,    /**< rte_pktmbuf_pool_create_extbuf() */
	PP_NATIVE,    /**< ppool COMPACT as a driver uses it that knows this library */
	PP_COMPACT,   /**< ppool COMPACT through the API of mempool and mbuf */
	PP_INLINE,    /**< ppool INLINE, elastic, through the same API */
};

struct pp_variant {
	const char *name;
	enum pp_door door;
	const char *ops;      /**< PP_MEMPOOL: mempool ops */
	unsigned int cache;   /**< objects in an lcore's mempool cache */
	bool reference;       /**< an rte_mempool as DPDK has it */
};

extern const struct pp_variant pp_variants[];
extern const unsigned int pp_nb_variants;
/** The one whose figures the targets are about. */
#define PP_SUBJECT "ppool COMPACT native"
#define PP_SUBJECT_INLINE "ppool INLINE ops, cache 256"

struct pp_ext {
	const struct rte_memzone *mz[512];
	struct rte_pktmbuf_extmem mem[512];
	unsigned int n;
};

struct pp_pool {
	const struct pp_variant *v;
	struct rte_mempool *mp;
	struct rte_ppool *pool;
	struct rte_ppool_owner *owner;
	struct pp_ext *ext;
	uint32_t n;           /**< mbufs asked for */
	uint64_t ol_flags;    /**< of a received packet */
	uint32_t mbuf_stride; /**< native */
	uint32_t frag_size;
};

/** A pool of at least @p n mbufs. chunk: bytes of a chunk of an elastic pool, 0: default.
 * max: what an elastic pool may grow to, in mbufs, at least n. 0, -ENOTSUP: there is no such
 * pool in this build, or another error.
 */
int pp_pool_create(struct pp_pool *p, const struct pp_variant *v, uint32_t n, uint32_t max,
		uint64_t chunk);
/** Number of mbufs that did not come home; all are expected to. */
uint32_t pp_pool_destroy(struct pp_pool *p);
/** Take up to n mbufs, raw. All or none; true: taken. */
bool pp_pool_get(struct pp_pool *p, struct rte_mbuf **m, uint32_t n);
void pp_pool_put(struct pp_pool *p, struct rte_mbuf **m, uint32_t n);
bool pp_variant_is(const struct pp_variant *v, const char *name);

/** The whole run. */
struct pp_run {
	bool quick;
	bool instr;           /**< under callgrind: once, without other cores */
	bool quiet;
	unsigned int rounds;
	int helper;           /**< lcore that frees, or -1 */
	uint32_t broken;      /**< facts that do not hold */
	json_t *json;
	struct perf_targets targets;
};

void pp_fact(struct pp_run *run, const char *what, bool holds);

/** Measures; each adds to the table, the JSON and the targets. */
void pp_bare(struct pp_run *run);
void pp_life(struct pp_run *run);
void pp_memory(struct pp_run *run);

/** A table of arms: summaries, ratios to the best reference; as JSON rows, too. */
void pp_report(struct pp_run *run, const char *section, const char *title, json_t *about,
		const struct perf_arm *arms, unsigned int n);
/** Target "ratio of arm to the best reference is at most limit". */
void pp_target_ratio(struct pp_run *run, const char *name, const char *subject, double limit,
		const struct perf_arm *arms, unsigned int n);

#endif /* PPOOL_PERF_H */
