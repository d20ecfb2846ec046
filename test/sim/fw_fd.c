/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Firmware: flow director. The data path does not match frames against it, so the table can
 * be cleared, as a driver does when it starts, but an entry cannot be made valid: that is
 * answered "not supported". The table is small because drivers clear it entry by entry.
 */

#include "fw.h"

#define MODE_400_BIT 0
#define KEY_BY_TUPLE 1
#define WORDS_LOW    3

enum fw_ret
fw_fd_mode(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put8(c, 0, 0, MODE_400_BIT);
	fw_put8(c, 0, 1, 1);
	return FW_OK;
}

enum fw_ret
fw_fd_alloc(struct fw_cmd *c)
{
	fw_zero(c);
	fw_put32(c, 0, 0, FW_FD_ENTRIES);
	fw_put16(c, 0, 8, FW_FD_COUNTERS);
	return FW_OK;
}

enum fw_ret
fw_fd_key_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 0) != 0 || fw_u8(c, 0, 1) != KEY_BY_TUPLE)
		return fw_bad(c, "stage %u, key select %u", fw_u8(c, 0, 0), fw_u8(c, 0, 1));
	if (fw_u8(c, 0, 2) != WORDS_LOW || fw_u8(c, 0, 3) != WORDS_LOW)
		return fw_bad(c, "IPv6 words 0x%x, 0x%x", fw_u8(c, 0, 2), fw_u8(c, 0, 3));
	return FW_OK;
}

enum fw_ret
fw_fd_tcam_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 0) != 0 || fw_u8(c, 0, 1) > 1)
		return fw_bad(c, "stage %u, part %u", fw_u8(c, 0, 0), fw_u8(c, 0, 1));
	if (fw_u32(c, 0, 4) >= FW_FD_ENTRIES)
		return fw_bad(c, "entry %u of %u", fw_u32(c, 0, 4), FW_FD_ENTRIES);
	return FW_OK;
}

enum fw_ret
fw_fd_tcam(struct fw_cmd *c)
{
	return fw_u8(c, 0, 8) == 0 ? FW_OK : FW_NOT_SUPPORTED;
}

enum fw_ret
fw_fd_action_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 0) != 0 || fw_u32(c, 0, 4) >= FW_FD_ENTRIES)
		return fw_bad(c, "stage %u, entry %u", fw_u8(c, 0, 0), fw_u32(c, 0, 4));
	return FW_OK;
}

enum fw_ret
fw_fd_counter_check(struct fw_cmd *c)
{
	if (fw_u8(c, 0, 0) != 0 || fw_u16(c, 0, 4) >= FW_FD_COUNTERS)
		return fw_bad(c, "stage %u, counter %u", fw_u8(c, 0, 0), fw_u16(c, 0, 4));
	return FW_OK;
}

enum fw_ret
fw_fd_counter(struct fw_cmd *c)
{
	fw_put64(c, 0, 8, 0); /* no valid entry, no hits */
	return FW_OK;
}
