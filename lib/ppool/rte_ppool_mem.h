/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * RTE page pool: where the memory of its pages comes from
 *
 * The pages of a COMPACT pool stand in chunks. A *memory provider* hands out the memory of a
 * chunk and takes it back. Three are built in, see rte_ppool_mem_ops_find(); an application
 * may bring its own, through the table below. With any other than "heap" the mbuf headers, and
 * all else that the pool itself keeps, stay in the EAL's heap: a provider's memory holds
 * nothing but packets.
 */

#ifndef RTE_PPOOL_MEM_H
#define RTE_PPOOL_MEM_H

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_compat.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_device;

/** A piece of memory that a provider has handed out. */
struct rte_ppool_mem {
	void *addr;      /**< where it starts */
	size_t len;      /**< bytes, at least what was asked for */
	rte_iova_t iova; /**< IOVA of @ref addr, if it has one for all of it */
	void *priv;      /**< the provider's own */
};

/**
 * A memory provider. The table, and what ctx points to, must stay as they are until the pool
 * is gone. (A pool that was destroyed while fragments were out is gone when the last of them
 * has come back.)
 *
 * The functions are called by whatever thread makes the pool, makes it grow (one that
 * allocates), calls rte_ppool_maintain(), or brings the last fragment home to a pool that was
 * destroyed. For one pool never two of them at the same time, but pools that share a ctx may
 * call at the same time. They must not call the pool.
 */
struct rte_ppool_mem_ops {
	/** For reports. */
	const char *name;
	/** Bytes of a chunk for pools that do not say, a power of two; 0: 2M. */
	uint32_t chunk_size;
	/**
	 * Hand out memory that can be read and written, and that devices may write to.
	 *
	 * @param ctx
	 *   As given to the pool.
	 * @param len
	 *   Bytes, a multiple of the pool's page size.
	 * @param align
	 *   Alignment of the address, a power of two.
	 * @param socket_id
	 *   NUMA node, or SOCKET_ID_ANY. A wish: where it cannot be met, other memory is better
	 *   than none.
	 * @param mem
	 *   Filled in; all zero, and the IOVA RTE_BAD_IOVA, when called.
	 * @return
	 *   0, or -ENOMEM: the pool may try less, and tries again later, or another negative
	 *   errno: the pool tries again later. Nothing must be left behind then.
	 */
	int (*alloc)(void *ctx, size_t len, size_t align, int socket_id,
			struct rte_ppool_mem *mem);
	/** Take memory back; also what the pool did not like (badly aligned, too short). */
	void (*free)(void *ctx, const struct rte_ppool_mem *mem);
	/**
	 * IOVA of @p len bytes of the memory, from offset @p off on, or RTE_BAD_IOVA if they do
	 * not lie in one piece for devices. Asked for each page. NULL: mem->iova + off.
	 */
	rte_iova_t (*iova)(void *ctx, const struct rte_ppool_mem *mem, size_t off, size_t len);
};

/**
 * ctx of the provider "external": memory of the application's process that the EAL is told of
 * (rte_extmem_register()) and that is mapped for DMA of the devices given (rte_dev_dma_map()). At
 * release it is unmapped and unregistered again. The EAL has room for about a hundred pieces of
 * external memory in a process, hence chunks of 32M where the pool does not say.
 */
struct rte_ppool_mem_external {
	/** Devices that use the memory, e.g. rte_eth_dev_info.device; NULL if there are none. */
	struct rte_device *const *devs;
	/** Number of devices. */
	uint16_t nb_devs;
	/** Bytes of the hugepages that the memory is made of, or 0 for the system's ordinary
	 * pages. These are not in one piece for devices with --iova-mode=pa.
	 */
	size_t page_size;
};

/**
 * A provider that is built in. Thread-safe.
 *
 * - "heap": hugepages of the EAL's heap. The default. ctx is not used.
 * - "external": memory of the process, registered, and mapped for the devices that ctx
 *   (struct rte_ppool_mem_external, or NULL for ordinary pages and no device) names.
 * - "anonymous": memory of the process, on the pool's NUMA node where the system has room there,
 *   that the EAL does not know: for use with --no-huge, whose heap has a size of its own. For
 *   software devices, or devices that can address all of the process. ctx is not used.
 *
 * @param name
 *   Name of the provider.
 * @return
 *   The provider, or NULL if there is none of this name.
 */
__rte_experimental
const struct rte_ppool_mem_ops *rte_ppool_mem_ops_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PPOOL_MEM_H */
