/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * A fake client of vfio-user: what a virtual machine says, what a hostile one may say, and
 * the device's DMA where nothing is mapped, which must be refused, counted and reported.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* --- the client ---------------------------------------------------------------------------- */

static void
send_raw(struct fixture *f, const void *msg, size_t len, const int *fds, unsigned int nb)
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

static void
send_message(struct fixture *f, uint16_t cmd, uint32_t flags, const void *body, size_t len,
		const int *fds, unsigned int nb)
{
	uint8_t msg[VFU_MAX_MSG];
	struct vfu_header h = { .id = ++f->id, .command = cmd, .size = (uint32_t)(HEAD + len),
		.flags = flags };

	memcpy(msg, &h, HEAD);
	if (len != 0)
		memcpy(msg + HEAD, body, len);
	send_raw(f, msg, HEAD + len, fds, nb);
}

/* The error of the reply, 0 for none, -1 if there is no reply. */
static int
get_reply(struct fixture *f)
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

static int
ask_fds(struct fixture *f, uint16_t cmd, const void *body, size_t len, const int *fds,
		unsigned int nb)
{
	send_message(f, cmd, 0, body, len, fds, nb);
	assert_true(vfu_input(f->v));
	return get_reply(f);
}

static int
ask(struct fixture *f, uint16_t cmd, const void *body, size_t len)
{
	return ask_fds(f, cmd, body, len, NULL, 0);
}

static uint32_t
word(const struct fixture *f, size_t off)
{
	uint32_t w;

	assert_true(off + 4 <= f->body);
	memcpy(&w, f->in + off, 4);
	return w;
}

static int
map_fd(struct fixture *f, int fd, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags)
{
	struct {
		uint32_t argsz, flags;
		uint64_t offset, iova, size;
	} m = { sizeof(m), flags, offset, iova, size };

	return ask_fds(f, VFU_DMA_MAP, &m, sizeof(m), &fd, fd >= 0);
}

static int
map(struct fixture *f, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags)
{
	return map_fd(f, f->ram, iova, size, offset, flags);
}

static int
unmap_flags(struct fixture *f, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct {
		uint32_t argsz, flags;
		uint64_t iova, size;
	} m = { sizeof(m), flags, iova, size };

	return ask(f, VFU_DMA_UNMAP, &m, sizeof(m));
}

static int
unmap(struct fixture *f, uint64_t iova, uint64_t size)
{
	return unmap_flags(f, iova, size, 0);
}

struct access {
	uint64_t off;
	uint32_t region, count;
	uint8_t data[64];
};

static int
reg_write(struct fixture *f, uint32_t region, uint64_t off, uint32_t val, uint32_t width)
{
	struct access a = { .off = off, .region = region, .count = width };

	memcpy(a.data, &val, width < 4 ? width : 4);
	return ask(f, VFU_REGION_WRITE, &a, 16 + width);
}

static uint32_t
reg_read(struct fixture *f, uint32_t region, uint64_t off, uint32_t width)
{
	struct access a = { .off = off, .region = region, .count = width };
	uint32_t val = 0;

	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), 0);
	assert_int_equal(f->body, 16 + width);
	memcpy(&val, f->in + 16, width < 4 ? width : 4);
	return val;
}

static void
greet(struct fixture *f)
{
	static const char version[] = "\0\0\1\0{\"capabilities\":{\"max_msg_fds\":8}}";

	assert_int_equal(ask(f, VFU_VERSION, version, sizeof(version)), 0);
}

static uint64_t
faults(const struct fixture *f)
{
	return f->st->iommu.faults;
}

/* --- set up --------------------------------------------------------------------------------- */

static int
setup(void **state)
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

static int
setup_greeted(void **state)
{
	setup(state);
	greet(*state);
	return 0;
}

static int
teardown(void **state)
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
static bool
command(struct fixture *f, uint64_t iova)
{
	assert_int_equal(reg_write(f, 7, 4, 0x6, 2), 0); /* memory, bus master */
	assert_int_equal(reg_write(f, 2, REG_CSQ_BASE_L, (uint32_t)iova, 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_BASE_H, (uint32_t)(iova >> 32), 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_DEPTH, 4, 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_HEAD, 0, 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_TAIL, 0, 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_TAIL, 1, 4), 0);
	return reg_read(f, 2, REG_CSQ_HEAD, 4) == 1;
}

