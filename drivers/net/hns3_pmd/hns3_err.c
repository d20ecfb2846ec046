/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * Hardware errors: which are reported, and how a report is taken back. Nothing is repaired
 * in this release: what was reported is written to the log.
 */

#include <errno.h>

#include "hns3_dev.h"

/* Words of the enabling commands; v is what is sent when reporting is switched on, m is sent
 * in both cases.
 */
struct err_cmd {
	uint16_t op;
	uint8_t bds;
	struct {
		uint8_t bd, word;
		uint32_t on, off;
	} w[11];
};

#define ON(b, i, v)   { b, i, v, 0 }
#define BOTH(b, i, v) { b, i, v, v }
#define ALL 0xffffffffu

/* In the order in which they are sent. */
static const struct err_cmd err_cmds[] = {
	{ HNS3_OP_IGU_INT, 1, { { 0, 0, 0x66f, 0x660 }, BOTH(0, 1, 0xf) } },
	{ HNS3_OP_IGU_EGU_INT, 1, { ON(0, 0, 0x2aabf), BOTH(0, 1, 0x3f) } },
	{ HNS3_OP_NCSI_INT, 1, { ON(0, 0, 3) } },
	{ HNS3_OP_PPP_INT0, 2, { ON(0, 0, ALL), ON(0, 1, ALL), ON(0, 4, 3),
		BOTH(1, 0, ALL), BOTH(1, 1, ALL), BOTH(1, 2, 3) } },
	{ HNS3_OP_PPP_INT1, 2, { ON(0, 0, 0x3f), ON(0, 1, 0x3f),
		BOTH(1, 0, 0x3f), BOTH(1, 1, 0x3f) } },
	{ HNS3_OP_SSU_ECC_INT, 2, { ON(0, 0, ALL), ON(0, 1, ALL), ON(0, 4, 0x101),
		BOTH(1, 0, ALL), BOTH(1, 1, ALL), BOTH(1, 2, 0x101) } },
	{ HNS3_OP_SSU_COMMON_INT, 2, { ON(0, 0, 0x3ff), ON(0, 1, 0xbff), ON(0, 2, 0xffffff),
		BOTH(1, 0, 0x0bff03ff), BOTH(1, 1, 0xffffff) } },
	{ HNS3_OP_PPU_MPF_ECC_INT, 2, { ON(0, 0, ALL), ON(0, 1, ALL),
		BOTH(1, 0, ALL), BOTH(1, 1, ALL), BOTH(1, 2, 0x3fff3fff),
		{ 1, 3, 0xff00ff, 0xff0000 }, ON(1, 4, 0x3fff3fff) } },
	{ HNS3_OP_PPU_MPF_OTHER_INT, 1, { ON(0, 0, 0xb), BOTH(0, 2, 0xb) } },
	{ HNS3_OP_PPU_PF_OTHER_INT, 1, { ON(0, 0, 0x3f), BOTH(0, 2, 0x3f) } },
	{ HNS3_OP_TM_SCH_INT, 1, { ON(0, 0, 3) } },
	{ HNS3_OP_TM_QCN_INT, 1, { { 0, 0, 0xffff29, 0x29 }, BOTH(0, 1, 0xffffff) } },
	{ HNS3_OP_COMMON_INT, 2, { ON(0, 0, 0xffff0000), ON(0, 2, 0xffff), ON(0, 3, 0x100),
		ON(0, 4, 0x0f000fff), ON(0, 5, 0x300), BOTH(1, 0, 0xffff0000), BOTH(1, 2, 0xffff),
		BOTH(1, 3, 0x100), BOTH(1, 4, 0x0f000fff), BOTH(1, 5, 0x300) } },
	{ HNS3_OP_MAC_COMMON_INT, 1, { ON(0, 0, 0x107ff), BOTH(0, 1, 0x107ff) } },
};

int
hns3_err_enable(struct hns3_hw *hw, bool on)
{
	const struct err_cmd *c;
	struct hns3_cmd_bd bd[2];
	unsigned int i, j;
	int ret, err = 0;

	for (i = 0; i < RTE_DIM(err_cmds); i++) {
		c = &err_cmds[i];
		hns3_cmd_setup_chain(bd, c->bds, c->op, false);
		for (j = 0; j < RTE_DIM(c->w) && c->w[j].on != 0; j++)
			hns3_put32(&bd[c->w[j].bd], 4 * c->w[j].word, on ? c->w[j].on : c->w[j].off);
		ret = hns3_cmd_send(&hw->cmdq, bd, c->bds);
		if (ret != 0 && on)
			return ret;
		if (ret != 0)
			err = ret;
	}
	return err;
}

