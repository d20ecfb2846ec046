/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * Firmware of hns3-sim: the commands of the CSQ. sim_csq.c fetches them, fw_table.c knows
 * every one of them, each other fw_*.c carries out those of one capability.
 */

#ifndef FW_H
#define FW_H

#include <string.h>

#include "sim_dev.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "descriptors are little endian, and so must be the machine that runs the model"
#endif

#define FW_DATA          24   /* bytes of a BD that are the command's */
#define FW_MAX_BD        1024 /* of the queue, and so of a command */
#define FW_DEFAULT_FRAME 1518
#define FW_TPID          0x8100
#define FW_FD_ENTRIES    128
#define FW_FD_COUNTERS   16
#define FW_MNG_ENTRIES   16
#define FW_SPEED_25G     2    /* speed code */
#define FW_MAC_REGS      84   /* what 0x0033 answers: without the three holes */

/* Flags of a BD. */
#define BD_IN   (1u << 0)
#define BD_OUT  (1u << 1)
#define BD_NEXT (1u << 2)
#define BD_WR   (1u << 3) /* a query, despite its name in the documents */

/** Return codes of a command. */
enum fw_ret {
	FW_OK = 0,
	FW_NO_AUTH = 1,
	FW_NOT_SUPPORTED = 2,
	FW_PARAM = 6,
};

struct fw_bd {
	uint16_t opcode;
	uint16_t flag;
	uint16_t retval;
	uint16_t rsv;
	uint8_t data[FW_DATA];
};
_Static_assert(sizeof(struct fw_bd) == 32, "a descriptor is 32 bytes");

struct fw_cmd;

/* Directions and kinds of a command. */
#define FW_SET (1u << 0)
#define FW_GET (1u << 1)
#define FW_RAW (1u << 2) /* only the first BD has a header */

/** What the firmware knows of an opcode. */
struct fw_op {
	uint16_t opcode;
	uint8_t bds;     /**< of a command; 0: the handler checks it */
	uint8_t flags;
	const char *name;
	/** Are the parameters in range? Says so with fw_bad() if not. NULL: none to check. */
	enum fw_ret (*check)(struct fw_cmd *c);
	/** Carry it out, answer in place. NULL: the setting has no effect that can be seen. */
	enum fw_ret (*run)(struct fw_cmd *c);
};

/** A command on its way. */
struct fw_cmd {
	struct sim_dev *d;
	const struct fw_op *op;
	bool get;        /**< a query */
	unsigned int nb; /**< BDs */
	struct fw_bd *bd;
};

struct fw_mng_entry {
	bool used;
	uint8_t flags;
	uint16_t vlan;
	uint8_t mac[6];
	uint16_t ethertype;
};

/** What only the firmware needs to remember. */
struct sim_fw {
	uint32_t compat;        /**< 0x701A */
	uint8_t speed;          /**< speed code of 0x0309 */
	uint8_t fec;            /**< byte 0 of 0x031A */
	bool link_told;         /**< last link state pushed to the driver */
	uint8_t pause_mac[6];
	uint8_t pause_gap;
	uint16_t pause_time;
	uint8_t switch_param;   /**< 0x1033 */
	uint64_t vlan_function[64]; /**< 0x1102 */
	uint8_t vlan_fe[2];     /**< 0x1100: enables of the function and of the port */
	uint16_t tx_buf[8];     /**< packet buffer, units of 128 bytes */
	uint16_t rx_priv[8];
	uint16_t rx_shared;
	uint64_t tqp_stream;    /**< 0x0B20, a bit per TQP */
	uint64_t tqp_in_reset;  /**< 0x0B22 */
	struct fw_mng_entry mng[FW_MNG_ENTRIES];
	struct fw_bd bd[FW_MAX_BD]; /**< the command that is being carried out */
};

/* --- framework ----------------------------------------------------------------------- */

struct sim_fw *fw_create(void);
void fw_destroy(struct sim_fw *fw);
/** Settings back to those of a firmware that has just started. */
void fw_reset(struct sim_dev *d);

/** NULL: not an opcode of this firmware. */
const struct fw_op *fw_find(uint16_t opcode);
/** For the tests: the table, sorted by opcode. */
const struct fw_op *fw_table(unsigned int *n);
/** Check and carry out. The answer is in the BDs, the return code is the result. */
enum fw_ret fw_execute(struct fw_cmd *c);

