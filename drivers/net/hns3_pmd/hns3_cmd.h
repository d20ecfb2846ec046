/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#ifndef HNS3_CMD_H
#define HNS3_CMD_H

/*
 * Commands to the firmware: the descriptor, the opcodes, and where in the 24 bytes of data
 * each parameter lies (HNS3_<command>_<field>, byte offsets; "u128" is a size in units of
 * 128 bytes). All integers are little endian.
 */

#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

#define HNS3_CMD_DATA 24u

/** Descriptor of the command queues. */
struct hns3_cmd_bd {
	uint16_t opcode;
	uint16_t flag;
	uint16_t retval;
	uint16_t rsv;
	uint8_t data[HNS3_CMD_DATA];
};
_Static_assert(sizeof(struct hns3_cmd_bd) == 32, "a command descriptor is 32 bytes");

#define HNS3_CMD_IN      0x01u
#define HNS3_CMD_OUT     0x02u
#define HNS3_CMD_NEXT    0x04u /* the following BD belongs to this command */
#define HNS3_CMD_QUERY   0x08u /* read instead of configure */
#define HNS3_CMD_NO_INTR 0x10u /* the driver polls for the end */

/* Answers */
#define HNS3_RET_OK       0
#define HNS3_RET_NO_SUPP  2
#define HNS3_RET_BUSY     5

enum hns3_opcode {
	HNS3_OP_FW_VERSION = 0x0001,
	HNS3_OP_RESET = 0x0020,
	HNS3_OP_FUNC_STATUS = 0x0022,
	HNS3_OP_PF_RSRC = 0x0023,
	HNS3_OP_CFG_PARAM = 0x0025,
	HNS3_OP_MAC_REG_NUM = 0x0033,
	HNS3_OP_MAC_STATS = 0x0034,
	HNS3_OP_RPU_DROP = 0x0048,
	HNS3_OP_MAC_MODE = 0x0301,
	HNS3_OP_LINK_STATUS = 0x0307,
	HNS3_OP_MAX_FRAME = 0x0308,
	HNS3_OP_SPEED_DUP = 0x0309,
	HNS3_OP_MAC_COMMON_INT = 0x030e,
	HNS3_OP_MAC_TNL_QUERY = 0x0310,
	HNS3_OP_MAC_TNL_EN = 0x0311,
	HNS3_OP_MAC_TNL_CLEAR = 0x0312,
	HNS3_OP_FEC_MODE = 0x031a,
	HNS3_OP_MAC_PAUSE = 0x0701,
	HNS3_OP_PFC_PAUSE = 0x0702,
	HNS3_OP_PAUSE_PARA = 0x0703,
	HNS3_OP_PRI_TO_TC = 0x0709,
	HNS3_OP_PG_TO_PRI = 0x0804,
	HNS3_OP_QS_TO_PRI = 0x0805,
	HNS3_OP_NQ_TO_QS = 0x0806,
	HNS3_OP_PG_WEIGHT = 0x0809,
	HNS3_OP_QS_WEIGHT = 0x080a,
	HNS3_OP_PRI_WEIGHT = 0x080b,
	HNS3_OP_PRI_C_SHAPER = 0x080c,
	HNS3_OP_PRI_P_SHAPER = 0x080d,
	HNS3_OP_PG_C_SHAPER = 0x080e,
	HNS3_OP_PG_P_SHAPER = 0x080f,
	HNS3_OP_PORT_SHAPER = 0x0810,
	HNS3_OP_PG_SCHED = 0x0812,
	HNS3_OP_PRI_SCHED = 0x0813,
	HNS3_OP_QS_SCHED = 0x0814,
	HNS3_OP_BP_MAP = 0x0815,
	HNS3_OP_TM_SCH_INT = 0x0829,
	HNS3_OP_ETS_WEIGHT = 0x0843,
	HNS3_OP_TX_BUFF = 0x0901,
	HNS3_OP_RX_PRIV_BUFF = 0x0902,
	HNS3_OP_RX_PRIV_WL = 0x0903,
	HNS3_OP_RX_COM_THRD = 0x0904,
	HNS3_OP_RX_COM_WL = 0x0905,
	HNS3_OP_SSU_ECC_INT = 0x0989,
	HNS3_OP_SSU_COMMON_INT = 0x098c,
	HNS3_OP_TQP_MAP = 0x0a01,
	HNS3_OP_TQP_ENABLE = 0x0b20,
	HNS3_OP_TQP_RESET = 0x0b22,
	HNS3_OP_PPU_MPF_ECC_INT = 0x0b40,
	HNS3_OP_PPU_MPF_OTHER_INT = 0x0b41,
	HNS3_OP_PPU_PF_OTHER_INT = 0x0b42,
	HNS3_OP_TSO = 0x0c01,
	HNS3_OP_GRO = 0x0c10,
	HNS3_OP_RSS_CONFIG = 0x0d01,
	HNS3_OP_RSS_TUPLES = 0x0d02,
	HNS3_OP_RSS_TABLE = 0x0d07,
	HNS3_OP_RSS_TC_MODE = 0x0d08,
	HNS3_OP_PROMISC = 0x0e01,
	HNS3_OP_VLAN_TX = 0x0f01,
	HNS3_OP_VLAN_RX = 0x0f02,
	HNS3_OP_MAC_ADD = 0x1000,
	HNS3_OP_MAC_REMOVE = 0x1001,
	HNS3_OP_VLAN_RX_TPID = 0x1002,
	HNS3_OP_VLAN_TX_TPID = 0x1003,
	HNS3_OP_MAC_SPACE = 0x1004,
	HNS3_OP_MNG_ADD = 0x1010,
	HNS3_OP_VLAN_FILTER_CTRL = 0x1100,
	HNS3_OP_VLAN_FILTER_PF = 0x1101,
	HNS3_OP_FD_MODE = 0x1200,
	HNS3_OP_FD_ALLOC = 0x1201,
	HNS3_OP_FD_KEY = 0x1202,
	HNS3_OP_RING_BIND = 0x1503,
	HNS3_OP_RING_UNBIND = 0x1504,
	HNS3_OP_COMMON_INT = 0x1505,
	HNS3_OP_RAS_BD_NUM = 0x1510,
	HNS3_OP_MPF_RAS = 0x1511,
	HNS3_OP_PF_RAS = 0x1512,
	HNS3_OP_MSIX_BD_NUM = 0x1513,
	HNS3_OP_MPF_MSIX = 0x1514,
	HNS3_OP_PF_MSIX = 0x1515,
	HNS3_OP_IGU_EGU_INT = 0x1803,
	HNS3_OP_IGU_INT = 0x1806,
	HNS3_OP_TM_QCN_INT = 0x1a14,
	HNS3_OP_PPP_INT0 = 0x2100,
	HNS3_OP_PPP_INT1 = 0x2101,
	HNS3_OP_NCSI_INT = 0x2401,
	HNS3_OP_CLEAR_HW = 0x700b,
	HNS3_OP_FW_COMPAT = 0x701a,
	HNS3_OP_SFP_INFO = 0x7104,
};