/* A descriptor in page @page of the guest's memory. */
static void
put_command(struct fixture *f, unsigned int page)
{
	static const uint16_t bd[16] = { 0x0001, 0x0019 };

	memcpy(f->mem + page * PG, bd, sizeof(bd));
}

static bool
answered(const struct fixture *f, unsigned int page)
{
	return (f->mem[page * PG + 2] & 2) != 0;
}

/* --- negative controls ------------------------------------------------------------------------ */

static void
test_dma_before_map(void **state)
{
	struct fixture *f = *state;

	put_command(f, 0);
	assert_false(command(f, IOVA));
	assert_int_equal(faults(f), 1);
	assert_non_null(strstr(f->st->iommu.first_fault, "read of 32 bytes at IOVA 0x7f0000100000"));
	/* and the same is fine when it is mapped: the check is of this and nothing else */
	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	assert_true(command(f, IOVA));
	assert_true(answered(f, 0));
	assert_int_equal(faults(f), 1);
}

static void
test_dma_after_unmap(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	put_command(f, 0);
	assert_true(command(f, IOVA));
	assert_int_equal(unmap(f, IOVA, PG), 0);
	put_command(f, 0);
	assert_false(command(f, IOVA));
	assert_int_equal(faults(f), 1);
	assert_false(answered(f, 0));
}

static void
test_dma_past_the_end(void **state)
{
	struct fixture *f = *state;

	/* mapped up to where the queue begins */
	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	put_command(f, 1);
	assert_false(command(f, IOVA + PG));
	assert_int_equal(faults(f), 1);
	assert_false(answered(f, 1));
}

static void
test_dma_to_guest_physical(void **state)
{
	struct fixture *f = *state;

	/* the guest maps a page of its RAM, and hands out the page's own address */
	assert_int_equal(map(f, IOVA, PG, 2 * PG, RD | WR), 0);
	put_command(f, 2);
	assert_false(command(f, GUEST + 2 * PG));
	assert_int_equal(faults(f), 1);
	assert_false(answered(f, 2));
	assert_true(command(f, IOVA));
}

static void
test_dma_write_read_only(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, IOVA, PG, 0, RD), 0);
	put_command(f, 0);
	assert_false(command(f, IOVA));
	assert_int_equal(faults(f), 1);
	assert_non_null(strstr(f->st->iommu.first_fault, "write"));
	assert_false(answered(f, 0));
}

static void
test_dma_read_write_only(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, IOVA, PG, 0, WR), 0);
	put_command(f, 0);
	assert_false(command(f, IOVA));
	assert_int_equal(faults(f), 1);
}

static void
test_no_dma_without_bus_master(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	put_command(f, 0);
	assert_true(command(f, IOVA));
	assert_int_equal(ask(f, VFU_DEVICE_RESET, NULL, 0), 0);
	put_command(f, 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_BASE_L, (uint32_t)IOVA, 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_BASE_H, (uint32_t)(IOVA >> 32), 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_DEPTH, 4, 4), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_TAIL, 1, 4), 0);
	assert_false(answered(f, 0));
	assert_int_equal(faults(f), 0);
}

/* --- maps ------------------------------------------------------------------------------------- */

