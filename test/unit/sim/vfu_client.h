/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * A fake client of vfio-user, at a socket pair, with a file that is its memory.
 */

#ifndef VFU_CLIENT_H
#define VFU_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim_reg.h"
#include "vfu.h"

#define PG     4096ull
#define IOVA   0x7f0000100000ull /* as programs in IOVA=VA mode use */
#define GUEST  0x40000000ull     /* where a guest has its RAM */
#define FILE_SIZE (16 * PG)
#define HEAD   sizeof(struct vfu_header)

#define RD 1u
#define WR 2u

struct fixture {
	struct sim_state *st;
	struct vfu *v;
	int fd;       /* the client's end */
	int ram;      /* a file that is the guest's memory */
	uint8_t *mem; /* the client's view of it */
	uint16_t id;
	uint8_t in[VFU_MAX_MSG];
	size_t body;  /* bytes of the last reply behind its header */
};

struct access {
	uint64_t off;
	uint32_t region, count;
	uint8_t data[64];
};

void vc_send_raw(struct fixture *f, const void *msg, size_t len, const int *fds,
		unsigned int nb);
void vc_send_message(struct fixture *f, uint16_t cmd, uint32_t flags, const void *body,
		size_t len, const int *fds, unsigned int nb);
int vc_get_reply(struct fixture *f);
int vc_ask_fds(struct fixture *f, uint16_t cmd, const void *body, size_t len,
		const int *fds, unsigned int nb);
int vc_ask(struct fixture *f, uint16_t cmd, const void *body, size_t len);
uint32_t vc_word(const struct fixture *f, size_t off);
int vc_map_fd(struct fixture *f, int fd, uint64_t iova, uint64_t size, uint64_t offset,
		uint32_t flags);
int vc_map(struct fixture *f, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags);
int vc_unmap_flags(struct fixture *f, uint64_t iova, uint64_t size, uint32_t flags);
int vc_unmap(struct fixture *f, uint64_t iova, uint64_t size);
int vc_reg_write(struct fixture *f, uint32_t region, uint64_t off, uint32_t val,
		uint32_t width);
uint32_t vc_reg_read(struct fixture *f, uint32_t region, uint64_t off, uint32_t width);
void vc_greet(struct fixture *f);
uint64_t vc_faults(const struct fixture *f);
int vc_setup(void **state);
int vc_setup_greeted(void **state);
int vc_teardown(void **state);
bool vc_command(struct fixture *f, uint64_t iova);
void vc_put_command(struct fixture *f, unsigned int page);
bool vc_answered(const struct fixture *f, unsigned int page);

#define GREETED(t) cmocka_unit_test_setup_teardown(t, vc_setup_greeted, vc_teardown)

#endif /* VFU_CLIENT_H */