/* FW_VERSION */
#define HNS3_FW_VERSION    0
#define HNS3_FW_API_CAPS   8
#define HNS3_FW_CAPS0      12
#define HNS3_API_FLEX_RSS  0x1u

/* FW_COMPAT: what of the firmware's offers the driver understands */
#define HNS3_COMPAT_LINK_EVENT 0x1u

/* RESET, the form that resets the rings of the function */
#define HNS3_RESET_WHAT    2
#define HNS3_RESET_RCB     0x2u
#define HNS3_RESET_FIRST   4
#define HNS3_RESET_NUM     6
#define HNS3_RESET_STATUS  8 /* answer: 0 not supported, 1 done, other error */

/* FUNC_STATUS */
#define HNS3_FUNC_PF_STATE 16
#define HNS3_FUNC_DONE     0x1u

/* PF_RSRC */
#define HNS3_RSRC_TQPS     0
#define HNS3_RSRC_BUF      2 /* u128 */
#define HNS3_RSRC_VECTORS  6
#define HNS3_RSRC_FUNCS    10
#define HNS3_RSRC_TX_BUF   12 /* u128 */
#define HNS3_RSRC_DV_BUF   14 /* u128 */
#define HNS3_RSRC_EXT_TQPS 16

/* CFG_PARAM: request word 0 is offset and length / 4, the answer four words */
#define HNS3_CFG_REQ(off)  ((off) | 4u << 24)
#define HNS3_CFG_WORD(i)   (8u + 4u * (i))

/* RPU_DROP */
#define HNS3_RPU_RX_DROP   12

/* MAC_MODE: the word of an enabled MAC (Tx, Rx, padding both ways, FCS, limits) */
#define HNS3_MAC_ENABLED   0x007e18c0u

/* SPEED_DUP */
#define HNS3_SPEED_CODE    0
#define HNS3_SPEED_FULL    0x80u
#define HNS3_SPEED_CHANGE  1

/* SFP_INFO */
#define HNS3_SFP_SPEED     0
#define HNS3_SFP_QUERY     4
#define HNS3_SFP_ACTIVE    1 /* value of the above: the MAC's speed */
#define HNS3_SFP_ABILITY   8

/* TQP_MAP */
#define HNS3_MAP_TQP       0
#define HNS3_MAP_FUNC      2
#define HNS3_MAP_FLAG      3
#define HNS3_MAP_EN        0x2u
#define HNS3_MAP_VID       4

