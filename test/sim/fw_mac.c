/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: the MAC and what is plugged into it. A 25G fibre port with an SFP28 module. */

#include "fw.h"

#define MAC_MODE_BITS  0x007FF8C0u /* bits 6, 7 and 11 to 22 */
#define MAC_MODE_TX_EN (1u << 6)
#define MAC_MODE_RX_EN (1u << 7)
#define MIN_FRAME      64
#define COMPAT_LINK    (1u << 0)   /* of 0x701A: link changes may be pushed */
#define OPCODE_PF_MBX  0x2001
#define MBX_LINK       201
#define FEC_AUTO       0x01
#define FEC_ABILITY    0x17        /* auto, base-R, RS, none */
#define FEC_RS         2
#define SPEED_MAP      0x06        /* 10 and 25 Gbit/s */
#define MODULE_SR      2
#define EEPROM_BYTES   512         /* page A0, then A2 */
#define EEPROM_MAX     140         /* one command's worth */

bool
fw_link_up(const struct sim_dev *d)
{
	return d->link && (d->t.mac_mode & (MAC_MODE_TX_EN | MAC_MODE_RX_EN)) ==
			(MAC_MODE_TX_EN | MAC_MODE_RX_EN);
}

void
fw_link_notify(struct sim_dev *d)
{
	uint8_t msg[FW_DATA] = {0};
	bool up = fw_link_up(d);

	if ((d->fw->compat & COMPAT_LINK) == 0 || up == d->fw->link_told)
		return;
	msg[8] = MBX_LINK;
	msg[9] = up;
	if (sim_crq_post(d, OPCODE_PF_MBX, msg))
		d->fw->link_told = up;
}

enum fw_ret
fw_mac_mode_check(struct fw_cmd *c)
{
	uint32_t mode = fw_u32(c, 0, 0);

	if (!c->get && (mode & ~MAC_MODE_BITS) != 0)
		return fw_bad(c, "mode 0x%08x has unknown bits", mode);
	return FW_OK;
}

enum fw_ret
fw_mac_mode(struct fw_cmd *c)
{
	struct sim_dev *d = c->d;

	if (c->get) {
		fw_put32(c, 0, 0, d->t.mac_mode);
		return FW_OK;
	}
	d->t.mac_mode = fw_u32(c, 0, 0);
	d->stats->link_up = (d->t.mac_mode & (MAC_MODE_TX_EN | MAC_MODE_RX_EN)) != 0;
	fw_link_notify(d);
	return FW_OK;
}

enum fw_ret
fw_an_mode_check(struct fw_cmd *c)
{
	if ((fw_u32(c, 0, 0) & ~0x1Fu) != 0)
		return fw_bad(c, "word 0x%08x has unknown bits", fw_u32(c, 0, 0));
	/* No autonegotiation on fibre: it can only be switched off. */
	return (fw_u32(c, 0, 0) & 1) != 0 ? FW_NOT_SUPPORTED : FW_OK;
}

enum fw_ret
fw_link_status(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put8(c, 0, 0, fw_link_up(c->d));
	return FW_OK;
}

enum fw_ret
fw_max_frame_check(struct fw_cmd *c)
{
	unsigned int max = fw_u16(c, 0, 0);

	if (max < MIN_FRAME || max > SIM_MAX_FRAME || fw_u8(c, 0, 2) != MIN_FRAME)
		return fw_bad(c, "frames of %u to %u bytes", fw_u8(c, 0, 2), max);
	return FW_OK;
}

enum fw_ret
fw_max_frame(struct fw_cmd *c)
{
	c->d->t.max_frame = fw_u16(c, 0, 0);
	return FW_OK;
}

static uint32_t
speed_mbps(unsigned int code)
{
	static const uint32_t mbps[] = {1000, 10000, 25000, 40000, 50000, 100000, 10, 100, 200000};

	return code < sizeof(mbps) / sizeof(mbps[0]) ? mbps[code] : 0;
}

enum fw_ret
fw_speed_check(struct fw_cmd *c)
{
	unsigned int code = fw_u8(c, 0, 0) & 0x3F;

	if ((fw_u8(c, 0, 1) & 1) == 0)
		return fw_bad(c, "the change bit is not set");
	if (speed_mbps(code) == 0)
		return fw_bad(c, "speed code %u", code);
	if ((fw_u8(c, 0, 0) & 0x80) == 0)
		return fw_bad(c, "half duplex");
	/* Legal, but not on this port. */
	return code <= FW_SPEED_25G ? FW_OK : FW_NOT_SUPPORTED;
}

