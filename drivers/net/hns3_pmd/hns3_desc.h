/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_DESC_H
#define HNS3_DESC_H

/*
 * Buffer descriptors (BDs). Both kinds are four little-endian 64-bit words, always read and
 * written as whole words: each field is then loaded once, so that what was checked is what
 * is used, even if the device writes in the meantime.
 */

#include <stdint.h>

/* A ring has a multiple of HNS3_RING_ALIGN BDs. */
#define HNS3_RING_MIN   64u
#define HNS3_RING_MAX   32768u
#define HNS3_RING_ALIGN 32u
#define HNS3_RING_BASE  128u

struct hns3_bd {
	uint64_t w[4];
};
_Static_assert(sizeof(struct hns3_bd) == 32, "a BD is 32 bytes");

/*
 * Rx, to the device: w[0] is the address, w[3] is 0.
 * Rx, from the device: VLD, FE and the size in every BD, the rest where FE is set.
 */
#define HNS3_RXW1_L3L4(w)   ((uint8_t)((w) >> 4)) /* L3 id in 3:0, L4 id in 7:4 */
#define HNS3_RXW1_L3(w)     ((unsigned int)((w) >> 4) & 0xf)
#define HNS3_RXW1_L4(w)     ((unsigned int)((w) >> 8) & 0xf)
#define HNS3_RXW1_FRAG      (1ull << 12)
#define HNS3_RXW1_STRIP(w)  ((unsigned int)((w) >> 13) & 3)
#define HNS3_RXW1_L2E       (1ull << 16)
#define HNS3_RXW1_L3E       (1ull << 17)
#define HNS3_RXW1_L4E       (1ull << 18)
#define HNS3_RXW1_TRUNC     (1ull << 19)
#define HNS3_RXW1_OL3E      (1ull << 22)
#define HNS3_RXW1_OL4E      (1ull << 23)
#define HNS3_RXW1_PKTLEN(w) ((uint16_t)((w) >> 32))
#define HNS3_RXW1_SIZE(w)   ((uint16_t)((w) >> 48))
#define HNS3_RXW2_HASH(w)   ((uint32_t)(w))
#define HNS3_RXW2_VLAN(w)   ((uint16_t)((w) >> 48))
#define HNS3_RXW3_OL3(w)    ((unsigned int)((w) >> 4) & 0xf)
#define HNS3_RXW3_OL4(w)    ((unsigned int)((w) >> 8) & 0xf)
#define HNS3_RXW3_OVLAN(w)  ((uint16_t)((w) >> 16))
#define HNS3_RXW3_VLD       (1ull << 36)
#define HNS3_RXW3_FE        (1ull << 40)
#define HNS3_RXW3_L3L4P     (1ull << 43)

/* STRIP: which tags were taken off the packet */
#define HNS3_STRIP_NONE  0
#define HNS3_STRIP_OUTER 1
#define HNS3_STRIP_INNER 2
#define HNS3_STRIP_BOTH  3

/* Tx. VLD is cleared by the device when it is done with the BD. */
#define HNS3_TXW1(len)   ((uint64_t)(uint16_t)(len) << 16)
#define HNS3_TXW1_IPV6   (1ull << 32)
#define HNS3_TXW1_IPV4   (2ull << 32)
#define HNS3_TXW1_TCP    (1ull << 34)
#define HNS3_TXW1_UDP    (2ull << 34)
#define HNS3_TXW1_SCTP   (3ull << 34)
#define HNS3_TXW1_L3CS   (1ull << 36)
#define HNS3_TXW1_L4CS   (1ull << 37)
#define HNS3_TXW1_TSO    (1ull << 39)
#define HNS3_TXW1_L2LEN  (0xffull << 40) /* in units of 2 bytes */
#define HNS3_TXW1_L3LEN  (0xffull << 48) /* of 4 bytes */
#define HNS3_TXW1_L4LEN  (0xffull << 56) /* of 4 bytes */
#define HNS3_TXW2_OVLAN  (1ull << 34)    /* insert the tag in 15:0 */
#define HNS3_TXW3_PAYLEN(n) ((uint64_t)(n) & 0xfffff) /* of a packet to be segmented */
#define HNS3_TXW3_MSS(n) ((uint64_t)((n) & 0x3fff) << 48)
#define HNS3_TXW3_VLD    (1ull << 40)
#define HNS3_TXW3_FE     (1ull << 36)

/** Most BDs of one packet that is not to be segmented. */
#define HNS3_TX_BDS_MAX  8u
/** Shorter packets must be padded by the driver. */
#define HNS3_TX_LEN_MIN  33u
/** Longest frame, CRC included. */
#define HNS3_FRAME_MAX   9728u
#define HNS3_FRAME_MIN   64u
/** Ethernet header, CRC and two VLAN tags. */
#define HNS3_OVERHEAD    26u
/** The max frame of the MAC is never set below this. */
#define HNS3_FRAME_FLOOR 1526u
#define HNS3_MTU_MIN     68u
#define HNS3_MTU_MAX     (HNS3_FRAME_MAX - HNS3_OVERHEAD)

#endif /* HNS3_DESC_H */