static void
test_unmap_by_range(void **state)
{
	struct fixture *f = *state;

	/* pieces with a hole between them; the client takes a power of two away that covers all */
	for (unsigned int i = 0; i < 8; i++)
		if (i != 3)
			assert_int_equal(map(f, IOVA + i * PG, PG, i * PG, RD | WR), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 7 * PG);
	/* the middle of a larger one */
	assert_int_equal(map(f, IOVA + (16 * PG), 4 * PG, 8 * PG, RD | WR), 0);
	assert_int_equal(unmap(f, IOVA + 17 * PG, 2 * PG), 0);
	put_command(f, 11);
	assert_true(command(f, IOVA + 19 * PG));
	assert_true(answered(f, 11));
	put_command(f, 9);
	assert_false(command(f, IOVA + 17 * PG));
	assert_int_equal(faults(f), 1);
	assert_int_equal(unmap(f, IOVA, 8 * PG), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 2 * PG);
	/* nothing there: no error, as a kernel's */
	assert_int_equal(unmap(f, IOVA, 8 * PG), 0);
	/* the two halves of the address space */
	assert_int_equal(unmap(f, 0, 1ull << 63), 0);
	assert_int_equal(unmap(f, 1ull << 63, 1ull << 63), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
	/* the place can be mapped to other memory, and that is what the device sees */
	assert_int_equal(map(f, IOVA, PG, 5 * PG, RD | WR), 0);
	put_command(f, 0);
	put_command(f, 5);
	assert_true(command(f, IOVA));
	assert_false(answered(f, 0));
	assert_true(answered(f, 5));
}

static void
test_unmap_all(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	assert_int_equal(map(f, 0, PG, PG, RD), 0);
	assert_int_equal(unmap_flags(f, 0, 0, 2), 0);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
}

static void
test_map_refused(void **state)
{
	struct fixture *f = *state;
	int ro, pipe_fd[2], two[2] = { f->ram, f->ram };
	struct {
		uint32_t argsz, flags;
		uint64_t offset, iova, size;
	} m = { sizeof(m), RD, 0, IOVA, PG };

	assert_int_equal(map(f, IOVA, 2 * PG, 0, RD | WR), 0);
	assert_int_equal(map(f, IOVA, 2 * PG, 0, RD | WR), EEXIST);
	assert_int_equal(map(f, IOVA + PG, 2 * PG, 0, RD), EEXIST);
	assert_int_equal(map(f, IOVA - PG, 4 * PG, 0, RD), EEXIST);
	assert_int_equal(map_fd(f, -1, IOVA, PG, 0, RD), EEXIST);
	assert_int_equal(map(f, 0, 0, 0, RD), EINVAL);
	assert_int_equal(map(f, 0, 100, 0, RD), EINVAL);
	assert_int_equal(map(f, 8, PG, 0, RD), EINVAL);
	assert_int_equal(map(f, 0, PG, 8, RD), EINVAL);
	assert_int_equal(map(f, 0, PG, 0, 0), EINVAL);
	assert_int_equal(map(f, 0, PG, 0, 8 | RD), EINVAL);
	assert_int_equal(map(f, -PG, 2 * PG, 0, RD), EINVAL);
	/* not in the file */
	assert_int_equal(map(f, 0, FILE_SIZE + PG, 0, RD), EINVAL);
	assert_int_equal(map(f, 0, PG, FILE_SIZE, RD), EINVAL);
	assert_int_equal(map(f, 0, 2 * PG, -PG, RD), EINVAL);
	/* no file, or one that cannot be what the client says */
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(map_fd(f, pipe_fd[0], 0, PG, 0, RD), EBADF);
	assert_int_equal(map_fd(f, f->fd, 0, PG, 0, RD), EBADF);
	ro = open("/proc/self/exe", O_RDONLY);
	assert_int_equal(map_fd(f, ro, 0, PG, 0, RD | WR), EACCES);
	assert_int_equal(ask_fds(f, VFU_DMA_MAP, &m, sizeof(m), two, 2), EINVAL);
	assert_int_equal(ask_fds(f, VFU_DMA_MAP, &m, sizeof(m) - 8, two, 1), EINVAL);
	m.argsz = 8;
	assert_int_equal(ask_fds(f, VFU_DMA_MAP, &m, sizeof(m), two, 1), EINVAL);
	/* unmapping */
	assert_int_equal(unmap(f, IOVA, 0), EINVAL);
	assert_int_equal(unmap(f, IOVA + 1, PG), EINVAL);
	assert_int_equal(unmap(f, -PG, 2 * PG), EINVAL);
	assert_int_equal(unmap_flags(f, IOVA, PG, 1), EINVAL);
	assert_int_equal(f->st->iommu.mapped_bytes, 2 * PG);
	assert_int_equal(f->st->port[0].vfu.refused, 24);
	close(ro);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

/* A ROM of the machine comes without a file: the client may map it, the device cannot reach it. */
static void
test_map_without_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map_fd(f, -1, IOVA, PG, 0, RD), 0);
	assert_false(command(f, IOVA));
	assert_int_equal(faults(f), 1);
	assert_int_equal(unmap(f, IOVA, PG), 0);
}

