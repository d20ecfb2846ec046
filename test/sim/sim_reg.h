/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * Offsets and bits of the register file of hns3-sim (byte offsets in BAR2).
 */

#ifndef SIM_REG_H
#define SIM_REG_H

#define REG_MISC_VECTOR_CTRL 0x20400u
#define REG_OTHER_INT        0x20600u
#define REG_MISC_RESET_STS   0x20700u
#define REG_OTHER_INT_STS    0x20800u
#define REG_GLOBAL_RESET     0x20A00u
#define REG_RAS_INT_STS      0x20B00u
#define REG_FUN_RST_ING      0x20C00u
#define REG_CSQ_BASE_L       0x27000u
#define REG_CSQ_BASE_H       0x27004u
#define REG_CSQ_DEPTH        0x27008u
#define REG_CSQ_TAIL         0x27010u
#define REG_CSQ_HEAD         0x27014u
#define REG_CRQ_BASE_L       0x27018u
#define REG_CRQ_BASE_H       0x2701Cu
#define REG_CRQ_DEPTH        0x27020u
#define REG_CRQ_TAIL         0x27024u
#define REG_CRQ_HEAD         0x27028u
#define REG_CMDQ_SRC         0x27100u
#define REG_CMDQ_STAT        0x27104u
#define REG_CMDQ_INTR_EN     0x27108u
#define REG_CMDQ_INTR_GEN    0x2710Cu
#define REG_GRO_EN           0x28000u
#define REG_RPU_DROP_CNT     0x28004u
#define REG_RXD_ADV_LAYOUT   0x28008u
#define REG_PTP_FIRST        0x29000u
#define REG_PTP_LAST         0x2907Cu

/* 0x20600 */
#define OTHER_INT_IMP_NOTED    (1u << 1)
#define OTHER_INT_CMDQ_ERR     (1u << 4)
#define OTHER_INT_RD_POISON    (1u << 5)
#define OTHER_INT_ALL_MSIX_ERR (1u << 6)
#define OTHER_INT_TRIGGER_IMP  (1u << 7)
/* 0x20700 and 0x20800 */
#define INT_STS_PTP    (1u << 0)
#define INT_STS_GLOBAL (1u << 5)
#define INT_STS_CORE   (1u << 6)
#define INT_STS_IMP    (1u << 7)
#define INT_STS_ERR    0x1FF00u
/* 0x20A00 */
#define GLOBAL_RESET_GLOBAL (1u << 0)
#define GLOBAL_RESET_CORE   (1u << 1)
#define GLOBAL_RESET_IMP    (1u << 2)
/* 0x20B00 */
#define RAS_STS_NIC 0xFF00u
/* 0x27008 */
#define CSQ_SW_RST_RDY (1u << 16)
#define CSQ_DEPTH_MASK 0xFFFFu
/* 0x27100 */
#define CMDQ_SRC_CRQ (1u << 1)

/* Window of a TQP. */
#define TQP_RX_BASE_L  0x00u
#define TQP_RX_BASE_H  0x04u
#define TQP_RX_BD_NUM  0x08u
#define TQP_RX_BD_LEN  0x0Cu
#define TQP_RX_MERGE   0x14u
#define TQP_RX_TAIL    0x18u
#define TQP_RX_HEAD    0x1Cu
#define TQP_RX_FBDNUM  0x20u
#define TQP_RX_OFFSET  0x24u
#define TQP_RX_FBD_OFF 0x28u
#define TQP_RX_PKTNUM  0x2Cu
#define TQP_RX_STASH   0x30u
#define TQP_RX_BD_ERR  0x34u
#define TQP_TX_BASE_L  0x40u
#define TQP_TX_BASE_H  0x44u
#define TQP_TX_BD_NUM  0x48u
#define TQP_TX_PRIO    0x4Cu
#define TQP_TX_TC      0x50u
#define TQP_TX_MERGE   0x54u
#define TQP_TX_TAIL    0x58u
#define TQP_TX_HEAD    0x5Cu
#define TQP_TX_FBDNUM  0x60u
#define TQP_TX_OFFSET  0x64u
#define TQP_TX_EBD_NUM 0x68u
#define TQP_TX_PKTNUM  0x6Cu
#define TQP_TX_EBD_OFF 0x70u
#define TQP_TX_BD_ERR  0x74u
#define TQP_RING_EN    0x90u
#define TQP_RX_EN      0x98u
#define TQP_TX_EN      0xD4u
#define TQP_WINDOW     0x200u

#endif /* SIM_REG_H */
