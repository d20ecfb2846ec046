/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Every command that the firmware knows, in one table sorted by opcode, and the way a
 * command takes through it.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "fw.h"

#define SET FW_SET
#define GET FW_GET
#define ANY (FW_SET | FW_GET)
#define RAW FW_RAW

static const struct fw_op ops[] = {
	{0x0001, 1, GET, "QUERY_FW_VER", NULL, fw_version},
	{0x0020, 1, SET, "CFG_RST_TRIGGER", fw_reset_trigger_check, fw_reset_trigger},
	{0x0021, 1, SET, "GBL_RST_STATUS", fw_vf_reset_check, NULL},
	{0x0022, 1, GET, "QUERY_FUNC_STATUS", NULL, fw_func_status},
	{0x0023, 1, GET, "QUERY_PF_RSRC", NULL, fw_pf_resources},
	{0x0025, 1, GET, "GET_CFG_PARAM", fw_cfg_param_check, fw_cfg_param},
	{0x0026, 1, SET, "PF_RST_DONE", fw_reset_done_check, NULL},
	{0x0027, 1, GET, "QUERY_VF_RST_RDY", NULL, fw_vf_ready},
	{0x0033, 1, GET, "QUERY_MAC_REG_NUM", NULL, fw_mac_reg_num},
	{0x0034, 0, GET | RAW, "STATS_MAC_ALL", fw_mac_stats_check, fw_mac_stats},
	{0x0040, 1, GET, "QUERY_REG_NUM", NULL, fw_reg_num},
	{0x0041, 0, GET | RAW, "QUERY_32_BIT_REG", fw_reg_dump_check, fw_reg_dump},
	{0x0042, 0, GET | RAW, "QUERY_64_BIT_REG", fw_reg_dump_check, fw_reg_dump},
	{0x0043, 4, GET, "DFX_BD_NUM", NULL, fw_dfx_bd_num},
	{0x0044, 0, GET, "DFX_BIOS_COMMON", fw_dfx_check, fw_dfx},
	{0x0045, 0, GET, "DFX_SSU_0", fw_dfx_check, fw_dfx},
	{0x0046, 0, GET, "DFX_SSU_1", fw_dfx_check, fw_dfx},
	{0x0047, 0, GET, "DFX_IGU_EGU", fw_dfx_check, fw_dfx},
	{0x0048, 1, GET, "DFX_RPU_0", NULL, fw_rpu_drop},
	{0x0049, 0, GET, "DFX_RPU_1", fw_dfx_check, fw_dfx},
	{0x004A, 0, GET, "DFX_NCSI", fw_dfx_check, fw_dfx},
	{0x004B, 0, GET, "DFX_RTC", fw_dfx_check, fw_dfx},
	{0x004C, 0, GET, "DFX_PPP", fw_dfx_check, fw_dfx},
	{0x004D, 0, GET, "DFX_RCB", fw_dfx_check, fw_dfx},
	{0x004E, 0, GET, "DFX_TQP", fw_dfx_check, fw_dfx},
	{0x004F, 0, GET, "DFX_SSU_2", fw_dfx_check, fw_dfx},
	{0x0050, 4, GET, "QUERY_DEV_SPECS", NULL, fw_dev_specs},
	{0x0065, 2, GET, "SSU_DROP_REG", fw_ssu_drop_check, fw_ssu_drop},
	{0x0301, 1, ANY, "CONFIG_MAC_MODE", fw_mac_mode_check, fw_mac_mode},
	{0x0304, 1, SET, "CONFIG_AN_MODE", fw_an_mode_check, NULL},
	{0x0307, 1, GET, "QUERY_LINK_STATUS", NULL, fw_link_status},
	{0x0308, 1, SET, "CONFIG_MAX_FRM_SIZE", fw_max_frame_check, fw_max_frame},
	{0x0309, 1, SET, "CONFIG_SPEED_DUP", fw_speed_check, fw_speed},
	{0x030E, 1, SET, "MAC_COMMON_INT_EN", NULL, NULL},
	{0x0310, 1, GET, "MAC_TUNNEL_STATUS", NULL, fw_mac_tunnel_status},
	{0x0311, 1, SET, "MAC_TUNNEL_INT_EN", fw_mac_tunnel_check, NULL},
	{0x0312, 1, SET, "MAC_TUNNEL_CLEAR", fw_mac_tunnel_check, NULL},
	{0x0315, 1, ANY, "COMMON_LOOPBACK", fw_loopback_check, fw_loopback},
	{0x031A, 1, ANY, "CONFIG_FEC_MODE", fw_fec_check, fw_fec},
	{0x0701, 1, SET, "CFG_MAC_PAUSE_EN", fw_pause_en_check, fw_pause_en},
	{0x0702, 1, SET, "CFG_PFC_PAUSE_EN", fw_pfc_en_check, NULL},
	{0x0703, 1, ANY, "CFG_MAC_PARA", fw_pause_param_check, fw_pause_param},
	{0x0709, 1, SET, "PRI_TO_TC_MAPPING", fw_prio_tc_check, fw_prio_tc},
	{0x0804, 1, SET, "TM_PG_TO_PRI", fw_pg_pri_check, NULL},
	{0x0805, 1, SET, "TM_QS_TO_PRI", fw_qs_pri_check, NULL},
	{0x0806, 1, SET, "TM_NQ_TO_QS", fw_nq_qs_check, NULL},
	{0x0809, 1, SET, "TM_PG_WEIGHT", fw_pg_weight_check, NULL},
	{0x080A, 1, SET, "TM_QS_WEIGHT", fw_qs_weight_check, NULL},
	{0x080B, 1, SET, "TM_PRI_WEIGHT", fw_pri_weight_check, NULL},
	{0x080C, 1, SET, "TM_PRI_C_SHAPING", fw_pri_shaper_check, NULL},
	{0x080D, 1, SET, "TM_PRI_P_SHAPING", fw_pri_shaper_check, NULL},
	{0x080E, 1, SET, "TM_PG_C_SHAPING", fw_pg_shaper_check, NULL},
	{0x080F, 1, SET, "TM_PG_P_SHAPING", fw_pg_shaper_check, NULL},
	{0x0810, 1, SET, "TM_PORT_SHAPING", fw_port_shaper_check, NULL},
	{0x0812, 1, SET, "TM_PG_SCH_MODE", fw_pg_mode_check, NULL},
	{0x0813, 1, SET, "TM_PRI_SCH_MODE", fw_pri_mode_check, NULL},
	{0x0814, 1, SET, "TM_QS_SCH_MODE", fw_qs_mode_check, NULL},
	{0x0815, 1, SET, "TM_BP_TO_QSET", fw_back_pressure_check, NULL},
	{0x0829, 1, SET, "TM_SCH_ECC_INT_EN", NULL, NULL},
	{0x0843, 1, SET, "ETS_TC_WEIGHT", fw_ets_weight_check, NULL},
	{0x0901, 1, SET, "TX_BUFF_ALLOC", fw_tx_buf_check, fw_tx_buf},
	{0x0902, 1, SET, "RX_PRIV_BUFF_ALLOC", fw_rx_priv_check, fw_rx_priv},
	{0x0903, 2, SET, "RX_PRIV_WL_ALLOC", fw_rx_wl_check, NULL},
	{0x0904, 2, SET, "RX_COM_THRD_ALLOC", fw_rx_wl_check, NULL},
	{0x0905, 1, SET, "RX_COM_WL_ALLOC", fw_rx_com_wl_check, NULL},
	{0x0989, 2, SET, "SSU_ECC_INT_EN", NULL, NULL},
	{0x098C, 2, SET, "SSU_COMMON_INT_EN", NULL, NULL},
	{0x0A01, 1, SET, "SET_TQP_MAP", fw_tqp_map_check, fw_tqp_map},
	{0x0B03, 1, GET, "QUERY_TX_STATS", fw_tqp_stats_check, fw_tqp_stats},
	{0x0B13, 1, GET, "QUERY_RX_STATS", fw_tqp_stats_check, fw_tqp_stats},
	{0x0B20, 1, SET, "CFG_COM_TQP_QUEUE", fw_tqp_enable_check, fw_tqp_enable},
	{0x0B22, 1, ANY, "RESET_TQP_QUEUE", fw_tqp_reset_check, fw_tqp_reset},
	{0x0B40, 2, SET, "PPU_MPF_ECC_INT_EN", NULL, NULL},
	{0x0B41, 1, SET, "PPU_MPF_OTHER_INT_EN", NULL, NULL},
	{0x0B42, 1, SET, "PPU_PF_OTHER_INT_EN", NULL, NULL},
	{0x0C01, 1, SET, "TSO_GENERIC_CONFIG", fw_tso_check, fw_tso},
	{0x0C10, 1, SET, "GRO_GENERIC_CONFIG", fw_gro_check, fw_gro},
	{0x0D01, 1, ANY, "RSS_GENERIC_CONFIG", fw_rss_key_check, fw_rss_key},
	{0x0D02, 1, ANY, "RSS_INPUT_TUPLE", fw_rss_tuple_check, fw_rss_tuple},
	{0x0D07, 1, ANY, "RSS_INDIR_TABLE", fw_rss_table_check, fw_rss_table},
	{0x0D08, 1, ANY, "RSS_TC_MODE", fw_rss_tc_check, fw_rss_tc},
	{0x0E01, 1, SET, "CFG_PROMISC_MODE", fw_promisc_check, fw_promisc},
	{0x0F01, 1, ANY, "VLAN_PORT_TX_CFG", fw_vlan_offload_check, fw_vlan_tx_offload},
	{0x0F02, 1, ANY, "VLAN_PORT_RX_CFG", fw_vlan_offload_check, fw_vlan_rx_offload},
	{0x1000, 0, ANY, "MAC_VLAN_ADD", fw_mac_add_check, fw_mac_add},
	{0x1001, 0, SET, "MAC_VLAN_REMOVE", fw_mac_remove_check, fw_mac_remove},
	{0x1002, 1, SET, "MAC_VLAN_TYPE_ID", NULL, fw_vlan_rx_tpid},
	{0x1003, 1, SET, "MAC_VLAN_INSERT", NULL, fw_vlan_tx_tpid},
	{0x1004, 1, SET, "MAC_VLAN_ALLOCATE", fw_umv_check, fw_umv},
	{0x1010, 1, SET, "MAC_ETHTYPE_ADD", fw_mng_check, fw_mng_add},
	{0x1033, 1, ANY, "MAC_VLAN_SWITCH_PARAM", fw_switch_check, fw_switch},
	{0x1100, 1, ANY, "VLAN_FILTER_CTRL", fw_vlan_filter_check, fw_vlan_filter},
	{0x1101, 1, SET, "VLAN_FILTER_PF_CFG", fw_vlan_table_check, fw_vlan_table},
	{0x1102, 2, SET, "VLAN_FILTER_VF_CFG", fw_vlan_function_check, fw_vlan_function},
	{0x1200, 1, GET, "FD_MODE_CTRL", NULL, fw_fd_mode},
	{0x1201, 1, GET, "FD_GET_ALLOCATION", NULL, fw_fd_alloc},
	{0x1202, 1, SET, "FD_KEY_CONFIG", fw_fd_key_check, NULL},
	{0x1203, 3, SET, "FD_TCAM_OP", fw_fd_tcam_check, fw_fd_tcam},
	{0x1204, 1, SET, "FD_AD_OP", fw_fd_action_check, NULL},
	{0x1205, 1, GET, "FD_COUNTER_OP", fw_fd_counter_check, fw_fd_counter},
	{0x1207, 1, SET, "FD_USER_DEF", NULL, fw_fd_user},
	{0x1503, 1, SET, "ADD_RING_TO_VECTOR", fw_ring_vector_check, fw_ring_bind},
	{0x1504, 1, SET, "DEL_RING_TO_VECTOR", fw_ring_vector_check, fw_ring_unbind},
	{0x1505, 2, SET, "COMMON_ECC_INT_CFG", NULL, NULL},
	{0x1510, 1, GET, "QUERY_RAS_INT_BD_NUM", NULL, fw_err_bd_num},
	{0x1511, 0, ANY | RAW, "QUERY_CLEAR_MPF_RAS", fw_err_raw_check, fw_err_raw},
	{0x1512, 0, ANY | RAW, "QUERY_CLEAR_PF_RAS", fw_err_raw_check, fw_err_raw},
	{0x1513, 1, GET, "QUERY_MSIX_INT_BD_NUM", NULL, fw_err_bd_num},
	{0x1514, 0, ANY | RAW, "QUERY_CLEAR_MPF_MSIX", fw_err_raw_check, fw_err_raw},
	{0x1515, 0, ANY | RAW, "QUERY_CLEAR_PF_MSIX", fw_err_raw_check, fw_err_raw},
	{0x1516, 1, GET, "QUERY_ALL_ERR_BD_NUM", NULL, fw_all_err_num},
	{0x1517, 0, GET | RAW, "QUERY_ALL_ERR_INFO", NULL, fw_all_err_info},
	{0x1580, 1, SET, "ROCEE_RAS_INT_EN", NULL, NULL},
	{0x1803, 1, SET, "IGU_EGU_TNL_INT_EN", NULL, NULL},
	{0x1806, 1, SET, "IGU_COMMON_INT_EN", NULL, NULL},
	{0x1A14, 1, SET, "TM_QCN_MEM_INT_CFG", NULL, NULL},
	{0x2100, 2, SET, "PPP_CMD0_INT_CMD", NULL, NULL},
	{0x2101, 2, SET, "PPP_CMD1_INT_CMD", NULL, NULL},
	{0x2401, 1, SET, "NCSI_INT_EN", NULL, NULL},
	{0x700B, 1, SET, "CLEAR_HW_STATE", NULL, fw_clear_state},
	{0x701A, 1, SET, "FIRMWARE_COMPAT_CFG", NULL, fw_compat},
	{0x7025, 2, ANY, "PHY_PARAM_CFG", NULL, fw_no_phy},
	{0x7100, 6, GET, "GET_SFP_EEPROM", fw_sfp_eeprom_check, fw_sfp_eeprom},
	{0x7101, 1, GET, "GET_SFP_EXIST", NULL, fw_sfp_exist},
	{0x7104, 1, GET, "GET_SFP_INFO", fw_sfp_info_check, fw_sfp_info},
	{0xB000, 1, SET, "LED_STATUS_CFG", fw_led_check, NULL},
	{0xFFFE, 1, SET, "SOFTWARE_IMP_RESET", fw_imp_reset_check, fw_imp_reset},
};

