/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_COMPAT_H
#define HNS3_COMPAT_H

/*
 * What differs between the releases of DPDK, and what the SDK headers get wrong: the rest
 * of the driver includes this file and knows of one DPDK only.
 */

#include <stddef.h>
#include <string.h>

#include <rte_version.h>
#include <rte_mbuf.h>
#include <ethdev_driver.h>

/* 24.11: dev_supported_ptypes_get counts its entries, before that RTE_PTYPE_UNKNOWN ends
 * them.
 */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
#define HNS3_PTYPES_ARGS struct rte_eth_dev *dev, size_t *count
#define HNS3_PTYPES_COUNT(n) (*count = (n))
#else
#define HNS3_PTYPES_ARGS struct rte_eth_dev *dev
#define HNS3_PTYPES_COUNT(n) RTE_SET_USED(n)
#endif

/* 25.11: the statistics of the queues come apart from those of the port. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define HNS3_STATS_QUEUES_APART 1
#else
#define HNS3_STATS_QUEUES_APART 0
#endif

/* data_off, refcnt, nb_segs and port of an mbuf are one 8-byte store. Through memcpy: the
 * four fields are read by their own types afterwards.
 */
_Static_assert(offsetof(struct rte_mbuf, refcnt) == offsetof(struct rte_mbuf, data_off) + 2 &&
	offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, data_off) + 4 &&
	offsetof(struct rte_mbuf, port) == offsetof(struct rte_mbuf, data_off) + 6,
	"the rearm fields of an mbuf are not side by side");

static inline uint64_t
hns3_mbuf_rearm_word(uint16_t data_off, uint16_t port)
{
	uint16_t f[4] = { data_off, 1, 1, port };
	uint64_t v;

	memcpy(&v, f, sizeof(v));
	return v;
}

static inline void
hns3_mbuf_rearm(struct rte_mbuf *m, uint64_t v)
{
	memcpy((char *)m + offsetof(struct rte_mbuf, data_off), &v, sizeof(v));
}

/*
 * Link state, as the 8 bytes that ethdev reads. rte_eth_linkstatus_set() of the SDK reads
 * the caller's structure through a pointer to uint64_t, and a compiler that knows the
 * aliasing rules may drop the stores to the structure as unread. A union has neither fault.
 */
union hns3_link {
	struct rte_eth_link link;
	uint64_t word;
};
_Static_assert(sizeof(struct rte_eth_link) == sizeof(uint64_t), "link state is one word");

/* The field in the port's data is declared as a structure, and read there as one. */
typedef uint64_t __attribute__((may_alias)) hns3_link_word;

/** Set the link state of a port; true if up or down has changed. */
static inline bool
hns3_link_set(struct rte_eth_dev *dev, const struct rte_eth_link *link)
{
	union hns3_link new, old;

	memcpy(&new, link, sizeof(new));
	old.word = __atomic_exchange_n((hns3_link_word *)&dev->data->dev_link, new.word,
			__ATOMIC_SEQ_CST);
	return old.link.link_status != new.link.link_status;
}

static inline struct rte_eth_link
hns3_link_get(const struct rte_eth_dev *dev)
{
	union hns3_link now;

	now.word = __atomic_load_n((const hns3_link_word *)&dev->data->dev_link, __ATOMIC_SEQ_CST);
	return now.link;
}

#endif /* HNS3_COMPAT_H */