#define REPORT_BDS_MAX 64u

/* Read a report, write it to the log, and send it back: that clears it. */
static int
take_report(struct hns3_hw *hw, enum hns3_opcode op, uint32_t n, const char *what)
{
	struct hns3_cmd_bd bd[REPORT_BDS_MAX];
	uint32_t i, v;
	int ret;

	memset(bd, 0, sizeof(bd));
	hns3_cmd_setup(&bd[0], op, true);
	ret = hns3_cmd_send(&hw->cmdq, bd, n);
	if (ret != 0)
		return ret;
	/* Words of the whole block but for the header of the first descriptor. */
	for (i = 2; i < n * 8; i++) {
		memcpy(&v, (const char *)bd + i * sizeof(v), sizeof(v));
		if (v != 0)
			HNS3_DEV_LOG(ERR, hw, "hardware error (%s): descriptor %u, word %u: 0x%08x",
				what, i / 8, i % 8, rte_le_to_cpu_32(v));
	}
	bd[0].flag = rte_cpu_to_le_16(HNS3_CMD_IN | HNS3_CMD_NO_INTR);
	bd[0].retval = 0;
	return hns3_cmd_send(&hw->cmdq, bd, n);
}

static int
take_reports(struct hns3_hw *hw, enum hns3_opcode num, enum hns3_opcode mpf, enum hns3_opcode pf,
		const char *what)
{
	struct hns3_cmd_bd bd;
	uint32_t n_mpf, n_pf;
	int ret;

	hns3_cmd_setup(&bd, num, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret != 0)
		return ret;
	n_mpf = hns3_get32(&bd, 0);
	n_pf = hns3_get32(&bd, 4);
	if (n_mpf == 0 || n_pf == 0 || n_mpf > REPORT_BDS_MAX || n_pf > REPORT_BDS_MAX) {
		HNS3_DEV_LOG(ERR, hw, "command 0x%04x: reports of %u and %u descriptors cannot be",
			num, n_mpf, n_pf);
		return -EINVAL;
	}
	ret = take_report(hw, mpf, n_mpf, what);
	return ret != 0 ? ret : take_report(hw, pf, n_pf, what);
}

/* In the interrupt thread. An error means that the cause is still there: vector 0 must then
 * stay off, or the interrupt would never end.
 */
int
hns3_err_handle(struct hns3_hw *hw)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_MAC_TNL_QUERY, true);
	ret = hns3_cmd_send(&hw->cmdq, &bd, 1);
	if (ret == 0 && hns3_get32(&bd, 0) != 0) {
		HNS3_DEV_LOG(ERR, hw, "MAC tunnel error 0x%08x", hns3_get32(&bd, 0));
		hns3_cmd_setup(&bd, HNS3_OP_MAC_TNL_CLEAR, false);
		hns3_put32(&bd, 0, 0x3ff);
		hns3_cmd_send(&hw->cmdq, &bd, 1);
	}
	ret = take_reports(hw, HNS3_OP_MSIX_BD_NUM, HNS3_OP_MPF_MSIX, HNS3_OP_PF_MSIX, "MSI-X");
	if (ret == 0 && (hns3_reg_read(hw->bar, HNS3_RAS_STS) & HNS3_RAS_STS_NIC))
		ret = take_reports(hw, HNS3_OP_RAS_BD_NUM, HNS3_OP_MPF_RAS, HNS3_OP_PF_RAS, "RAS");
	if (ret == 0 && ((hns3_reg_read(hw->bar, HNS3_OTHER_STS) & HNS3_OTHER_MSIX_ERR) ||
			(hns3_reg_read(hw->bar, HNS3_RAS_STS) & HNS3_RAS_STS_NIC)))
		ret = -EIO;
	if (ret != 0)
		HNS3_DEV_LOG(ERR, hw, "a hardware error cannot be cleared: events of the port are "
			"no longer reported");
	return ret;
}
