/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_LOG_H
#define HNS3_LOG_H

#include <rte_log.h>

extern int hns3_pmd_logtype;

#define HNS3_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, hns3_pmd_logtype, "net_hns3_pmd: " fmt "\n", ##__VA_ARGS__)

/* The same with the device's PCI address in front. */
#define HNS3_DEV_LOG(level, hw, fmt, ...) \
	HNS3_LOG(level, "%s: " fmt, (hw)->name, ##__VA_ARGS__)

#endif /* HNS3_LOG_H */