enum fw_ret
fw_speed(struct fw_cmd *c)
{
	c->d->fw->speed = fw_u8(c, 0, 0) & 0x3F;
	return FW_OK;
}

enum fw_ret
fw_fec_check(struct fw_cmd *c)
{
	unsigned int mode = fw_u8(c, 0, 0) >> 1 & 7;

	if (c->get)
		return FW_OK;
	if ((fw_u8(c, 0, 0) & 0xF0) != 0 || mode > 3)
		return fw_bad(c, "byte 0 is 0x%02x", fw_u8(c, 0, 0));
	return mode <= FEC_RS ? FW_OK : FW_NOT_SUPPORTED;
}

enum fw_ret
fw_fec(struct fw_cmd *c)
{
	if (!c->get) {
		c->d->fw->fec = fw_u8(c, 0, 0);
		return FW_OK;
	}
	fw_zero(c);
	fw_put8(c, 0, 0, c->d->fw->fec);
	return FW_OK;
}

enum fw_ret
fw_sfp_info_check(struct fw_cmd *c)
{
	return fw_u8(c, 0, 4) <= 1 ? FW_OK : fw_bad(c, "query type %u", fw_u8(c, 0, 4));
}

enum fw_ret
fw_sfp_info(struct fw_cmd *c)
{
	const struct sim_fw *fw = c->d->fw;
	uint8_t type = fw_u8(c, 0, 4);

	fw_zero(c);
	fw_put32(c, 0, 0, type == 1 ? speed_mbps(fw->speed) : speed_mbps(FW_SPEED_25G));
	fw_put8(c, 0, 4, type);
	/* The partner takes RS, so that is what "auto" becomes. */
	fw_put8(c, 0, 5, (fw->fec & FEC_AUTO) != 0 ? FEC_RS : fw->fec >> 1 & 7);
	fw_put32(c, 0, 8, SPEED_MAP);
	fw_put32(c, 0, 12, MODULE_SR);
	fw_put8(c, 0, 16, FEC_ABILITY);
	fw_put8(c, 0, 17, 1);
	return FW_OK;
}

enum fw_ret
fw_sfp_exist(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 0, 1);
	return FW_OK;
}

enum fw_ret
fw_sfp_eeprom_check(struct fw_cmd *c)
{
	unsigned int off = fw_u16(c, 0, 0);
	unsigned int len = fw_u16(c, 0, 2);

	if (len == 0 || len > EEPROM_MAX || off + len > EEPROM_BYTES)
		return fw_bad(c, "%u bytes at %u", len, off);
	return FW_OK;
}

/* Contents of the module's memory, as SFF-8472 lays it out. */
static uint8_t
eeprom_byte(unsigned int off)
{
	static const char vendor[] = "HNS3-SIM        ";
	static const char part[] = "SFP28-SR        ";

	switch (off) {
	case 0:
		return 0x03; /* SFP */
	case 1:
		return 0x04;
	case 2:
		return 0x07; /* LC */
	case 12:
		return 0xFF; /* over 25.4 Gbit/s: see byte 66 */
	case 66:
		return 103;  /* units of 250 MBd */
	case 36:
		return 0x02; /* 25GBASE-SR */
	case 92:
		return 0x68; /* digital diagnostics, internally calibrated */
	case 94:
		return 0x08;
	default:
		break;
	}
	if (off >= 20 && off < 36)
		return (uint8_t)vendor[off - 20];
	if (off >= 40 && off < 56)
		return (uint8_t)part[off - 40];
	return 0;
}

enum fw_ret
fw_sfp_eeprom(struct fw_cmd *c)
{
	unsigned int off = fw_u16(c, 0, 0);
	unsigned int len = fw_u16(c, 0, 2);
	unsigned int bd = 0, at = 4;

	for (unsigned int i = 0; i < len; i++) {
		fw_put8(c, bd, at, eeprom_byte(off + i));
		if (++at == FW_DATA) {
			bd++;
			at = 0;
		}
	}
	return FW_OK;
}

enum fw_ret
fw_no_phy(struct fw_cmd *c)
{
	(void)c;
	return FW_NOT_SUPPORTED; /* a fibre port */
}
