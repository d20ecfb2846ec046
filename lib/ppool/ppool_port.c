/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Ports whose driver receives natively into fragments. */

#include <errno.h>

#include "ppool_private.h"

static bool port_native[RTE_MAX_ETHPORTS];

int
rte_ppool_port_native_set(uint16_t port_id, bool native)
{
	if (port_id >= RTE_MAX_ETHPORTS)
		return -EINVAL;
	PPOOL_WRITE(port_native[port_id], native);
	return 0;
}

bool
rte_ppool_port_native_get(uint16_t port_id)
{
	return port_id < RTE_MAX_ETHPORTS && PPOOL_READ(port_native[port_id]);
}