/* TQP_ENABLE, TQP_RESET */
#define HNS3_TQP_ID        0
#define HNS3_TQP_RST_REQ   2
#define HNS3_TQP_RST_READY 3
#define HNS3_TQP_EN        4

/* RSS_* */
#define HNS3_RSS_ALGO      0 /* 3:0 algorithm, 7:4 block of the key */
#define HNS3_RSS_KEY       8
#define HNS3_RSS_KEY_BLOCK 16u
#define HNS3_RSS_TBL_FIRST 0
#define HNS3_RSS_TBL_MASK  2
#define HNS3_RSS_TBL_HIGH  4
#define HNS3_RSS_TBL_LOW   8
#define HNS3_RSS_TBL_BLOCK 16u
#define HNS3_RSS_TC_VALID  0x8000u

/* PROMISC */
#define HNS3_PROMISC_UC    0x02u
#define HNS3_PROMISC_MC    0x04u
#define HNS3_PROMISC_BC    0x08u
#define HNS3_PROMISC_BASE  0x30u /* Tx and Rx enable, always set */
#define HNS3_PROMISC_FUNC  1

/* MAC_ADD, MAC_REMOVE */
#define HNS3_ADDR_FLAG     0
#define HNS3_ADDR_VALID    0x1u
#define HNS3_ADDR_RESP     1 /* answer: 0 done, 1 there already or not found, 2, 3 full */
#define HNS3_ADDR_MAC      4
#define HNS3_ADDR_TYPE     12
#define HNS3_ADDR_TYPE_MC  0x2u
#define HNS3_ADDR_MC_EN    13

/* MAC_SPACE */
#define HNS3_SPACE_FREE    0
#define HNS3_SPACE_SIZE    4

/* MNG_ADD */
#define HNS3_MNG_FLAGS     0
#define HNS3_MNG_RESP      1
#define HNS3_MNG_MAC       4
#define HNS3_MNG_TYPE      12
#define HNS3_MNG_IN_PORT   20

/* VLAN_FILTER_CTRL, VLAN_FILTER_PF, VLAN_TX, VLAN_RX */
#define HNS3_VF_CTRL_TYPE  0
#define HNS3_VF_CTRL_PORT  1 /* value of the above */
#define HNS3_VF_CTRL_EN    1
#define HNS3_VF_CTRL_IN    0x5u
#define HNS3_VF_PF_BLOCK   0
#define HNS3_VF_PF_REMOVE  1
#define HNS3_VF_PF_MAP     4
#define HNS3_VF_PF_SPAN    160u
#define HNS3_VLAN_FLAGS    0
#define HNS3_VLAN_TX_PLAIN 0xe3u /* accept tagged and untagged, insert nothing */
#define HNS3_VLAN_RX_STRIP 0x02u
#define HNS3_VLAN_FUNCS    8

/* RING_BIND, RING_UNBIND */
#define HNS3_BIND_VECTOR   0
#define HNS3_BIND_NUM      1
#define HNS3_BIND_ENTRY    2 /* 1:0 Tx 0 or Rx 1, 12:2 queue, 14:13 limiter (Rx 0, Tx 1) */
#define HNS3_BIND_VEC_HIGH 23
#define HNS3_BIND_RX       1 /* in an entry: the Rx ring, with the limiter of Rx */

static inline void
hns3_put8(struct hns3_cmd_bd *bd, unsigned int off, uint8_t v)
{
	bd->data[off] = v;
}

/* Through memcpy, as the data of one command has fields of many types. */
static inline void
hns3_put16(struct hns3_cmd_bd *bd, unsigned int off, uint16_t v)
{
	v = rte_cpu_to_le_16(v);
	memcpy(bd->data + off, &v, sizeof(v));
}

static inline void
hns3_put32(struct hns3_cmd_bd *bd, unsigned int off, uint32_t v)
{
	v = rte_cpu_to_le_32(v);
	memcpy(bd->data + off, &v, sizeof(v));
}

static inline void
hns3_put64(struct hns3_cmd_bd *bd, unsigned int off, uint64_t v)
{
	v = rte_cpu_to_le_64(v);
	memcpy(bd->data + off, &v, sizeof(v));
}

static inline uint8_t
hns3_get8(const struct hns3_cmd_bd *bd, unsigned int off)
{
	return bd->data[off];
}

static inline uint16_t
hns3_get16(const struct hns3_cmd_bd *bd, unsigned int off)
{
	uint16_t v;

	memcpy(&v, bd->data + off, sizeof(v));
	return rte_le_to_cpu_16(v);
}

static inline uint32_t
hns3_get32(const struct hns3_cmd_bd *bd, unsigned int off)
{
	uint32_t v;

	memcpy(&v, bd->data + off, sizeof(v));
	return rte_le_to_cpu_32(v);
}

#endif /* HNS3_CMD_H */
