/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_TEST_H
#define HNS3_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>

/* EAL without hugepages and devices: IOVA is the virtual address. */
static inline int
test_eal_init(void)
{
	static char name[] = "test", no_huge[] = "--no-huge", conf[] = "--no-shconf", m[] = "-m",
		size[] = "96", no_pci[] = "--no-pci", tele[] = "--no-telemetry", l[] = "-l",
		core[] = "0", level[] = "--log-level=error";
	static char *argv[] = { name, no_huge, conf, m, size, no_pci, tele, l, core, level, NULL };

	return rte_eal_init(RTE_DIM(argv) - 1, argv) < 0 ? -1 : 0;
}

#endif /* HNS3_TEST_H */