static void
test_file_gets_shorter(void **state)
{
	struct fixture *f = *state;

	/* the framework of the test has taken the signal away */
	vfu_dma_guard(f->v, 1);
	assert_int_equal(map(f, IOVA, 4 * PG, 0, RD | WR), 0);
	assert_int_equal(ftruncate(f->ram, PG), 0);
	command(f, IOVA + 2 * PG);
	assert_int_equal(f->st->port[0].vfu.lost_pages, 1);
	assert_int_equal(ftruncate(f->ram, FILE_SIZE), 0);
	assert_int_equal(unmap(f, IOVA, 4 * PG), 0);
}

/* --- the device ------------------------------------------------------------------------------- */

static void
test_version(void **state)
{
	static const char bad_text[] = { 0, 0, 1, 0, '{', '}' };
	static const uint8_t other[] = { 9, 0, 0, 0 };
	struct fixture *f = *state;

	/* nothing goes before the version */
	send_message(f, VFU_DEVICE_RESET, 0, NULL, 0, NULL, 0);
	assert_false(vfu_input(f->v));
	assert_int_equal(get_reply(f), EPROTO);
	send_message(f, VFU_VERSION, 0, bad_text, sizeof(bad_text), NULL, 0);
	assert_false(vfu_input(f->v));
	assert_int_equal(get_reply(f), EINVAL);
	send_message(f, VFU_VERSION, 0, other, sizeof(other), NULL, 0);
	assert_false(vfu_input(f->v));
	assert_int_equal(get_reply(f), ENOTSUP);
	greet(f);
	assert_int_equal(word(f, 0), 0x00010000);
	assert_int_equal(f->in[f->body - 1], 0);
	assert_non_null(strstr((char *)f->in + 4, "max_msg_fds"));
	assert_int_equal(ask(f, VFU_VERSION, "\0\0\1\0", 4), EINVAL);
	assert_int_equal(ask(f, VFU_DEVICE_RESET, NULL, 0), 0);
}

static void
test_infos(void **state)
{
	static const uint32_t sizes[9] = { SIM_BAR0_SIZE, 0, SIM_BAR2_SIZE, 0, 0, 0, 0, 4096, 0 };
	struct fixture *f = *state;
	uint32_t q[8] = { 32 };

	assert_int_equal(ask(f, VFU_DEVICE_GET_INFO, q, 16), 0);
	assert_int_equal(word(f, 4), 3);
	assert_int_equal(word(f, 8), 9);
	assert_int_equal(word(f, 12), 5);
	for (q[2] = 0; q[2] < 9; q[2]++) {
		assert_int_equal(ask(f, VFU_DEVICE_GET_REGION_INFO, q, 32), 0);
		assert_int_equal(word(f, 8), q[2]);
		assert_int_equal(word(f, 16), sizes[q[2]]);
		assert_int_equal(word(f, 4), sizes[q[2]] != 0 ? 3 : 0); /* never to be mapped */
	}
	assert_int_equal(ask(f, VFU_DEVICE_GET_REGION_INFO, q, 32), EINVAL);
	for (q[2] = 0; q[2] < 5; q[2]++) {
		assert_int_equal(ask(f, VFU_DEVICE_GET_IRQ_INFO, q, 16), 0);
		assert_int_equal(word(f, 12), q[2] == 2 ? 6 : 0);
	}
	assert_int_equal(ask(f, VFU_DEVICE_GET_IRQ_INFO, q, 16), EINVAL);
	assert_int_equal(ask(f, VFU_DEVICE_GET_INFO, q, 12), EINVAL);
	assert_int_equal(ask(f, VFU_DEVICE_GET_REGION_INFO, q, 31), EINVAL);
	assert_int_equal(ask(f, 99, q, 16), ENOSYS);
	assert_int_equal(ask_fds(f, VFU_DEVICE_GET_INFO, q, 16, &f->ram, 1), EINVAL);
	assert_int_equal(reg_read(f, 7, 0, 4), 0xa22219e5);
	assert_int_equal(reg_read(f, 7, 0x100, 4), 0);
}

