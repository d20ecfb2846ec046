/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfu_client.h"

/* --- the client ---------------------------------------------------------------- */

void
vc_send_raw(struct fixture *f, const void *msg, size_t len, const int *fds, unsigned int nb)
{
	char ctl[CMSG_SPACE(32 * sizeof(int))] = { 0 };
	struct iovec io = { .iov_base = (void *)(uintptr_t)msg, .iov_len = len };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };

	if (nb != 0) {
		struct cmsghdr *c;

		m.msg_control = ctl;
		m.msg_controllen = CMSG_SPACE(nb * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nb * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nb * sizeof(int));
	}
	assert_int_equal(sendmsg(f->fd, &m, MSG_NOSIGNAL), len);
}

void
vc_send_message(struct fixture *f, uint16_t cmd, uint32_t flags, const void *body, size_t len,
		const int *fds, unsigned int nb)
{
	uint8_t msg[VFU_MAX_MSG];
	struct vfu_header h = { .id = ++f->id, .command = cmd, .size = (uint32_t)(HEAD + len),
		.flags = flags };

	memcpy(msg, &h, HEAD);
	if (len != 0)
		memcpy(msg + HEAD, body, len);
	vc_send_raw(f, msg, HEAD + len, fds, nb);
}

/* The error of the reply, 0 for none, -1 if there is no reply. */
int
vc_get_reply(struct fixture *f)
{
	struct vfu_header h;

	if (recv(f->fd, &h, HEAD, MSG_DONTWAIT) != (ssize_t)HEAD)
		return -1;
	assert_int_equal(h.id, f->id);
	assert_int_equal(h.flags & VFU_TYPE_MASK, VFU_REPLY);
	assert_in_range(h.size, HEAD, VFU_MAX_MSG);
	f->body = h.size - HEAD;
	if (f->body != 0)
		assert_int_equal(recv(f->fd, f->in, f->body, MSG_DONTWAIT), f->body);
	if ((h.flags & VFU_ERROR) == 0)
		return 0;
	assert_int_not_equal(h.error, 0);
	return (int)h.error;
}

int
vc_ask_fds(struct fixture *f, uint16_t cmd, const void *body, size_t len, const int *fds,
		unsigned int nb)
{
	vc_send_message(f, cmd, 0, body, len, fds, nb);
	assert_true(vfu_input(f->v));
	return vc_get_reply(f);
}

int
vc_ask(struct fixture *f, uint16_t cmd, const void *body, size_t len)
{
	return vc_ask_fds(f, cmd, body, len, NULL, 0);
}

uint32_t
vc_word(const struct fixture *f, size_t off)
{
	uint32_t w;

	assert_true(off + 4 <= f->body);
	memcpy(&w, f->in + off, 4);
	return w;
}

int
vc_map_fd(struct fixture *f, int fd, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags)
{
	struct {
		uint32_t argsz, flags;
		uint64_t offset, iova, size;
	} m = { sizeof(m), flags, offset, iova, size };

	return vc_ask_fds(f, VFU_DMA_MAP, &m, sizeof(m), &fd, fd >= 0);
}

int
vc_map(struct fixture *f, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags)
{
	return vc_map_fd(f, f->ram, iova, size, offset, flags);
}

int
vc_unmap_flags(struct fixture *f, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct {
		uint32_t argsz, flags;
		uint64_t iova, size;
	} m = { sizeof(m), flags, iova, size };

	return vc_ask(f, VFU_DMA_UNMAP, &m, sizeof(m));
}

int
vc_unmap(struct fixture *f, uint64_t iova, uint64_t size)
{
	return vc_unmap_flags(f, iova, size, 0);
}

int
vc_reg_write(struct fixture *f, uint32_t region, uint64_t off, uint32_t val, uint32_t width)
{
	struct access a = { .off = off, .region = region, .count = width };

	memcpy(a.data, &val, width < 4 ? width : 4);
	return vc_ask(f, VFU_REGION_WRITE, &a, 16 + width);
}

