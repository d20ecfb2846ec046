/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_REGS_H
#define HNS3_REGS_H

/*
 * Registers of a physical function, as byte offsets in BAR 2. All are 32 bits wide and
 * little endian.
 */

#include <stdint.h>

#include <rte_io.h>

/* PCI identity */
#define HNS3_VENDOR       0x19e5
#define HNS3_ID_25GE      0xa221
#define HNS3_ID_25GE_RDMA 0xa222
/* PCI configuration space */
#define HNS3_PCI_REVISION 0x08
#define HNS3_REV_HIP08_B  0x21
#define HNS3_REV_HIP09_A  0x30

#define HNS3_BAR_REGS     2
#define HNS3_BAR_REGS_LEN 0x88000u /* up to the window of the last queue pair in use */

/* Command queue: CSQ is driver to firmware, CRQ is firmware to driver */
#define HNS3_CSQ_BASE_L 0x27000
#define HNS3_CSQ_BASE_H 0x27004
#define HNS3_CSQ_DEPTH  0x27008 /* BDs / 8, and the flag below */
#define HNS3_CSQ_TAIL   0x27010
#define HNS3_CSQ_HEAD   0x27014
#define HNS3_CRQ_BASE_L 0x27018
#define HNS3_CRQ_BASE_H 0x2701c
#define HNS3_CRQ_DEPTH  0x27020
#define HNS3_CRQ_TAIL   0x27024
#define HNS3_CRQ_HEAD   0x27028
/* In CSQ_DEPTH: software is ready for a reset to go on. */
#define HNS3_SW_RST_READY 0x10000u

/* Sources of vector 0 */
#define HNS3_CMDQ_SRC        0x27100 /* write: new = old AND written */
#define HNS3_CMDQ_SRC_RX     0x2u
#define HNS3_MISC_VECTOR     0x20400 /* 1: vector 0 may fire */
#define HNS3_OTHER_EN        0x20600
#define HNS3_OTHER_EN_MSIX   0x40u /* report all error causes through vector 0 */
#define HNS3_MISC_RST_STS    0x20700 /* write 1 to clear */
#define HNS3_OTHER_STS       0x20800
#define HNS3_OTHER_PTP       0x00001u
#define HNS3_OTHER_GLOBAL    0x00020u
#define HNS3_OTHER_CORE      0x00040u
#define HNS3_OTHER_IMP       0x00080u
#define HNS3_OTHER_MSIX_ERR  0x1ff00u
#define HNS3_RAS_STS         0x20b00
#define HNS3_RAS_STS_NIC     0x0ff00u
#define HNS3_FUN_RST_ING     0x20c00

/* Interrupt moderation of queue vector 1 + i, i < 64 */
#define HNS3_QVEC(i)     (0x20000u + 4u * (i))
#define HNS3_QVEC_CTRL   0x000
#define HNS3_QVEC_GL0    0x100 /* Rx gap limiter, in units of 2 us on HIP08 */
#define HNS3_QVEC_GL1    0x200 /* Tx gap limiter */
#define HNS3_QVEC_RL     0x900 /* rate limiter */

/* Window of queue pair q, q < 1024 */
#define HNS3_TQP(q)       (0x80000u + 0x200u * (q))
#define HNS3_RX_BASE_L    0x00
#define HNS3_RX_BASE_H    0x04
#define HNS3_RX_BD_NUM    0x08 /* n / 8 - 1 */
#define HNS3_RX_BD_LEN    0x0c /* code: 0 = 512, 1 = 1024, 2 = 2048, 3 = 4096 */
#define HNS3_RX_HEAD      0x1c /* write: number of BDs given back */
#define HNS3_RX_FBDNUM    0x20
#define HNS3_RX_PKTNUM    0x2c /* read clears */
#define HNS3_TX_BASE_L    0x40
#define HNS3_TX_BASE_H    0x44
#define HNS3_TX_BD_NUM    0x48
#define HNS3_TX_TC        0x50
#define HNS3_TX_TAIL      0x58 /* write: number of new BDs */
#define HNS3_TX_PKTNUM    0x6c /* read clears */
#define HNS3_RING_EN      0x90

static inline uint32_t
hns3_reg_read(const volatile uint8_t *bar, uint32_t reg)
{
	return rte_read32(bar + reg);
}

/* Ordered after all earlier stores, to memory too: descriptors before their doorbell. */
static inline void
hns3_reg_write(volatile uint8_t *bar, uint32_t reg, uint32_t value)
{
	rte_write32(value, bar + reg);
}

#endif /* HNS3_REGS_H */