static void
test_accesses_refused(void **state)
{
	struct fixture *f = *state;
	struct access a = { .off = SIM_BAR2_SIZE, .region = 2, .count = 4 };
	uint64_t before = 0;

	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.off = UINT64_MAX - 3;
	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.off = SIM_BAR2_SIZE - 2;
	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a = (struct access){ .region = 1, .count = 4 };
	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.region = 77;
	assert_int_equal(ask(f, VFU_REGION_WRITE, &a, 20), EINVAL);
	a = (struct access){ .region = 2, .count = VFU_MAX_DATA + 4 };
	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.count = 0;
	assert_int_equal(ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.count = 4; /* says four bytes and brings two, or none, or eight */
	assert_int_equal(ask(f, VFU_REGION_WRITE, &a, 18), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_WRITE, &a, 16), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_WRITE, &a, 24), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_READ, &a, 8), EINVAL);
	/* registers are 32 bits wide: answered, and a rule broken */
	for (unsigned int i = 0; i < SIM_VIOL_NUM; i++)
		before += f->st->port[0].stats.viol[i].count;
	assert_int_equal(before, 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_DEPTH, 4, 2), 0);
	assert_int_equal(reg_read(f, 2, REG_CSQ_DEPTH, 1), 0xff);
	assert_int_equal(f->st->port[0].stats.viol[SIM_VIOL_REG_RANGE].count, 2);
	assert_int_equal(reg_write(f, 2, REG_CSQ_DEPTH + 2, 4, 4), 0);
	assert_int_equal(f->st->port[0].stats.viol[SIM_VIOL_REG_RANGE].count, 3);
}

/* A doorbell is an event: the same count twice is two, and too much is a broken rule. */
static void
test_doorbells(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reg_write(f, 2, SIM_TQP_BASE + TQP_TX_TAIL, 3, 4), 0);
	assert_int_equal(reg_write(f, 2, SIM_TQP_BASE + TQP_TX_TAIL, 3, 4), 0);
	assert_int_equal(f->st->port[0].stats.doorbell_tx, 2);
	assert_int_equal(f->st->port[0].stats.viol[SIM_VIOL_TX_CREDIT].count +
		f->st->port[0].stats.viol[SIM_VIOL_ORDER].count, 2);
}