uint32_t
vc_reg_read(struct fixture *f, uint32_t region, uint64_t off, uint32_t width)
{
	struct access a = { .off = off, .region = region, .count = width };
	uint32_t val = 0;

	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), 0);
	assert_int_equal(f->body, 16 + width);
	memcpy(&val, f->in + 16, width < 4 ? width : 4);
	return val;
}

void
vc_greet(struct fixture *f)
{
	static const char version[] = "\0\0\1\0{\"capabilities\":{\"max_msg_fds\":8}}";

	assert_int_equal(vc_ask(f, VFU_VERSION, version, sizeof(version)), 0);
}

uint64_t
vc_faults(const struct fixture *f)
{
	return f->st->iommu.faults;
}

/* --- set up --------------------------------------------------------------------- */

int
vc_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];

	f->st = calloc(1, sizeof(*f->st));
	f->v = calloc(1, sizeof(*f->v));
	f->st->conf.nb_ports = 1;
	f->st->conf.mode = SIM_MODE_EXACT;
	f->st->conf.port[0].dev = (struct sim_dev_cfg){ .device_id = 0xa222, .revision = 0x21,
		.tqps = 4, .mode = SIM_MODE_EXACT };
	f->st->conf.port[0].wire.kind = SIM_WIRE_LOOP;
	memset(&sim_model, 0, sizeof(sim_model));
	sim_model.log_fd = -1;
	sim_model.state = f->st;
	sim_model.nb_ports = 1;
	sim_model.mode = SIM_MODE_EXACT;
	sim_model_init_port(0);
	f->v->port = &sim_model.port[0];
	f->v->fd = -1;
	assert_true(sim_model_make_wires());
	vfu_dma_guard(f->v, 1);
	f->ram = memfd_create("ram", MFD_CLOEXEC);
	assert_int_equal(ftruncate(f->ram, FILE_SIZE), 0);
	f->mem = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, f->ram, 0);
	assert_ptr_not_equal(f->mem, MAP_FAILED);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->fd = pair[0];
	assert_true(vfu_attach(f->v, pair[1]));
	*state = f;
	return 0;
}

int
vc_setup_greeted(void **state)
{
	vc_setup(state);
	vc_greet(*state);
	return 0;
}

int
vc_teardown(void **state)
{
	struct fixture *f = *state;

	vfu_detach(f->v);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
	sim_iommu_fini(&f->v->space.iommu);
	sim_wire_fini(&sim_model.port[0].wire);
	sim_dev_destroy(sim_model.port[0].dev);
	free(sim_model.port[0].bar0);
	free((void *)(uintptr_t)sim_model.port[0].bar2);
	munmap(f->mem, FILE_SIZE);
	close(f->ram);
	close(f->fd);
	free(f->v);
	free(f->st);
	free(f);
	return 0;
}

/* --- a command of the firmware: two DMA of the device, one each way -------------------------- */

/* Runs "query version" from a queue at @iova; true if it was answered. */
bool
vc_command(struct fixture *f, uint64_t iova)
{
	assert_int_equal(vc_reg_write(f, 7, 4, 0x6, 2), 0); /* memory, bus master */
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_BASE_L, (uint32_t)iova, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_BASE_H, (uint32_t)(iova >> 32), 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_DEPTH, 4, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_HEAD, 0, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_TAIL, 0, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_TAIL, 1, 4), 0);
	return vc_reg_read(f, 2, REG_CSQ_HEAD, 4) == 1;
}

/* A descriptor in page @page of the guest's memory. */
void
vc_put_command(struct fixture *f, unsigned int page)
{
	static const uint16_t bd[16] = { 0x0001, 0x0019 };

	memcpy(f->mem + page * PG, bd, sizeof(bd));
}

bool
vc_answered(const struct fixture *f, unsigned int page)
{
	return (f->mem[page * PG + 2] & 2) != 0;
}