const struct fw_op *
fw_table(unsigned int *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}

const struct fw_op *
fw_find(uint16_t opcode)
{
	unsigned int lo = 0, hi = sizeof(ops) / sizeof(ops[0]);

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (ops[mid].opcode == opcode)
			return &ops[mid];
		if (ops[mid].opcode < opcode)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

enum fw_ret
fw_bad(struct fw_cmd *c, const char *fmt, ...)
{
	char text[SIM_VIOL_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sim_violate(c->d, SIM_VIOL_CMD_PARAM, "0x%04x %s: %s", c->op->opcode, c->op->name, text);
	return FW_PARAM;
}

enum fw_ret
fw_execute(struct fw_cmd *c)
{
	const struct fw_op *op = c->op;
	enum fw_ret ret;

	if (op == NULL) {
		sim_violate(c->d, SIM_VIOL_CMD_UNKNOWN, "opcode 0x%04x", c->bd[0].opcode);
		return FW_NOT_SUPPORTED;
	}
	if ((c->bd[0].flag & BD_IN) == 0)
		return fw_bad(c, "flag 0x%04x without the bit of a request", c->bd[0].flag);
	if ((op->flags & (c->get ? FW_GET : FW_SET)) == 0)
		return fw_bad(c, "cannot be %s", c->get ? "queried" : "set");
	if (op->bds != 0 && op->bds != c->nb)
		return fw_bad(c, "%u BDs, must be %u", c->nb, op->bds);
	if (op->check != NULL) {
		ret = op->check(c);
		if (ret != FW_OK)
			return ret;
	}
	return op->run != NULL ? op->run(c) : FW_OK;
}

struct sim_fw *
fw_create(void)
{
	return calloc(1, sizeof(struct sim_fw));
}

void
fw_destroy(struct sim_fw *fw)
{
	free(fw);
}

void
fw_reset(struct sim_dev *d)
{
	struct sim_fw *fw = d->fw;

	/* A reset may begin in the middle of a command: bd[] is its working memory. */
	memset(fw, 0, offsetof(struct sim_fw, bd));
	fw->speed = FW_SPEED_25G;
	fw->pause_time = 0xFFFF;
	fw->pause_gap = 0x18;
	fw->tqp_stream = UINT64_MAX;
}