/** A parameter is wrong: a violation, and FW_PARAM to return. */
enum fw_ret fw_bad(struct fw_cmd *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline uint8_t
fw_u8(const struct fw_cmd *c, unsigned int bd, unsigned int off)
{
	return c->bd[bd].data[off];
}

static inline uint16_t
fw_u16(const struct fw_cmd *c, unsigned int bd, unsigned int off)
{
	uint16_t v;

	memcpy(&v, &c->bd[bd].data[off], sizeof(v));
	return v;
}

static inline uint32_t
fw_u32(const struct fw_cmd *c, unsigned int bd, unsigned int off)
{
	uint32_t v;

	memcpy(&v, &c->bd[bd].data[off], sizeof(v));
	return v;
}

static inline uint64_t
fw_u64(const struct fw_cmd *c, unsigned int bd, unsigned int off)
{
	uint64_t v;

	memcpy(&v, &c->bd[bd].data[off], sizeof(v));
	return v;
}

static inline void
fw_put8(struct fw_cmd *c, unsigned int bd, unsigned int off, uint8_t v)
{
	c->bd[bd].data[off] = v;
}

static inline void
fw_put16(struct fw_cmd *c, unsigned int bd, unsigned int off, uint16_t v)
{
	memcpy(&c->bd[bd].data[off], &v, sizeof(v));
}

static inline void
fw_put32(struct fw_cmd *c, unsigned int bd, unsigned int off, uint32_t v)
{
	memcpy(&c->bd[bd].data[off], &v, sizeof(v));
}

static inline void
fw_put64(struct fw_cmd *c, unsigned int bd, unsigned int off, uint64_t v)
{
	memcpy(&c->bd[bd].data[off], &v, sizeof(v));
}

/** All data of a command that is not raw: zero. */
static inline void
fw_zero(struct fw_cmd *c)
{
	for (unsigned int i = 0; i < c->nb; i++)
		memset(c->bd[i].data, 0, FW_DATA);
}

/** The answer of a raw command: one stream from byte 8 of its first BD on. */
static inline uint8_t *
fw_stream(struct fw_cmd *c, size_t *room)
{
	*room = c->nb * sizeof(struct fw_bd) - 8;
	return c->bd[0].data;
}

/* --- handlers, by file ---------------------------------------------------------------- */

#define FW_HANDLER(name) enum fw_ret name(struct fw_cmd *c)

/* fw_init.c */
FW_HANDLER(fw_version);
FW_HANDLER(fw_func_status);
FW_HANDLER(fw_pf_resources);
FW_HANDLER(fw_cfg_param_check);
FW_HANDLER(fw_cfg_param);
FW_HANDLER(fw_dev_specs);
FW_HANDLER(fw_compat);
FW_HANDLER(fw_clear_state);
FW_HANDLER(fw_reset_done_check);
FW_HANDLER(fw_imp_reset_check);
FW_HANDLER(fw_imp_reset);

/* fw_mac.c: the MAC itself */
FW_HANDLER(fw_mac_mode_check);
FW_HANDLER(fw_mac_mode);
FW_HANDLER(fw_an_mode_check);
FW_HANDLER(fw_link_status);
FW_HANDLER(fw_max_frame_check);
FW_HANDLER(fw_max_frame);
FW_HANDLER(fw_speed_check);
FW_HANDLER(fw_speed);
FW_HANDLER(fw_fec_check);
FW_HANDLER(fw_fec);
FW_HANDLER(fw_sfp_info_check);
FW_HANDLER(fw_sfp_info);
FW_HANDLER(fw_sfp_exist);
FW_HANDLER(fw_sfp_eeprom_check);
FW_HANDLER(fw_sfp_eeprom);
FW_HANDLER(fw_no_phy);
/** Link up as the driver sees it: a carrier, and the MAC enabled. */
bool fw_link_up(const struct sim_dev *d);
/** Push a link change to the driver, if it asked for that. */
void fw_link_notify(struct sim_dev *d);

/* fw_filter.c: who may come in */
FW_HANDLER(fw_mac_add_check);
FW_HANDLER(fw_mac_add);
FW_HANDLER(fw_mac_remove_check);
FW_HANDLER(fw_mac_remove);
FW_HANDLER(fw_umv_check);
FW_HANDLER(fw_umv);
FW_HANDLER(fw_mng_check);
FW_HANDLER(fw_mng_add);
FW_HANDLER(fw_promisc_check);
FW_HANDLER(fw_promisc);

/* fw_vlan.c */
FW_HANDLER(fw_vlan_filter_check);
FW_HANDLER(fw_vlan_filter);
FW_HANDLER(fw_vlan_table_check);
FW_HANDLER(fw_vlan_table);
FW_HANDLER(fw_vlan_rx_tpid);
FW_HANDLER(fw_vlan_tx_tpid);
FW_HANDLER(fw_vlan_offload_check);
FW_HANDLER(fw_vlan_tx_offload);
FW_HANDLER(fw_vlan_rx_offload);

/* fw_rss.c */
FW_HANDLER(fw_rss_key_check);
FW_HANDLER(fw_rss_key);
FW_HANDLER(fw_rss_tuple_check);
FW_HANDLER(fw_rss_tuple);
FW_HANDLER(fw_rss_table_check);
FW_HANDLER(fw_rss_table);
FW_HANDLER(fw_rss_tc_check);
FW_HANDLER(fw_rss_tc);
FW_HANDLER(fw_tso_check);
FW_HANDLER(fw_tso);
FW_HANDLER(fw_gro_check);
FW_HANDLER(fw_gro);

/* fw_queue.c */
FW_HANDLER(fw_tqp_map_check);
FW_HANDLER(fw_tqp_map);
FW_HANDLER(fw_tqp_enable_check);
FW_HANDLER(fw_tqp_enable);
FW_HANDLER(fw_tqp_reset_check);
FW_HANDLER(fw_tqp_reset);
FW_HANDLER(fw_reset_trigger_check);
FW_HANDLER(fw_reset_trigger);
FW_HANDLER(fw_ring_vector_check);
FW_HANDLER(fw_ring_bind);
FW_HANDLER(fw_ring_unbind);

/* fw_buf_tm.c */
FW_HANDLER(fw_tx_buf_check);
FW_HANDLER(fw_tx_buf);
FW_HANDLER(fw_rx_priv_check);
FW_HANDLER(fw_rx_priv);
FW_HANDLER(fw_rx_wl_check);
FW_HANDLER(fw_rx_com_wl_check);
FW_HANDLER(fw_prio_tc_check);
FW_HANDLER(fw_prio_tc);
FW_HANDLER(fw_pg_pri_check);
FW_HANDLER(fw_qs_pri_check);
FW_HANDLER(fw_nq_qs_check);
FW_HANDLER(fw_pg_weight_check);
FW_HANDLER(fw_qs_weight_check);
FW_HANDLER(fw_pri_weight_check);
FW_HANDLER(fw_pri_shaper_check);
FW_HANDLER(fw_pg_shaper_check);
FW_HANDLER(fw_port_shaper_check);
FW_HANDLER(fw_pg_mode_check);
FW_HANDLER(fw_pri_mode_check);
FW_HANDLER(fw_qs_mode_check);
FW_HANDLER(fw_back_pressure_check);
FW_HANDLER(fw_ets_weight_check);
FW_HANDLER(fw_pause_en_check);
FW_HANDLER(fw_pause_en);
FW_HANDLER(fw_pfc_en_check);
FW_HANDLER(fw_pause_param_check);
FW_HANDLER(fw_pause_param);

/* fw_stats.c */
FW_HANDLER(fw_mac_reg_num);
FW_HANDLER(fw_mac_stats_check);
FW_HANDLER(fw_mac_stats);
FW_HANDLER(fw_rpu_drop);
FW_HANDLER(fw_ssu_drop_check);
FW_HANDLER(fw_ssu_drop);

/* fw_err.c */
FW_HANDLER(fw_err_bd_num);
FW_HANDLER(fw_err_raw_check);
FW_HANDLER(fw_err_raw);
FW_HANDLER(fw_all_err_num);
FW_HANDLER(fw_all_err_info);
FW_HANDLER(fw_mac_tunnel_status);
FW_HANDLER(fw_mac_tunnel_check);

/* fw_fd.c */
FW_HANDLER(fw_fd_mode);
FW_HANDLER(fw_fd_alloc);
FW_HANDLER(fw_fd_key_check);
FW_HANDLER(fw_fd_tcam_check);
FW_HANDLER(fw_fd_tcam);
FW_HANDLER(fw_fd_action_check);
FW_HANDLER(fw_fd_counter_check);
FW_HANDLER(fw_fd_counter);

/* fw_dfx.c */
FW_HANDLER(fw_reg_num);
FW_HANDLER(fw_reg_dump_check);
FW_HANDLER(fw_reg_dump);
FW_HANDLER(fw_dfx_bd_num);
FW_HANDLER(fw_dfx_check);
FW_HANDLER(fw_dfx);

/* fw_kernel.c */
FW_HANDLER(fw_loopback_check);
FW_HANDLER(fw_loopback);
FW_HANDLER(fw_vf_reset_check);
FW_HANDLER(fw_vf_ready);
FW_HANDLER(fw_vlan_function_check);
FW_HANDLER(fw_vlan_function);
FW_HANDLER(fw_tqp_stats_check);
FW_HANDLER(fw_tqp_stats);
FW_HANDLER(fw_switch_check);
FW_HANDLER(fw_switch);
FW_HANDLER(fw_led_check);
FW_HANDLER(fw_fd_user);

#endif /* FW_H */