static void
test_posted_write(void **state)
{
	struct fixture *f = *state;
	struct access a = { .off = REG_CSQ_BASE_L, .region = 2, .count = 4, .data = { 0, 0x10 } };

	send_message(f, VFU_REGION_WRITE, VFU_NO_REPLY, &a, 20, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(get_reply(f), -1);
	assert_int_equal(reg_read(f, 2, REG_CSQ_BASE_L, 4), 0x1000);
	/* a wrong one is not answered either, but counted */
	a.region = 50;
	send_message(f, VFU_REGION_WRITE, VFU_NO_REPLY, &a, 20, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(get_reply(f), -1);
	assert_int_equal(f->st->port[0].vfu.refused, 1);
}

static void
test_reset(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	assert_int_equal(reg_write(f, 2, REG_CSQ_BASE_L, 0x1000, 4), 0);
	assert_int_equal(reg_write(f, 7, 4, 0x6, 2), 0);
	/* by the bit in the configuration space, in words of either size */
	assert_int_equal(reg_write(f, 7, 0x58, 0xa000, 2), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 1);
	assert_int_equal(f->st->port[0].vfu.mapped_at_reset, PG);
	assert_int_equal(reg_read(f, 2, REG_CSQ_BASE_L, 4), 0);
	assert_int_equal(reg_read(f, 7, 4, 2), 0x2);
	assert_int_equal(reg_write(f, 7, 0x58, 0x2000, 2), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 1);
	assert_int_equal(reg_write(f, 7, 0x58, 0x8000, 4), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 2);
	/* by a message; mappings are the client's and stay */
	assert_int_equal(unmap(f, IOVA, PG), 0);
	assert_int_equal(ask(f, VFU_DEVICE_RESET, NULL, 0), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 3);
	assert_int_equal(f->st->port[0].vfu.mapped_at_reset, 0);
	assert_int_equal(ask(f, VFU_DEVICE_RESET, "x", 1), EINVAL);
}

/* --- interrupts --------------------------------------------------------------------------------- */

static int
set_irqs(struct fixture *f, uint32_t flags, uint32_t index, uint32_t start, uint32_t count,
		const int *fds, unsigned int nb)
{
	uint32_t m[5] = { 20, flags, index, start, count };

	return ask_fds(f, VFU_DEVICE_SET_IRQS, m, sizeof(m), fds, nb);
}

static uint64_t
rung(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n) ? n : 0;
}

static void
test_interrupts(void **state)
{
	struct fixture *f = *state;
	int ev[6], pipe_fd[2], bad[2];

	for (unsigned int i = 0; i < 6; i++)
		ev[i] = eventfd(0, EFD_NONBLOCK);
	assert_int_equal(set_irqs(f, 0x24, 2, 0, 6, ev, 6), 0);
	/* by the model: a vector of a queue is rung when its test asks for it */
	assert_int_equal(set_irqs(f, 0x21, 2, 3, 2, NULL, 0), 0);
	assert_int_equal(rung(ev[2]), 0);
	assert_int_equal(rung(ev[3]), 1);
	assert_int_equal(rung(ev[4]), 1);
	/* one of them away */
	assert_int_equal(set_irqs(f, 0x24, 2, 3, 1, NULL, 0), 0);
	assert_int_equal(set_irqs(f, 0x21, 2, 3, 2, NULL, 0), 0);
	assert_int_equal(rung(ev[3]), 0);
	assert_int_equal(rung(ev[4]), 1);
	/* refused, and nothing changed by it */
	assert_int_equal(set_irqs(f, 0x24, 2, 0, 7, NULL, 0), EINVAL);
	assert_int_equal(set_irqs(f, 0x24, 2, UINT32_MAX, 2, NULL, 0), EINVAL);
	assert_int_equal(set_irqs(f, 0x24, 2, 0, 2, ev, 1), EINVAL);
	assert_int_equal(set_irqs(f, 0x24, 0, 0, 1, ev, 1), EINVAL);
	assert_int_equal(set_irqs(f, 0x0c, 2, 0, 1, ev, 1), EINVAL);
	assert_int_equal(set_irqs(f, 0x24, 2, 0, 0, NULL, 0), EINVAL);
	assert_int_equal(pipe(pipe_fd), 0);
	bad[0] = ev[0];
	bad[1] = pipe_fd[1];
	assert_int_equal(set_irqs(f, 0x24, 2, 4, 2, bad, 2), EBADF);
	assert_int_equal(set_irqs(f, 0x21, 2, 4, 1, NULL, 0), 0);
	assert_int_equal(rung(ev[4]), 1);
	/* all away */
	assert_int_equal(set_irqs(f, 0x21, 2, 0, 0, NULL, 0), 0);
	assert_int_equal(set_irqs(f, 0x21, 2, 0, 6, NULL, 0), 0);
	for (unsigned int i = 0; i < 6; i++) {
		assert_int_equal(rung(ev[i]), 0);
		close(ev[i]);
	}
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

/* --- framing -------------------------------------------------------------------------------------- */

static void
test_message_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct vfu_header h = { .id = ++f->id, .command = VFU_DEVICE_GET_INFO, .size = HEAD + 16 };
	uint32_t q[4] = { 16 };

	for (size_t i = 0; i < HEAD; i++) {
		send_raw(f, (uint8_t *)&h + i, 1, NULL, 0);
		assert_true(vfu_input(f->v));
		assert_int_equal(get_reply(f), -1);
	}
	send_raw(f, q, 7, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(get_reply(f), -1);
	send_raw(f, (uint8_t *)q + 7, 9, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(get_reply(f), 0);
	assert_int_equal(word(f, 8), 9);
}

static void
test_bad_sizes(void **state)
{
	static const uint32_t sizes[] = { 0, HEAD - 1, VFU_MAX_MSG + 1, UINT32_MAX };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct vfu_header h = { .id = ++f->id, .command = VFU_REGION_WRITE, .size = sizes[i] };

		send_raw(f, &h, HEAD, NULL, 0);
		assert_false(vfu_input(f->v));
		assert_int_equal(get_reply(f), EMSGSIZE);
		f->v->have = 0; /* the server would leave; this test does not */
	}
	assert_int_equal(f->st->port[0].vfu.refused, 4);
}

static void
test_too_many_files(void **state)
{
	struct fixture *f = *state;
	struct vfu_header h = { .id = ++f->id, .command = VFU_DEVICE_SET_IRQS, .size = HEAD };
	int fds[20], before = dup(0), after;

	close(before);
	for (unsigned int i = 0; i < 20; i++)
		fds[i] = f->ram;
	send_raw(f, &h, HEAD, fds, 20);
	assert_false(vfu_input(f->v));
	vfu_detach(f->v);
	/* none was kept */
	after = dup(0);
	close(after);
	assert_true(after <= before);
}

static void
test_client_gone(void **state)
{
	struct fixture *f = *state;
	int pair[2];

	assert_int_equal(map(f, IOVA, PG, 0, RD | WR), 0);
	shutdown(f->fd, SHUT_RDWR);
	assert_false(vfu_input(f->v));
	vfu_detach(f->v);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
	close(f->fd);
	/* the next one finds a device as after power-on */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->fd = pair[0];
	assert_true(vfu_attach(f->v, pair[1]));
	greet(f);
	put_command(f, 0);
	assert_false(command(f, IOVA));
	assert_int_equal(faults(f), 1);
	assert_int_equal(f->st->port[0].vfu.clients, 2);
}

/* Whatever comes: the server answers or leaves, and does not fall. */
static void
test_noise(void **state)
{
	struct fixture *f = *state;
	uint32_t seed = 12345;

	for (unsigned int round = 0; round < 20000; round++) {
		uint8_t body[64], cmd;
		size_t len;

		seed = seed * 1103515245u + 12345u;
		cmd = (uint8_t)(seed >> 16) % 16;
		len = (seed >> 20) % sizeof(body);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245u + 12345u;
			body[i] = (seed >> 28) == 0 ? (uint8_t)(seed >> 16) : (uint8_t)((seed >> 16) & 3);
		}
		send_message(f, cmd, 0, body, len, &f->ram, (seed >> 12) % 5 == 0);
		assert_true(vfu_input(f->v));
		assert_int_not_equal(get_reply(f), -1);
		sim_model_turn();
	}
	assert_true(f->st->port[0].vfu.refused > 1000);
}

int
main(void)
{
#define GREETED(t) cmocka_unit_test_setup_teardown(t, setup_greeted, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_version, setup, teardown),
		GREETED(test_dma_before_map),
		GREETED(test_dma_after_unmap),
		GREETED(test_dma_past_the_end),
		GREETED(test_dma_to_guest_physical),
		GREETED(test_dma_write_read_only),
		GREETED(test_dma_read_write_only),
		GREETED(test_no_dma_without_bus_master),
		GREETED(test_unmap_by_range),
		GREETED(test_unmap_all),
		GREETED(test_map_refused),
		GREETED(test_map_without_file),
		GREETED(test_file_gets_shorter),
		GREETED(test_infos),
		GREETED(test_accesses_refused),
		GREETED(test_doorbells),
		GREETED(test_posted_write),
		GREETED(test_reset),
		GREETED(test_interrupts),
		GREETED(test_message_in_pieces),
		GREETED(test_bad_sizes),
		GREETED(test_too_many_files),
		GREETED(test_client_gone),
		GREETED(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
