/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* A client of vfio-user: what a virtual machine says, and what a hostile one may say. */

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vfu_client.h"

/* --- the device ------------------------------------------------------------------- */

static void
test_version(void **state)
{
	static const char bad_text[] = { 0, 0, 1, 0, '{', '}' };
	static const uint8_t other[] = { 9, 0, 0, 0 };
	struct fixture *f = *state;

	/* nothing goes before the version */
	vc_send_message(f, VFU_DEVICE_RESET, 0, NULL, 0, NULL, 0);
	assert_false(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), EPROTO);
	vc_send_message(f, VFU_VERSION, 0, bad_text, sizeof(bad_text), NULL, 0);
	assert_false(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), EINVAL);
	vc_send_message(f, VFU_VERSION, 0, other, sizeof(other), NULL, 0);
	assert_false(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), ENOTSUP);
	vc_greet(f);
	assert_int_equal(vc_word(f, 0), 0x00010000);
	assert_int_equal(f->in[f->body - 1], 0);
	assert_non_null(strstr((char *)f->in + 4, "max_msg_fds"));
	assert_int_equal(vc_ask(f, VFU_VERSION, "\0\0\1\0", 4), EINVAL);
	assert_int_equal(vc_ask(f, VFU_DEVICE_RESET, NULL, 0), 0);
}

static void
test_infos(void **state)
{
	static const uint32_t sizes[9] = { SIM_BAR0_SIZE, 0, SIM_BAR2_SIZE, 0, 0, 0, 0, 4096, 0 };
	struct fixture *f = *state;
	uint32_t q[8] = { 32 };

	assert_int_equal(vc_ask(f, VFU_DEVICE_GET_INFO, q, 16), 0);
	assert_int_equal(vc_word(f, 4), 3);
	assert_int_equal(vc_word(f, 8), 9);
	assert_int_equal(vc_word(f, 12), 5);
	for (q[2] = 0; q[2] < 9; q[2]++) {
		assert_int_equal(vc_ask(f, VFU_DEVICE_GET_REGION_INFO, q, 32), 0);
		assert_int_equal(vc_word(f, 8), q[2]);
		assert_int_equal(vc_word(f, 16), sizes[q[2]]);
		assert_int_equal(vc_word(f, 4), sizes[q[2]] != 0 ? 3 : 0); /* never to be mapped */
	}
	assert_int_equal(vc_ask(f, VFU_DEVICE_GET_REGION_INFO, q, 32), EINVAL);
	for (q[2] = 0; q[2] < 5; q[2]++) {
		assert_int_equal(vc_ask(f, VFU_DEVICE_GET_IRQ_INFO, q, 16), 0);
		assert_int_equal(vc_word(f, 12), q[2] == 2 ? 6 : 0);
	}
	assert_int_equal(vc_ask(f, VFU_DEVICE_GET_IRQ_INFO, q, 16), EINVAL);
	assert_int_equal(vc_ask(f, VFU_DEVICE_GET_INFO, q, 12), EINVAL);
	assert_int_equal(vc_ask(f, VFU_DEVICE_GET_REGION_INFO, q, 31), EINVAL);
	assert_int_equal(vc_ask(f, 99, q, 16), ENOSYS);
	assert_int_equal(vc_ask_fds(f, VFU_DEVICE_GET_INFO, q, 16, &f->ram, 1), EINVAL);
	assert_int_equal(vc_reg_read(f, 7, 0, 4), 0xa22219e5);
	assert_int_equal(vc_reg_read(f, 7, 0x100, 4), 0);
}

static void
test_accesses_refused(void **state)
{
	struct fixture *f = *state;
	struct access a = { .off = SIM_BAR2_SIZE, .region = 2, .count = 4 };
	uint64_t before = 0;

	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.off = UINT64_MAX - 3;
	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.off = SIM_BAR2_SIZE - 2;
	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a = (struct access){ .region = 1, .count = 4 };
	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.region = 77;
	assert_int_equal(vc_ask(f, VFU_REGION_WRITE, &a, 20), EINVAL);
	a = (struct access){ .region = 2, .count = VFU_MAX_DATA + 4 };
	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.count = 0;
	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 16), EINVAL);
	a.count = 4; /* says four bytes and brings two, or none, or eight */
	assert_int_equal(vc_ask(f, VFU_REGION_WRITE, &a, 18), EINVAL);
	assert_int_equal(vc_ask(f, VFU_REGION_WRITE, &a, 16), EINVAL);
	assert_int_equal(vc_ask(f, VFU_REGION_WRITE, &a, 24), EINVAL);
	assert_int_equal(vc_ask(f, VFU_REGION_READ, &a, 8), EINVAL);
	/* registers are 32 bits wide: answered, and a rule broken */
	for (unsigned int i = 0; i < SIM_VIOL_NUM; i++)
		before += f->st->port[0].stats.viol[i].count;
	assert_int_equal(before, 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_DEPTH, 4, 2), 0);
	assert_int_equal(vc_reg_read(f, 2, REG_CSQ_DEPTH, 1), 0xff);
	assert_int_equal(f->st->port[0].stats.viol[SIM_VIOL_REG_RANGE].count, 2);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_DEPTH + 2, 4, 4), 0);
	assert_int_equal(f->st->port[0].stats.viol[SIM_VIOL_REG_RANGE].count, 3);
}

/* A doorbell is an event: the same count twice is two, and too much is a broken rule. */
static void
test_doorbells(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_reg_write(f, 2, SIM_TQP_BASE + TQP_TX_TAIL, 3, 4), 0);
	assert_int_equal(vc_reg_write(f, 2, SIM_TQP_BASE + TQP_TX_TAIL, 3, 4), 0);
	assert_int_equal(f->st->port[0].stats.doorbell_tx, 2);
	assert_int_equal(f->st->port[0].stats.viol[SIM_VIOL_TX_CREDIT].count +
		f->st->port[0].stats.viol[SIM_VIOL_ORDER].count, 2);
}

static void
test_posted_write(void **state)
{
	struct fixture *f = *state;
	struct access a = { .off = REG_CSQ_BASE_L, .region = 2, .count = 4, .data = { 0, 0x10 } };

	vc_send_message(f, VFU_REGION_WRITE, VFU_NO_REPLY, &a, 20, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), -1);
	assert_int_equal(vc_reg_read(f, 2, REG_CSQ_BASE_L, 4), 0x1000);
	/* a wrong one is not answered either, but counted */
	a.region = 50;
	vc_send_message(f, VFU_REGION_WRITE, VFU_NO_REPLY, &a, 20, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), -1);
	assert_int_equal(f->st->port[0].vfu.refused, 1);
}

static void
test_reset(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	assert_int_equal(vc_reg_write(f, 2, REG_CSQ_BASE_L, 0x1000, 4), 0);
	assert_int_equal(vc_reg_write(f, 7, 4, 0x6, 2), 0);
	/* by the bit in the configuration space, in words of either size */
	assert_int_equal(vc_reg_write(f, 7, 0x58, 0xa000, 2), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 1);
	assert_int_equal(f->st->port[0].vfu.mapped_at_reset, PG);
	assert_int_equal(vc_reg_read(f, 2, REG_CSQ_BASE_L, 4), 0);
	assert_int_equal(vc_reg_read(f, 7, 4, 2), 0x2);
	assert_int_equal(vc_reg_write(f, 7, 0x58, 0x2000, 2), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 1);
	assert_int_equal(vc_reg_write(f, 7, 0x58, 0x8000, 4), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 2);
	/* by a message; mappings are the client's and stay */
	assert_int_equal(vc_unmap(f, IOVA, PG), 0);
	assert_int_equal(vc_ask(f, VFU_DEVICE_RESET, NULL, 0), 0);
	assert_int_equal(f->st->port[0].vfu.resets, 3);
	assert_int_equal(f->st->port[0].vfu.mapped_at_reset, 0);
	assert_int_equal(vc_ask(f, VFU_DEVICE_RESET, "x", 1), EINVAL);
}

/* --- interrupts --------------------------------------------------------------------- */

static int
set_irqs(struct fixture *f, uint32_t flags, uint32_t index, uint32_t start, uint32_t count,
		const int *fds, unsigned int nb)
{
	uint32_t m[5] = { 20, flags, index, start, count };

	return vc_ask_fds(f, VFU_DEVICE_SET_IRQS, m, sizeof(m), fds, nb);
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

/* --- framing -------------------------------------------------------------------------- */

static void
test_message_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct vfu_header h = { .id = ++f->id, .command = VFU_DEVICE_GET_INFO, .size = HEAD + 16 };
	uint32_t q[4] = { 16 };

	for (size_t i = 0; i < HEAD; i++) {
		vc_send_raw(f, (uint8_t *)&h + i, 1, NULL, 0);
		assert_true(vfu_input(f->v));
		assert_int_equal(vc_get_reply(f), -1);
	}
	vc_send_raw(f, q, 7, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), -1);
	vc_send_raw(f, (uint8_t *)q + 7, 9, NULL, 0);
	assert_true(vfu_input(f->v));
	assert_int_equal(vc_get_reply(f), 0);
	assert_int_equal(vc_word(f, 8), 9);
}

static void
test_bad_sizes(void **state)
{
	static const uint32_t sizes[] = { 0, HEAD - 1, VFU_MAX_MSG + 1, UINT32_MAX };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct vfu_header h = { .id = ++f->id, .command = VFU_REGION_WRITE, .size = sizes[i] };

		vc_send_raw(f, &h, HEAD, NULL, 0);
		assert_false(vfu_input(f->v));
		assert_int_equal(vc_get_reply(f), EMSGSIZE);
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
	vc_send_raw(f, &h, HEAD, fds, 20);
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

	assert_int_equal(vc_map(f, IOVA, PG, 0, RD | WR), 0);
	shutdown(f->fd, SHUT_RDWR);
	assert_false(vfu_input(f->v));
	vfu_detach(f->v);
	assert_int_equal(f->st->iommu.mapped_bytes, 0);
	close(f->fd);
	/* the next one finds a device as after power-on */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->fd = pair[0];
	assert_true(vfu_attach(f->v, pair[1]));
	vc_greet(f);
	vc_put_command(f, 0);
	assert_false(vc_command(f, IOVA));
	assert_int_equal(vc_faults(f), 1);
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
		vc_send_message(f, cmd, 0, body, len, &f->ram, (seed >> 12) % 5 == 0);
		assert_true(vfu_input(f->v));
		assert_int_not_equal(vc_get_reply(f), -1);
		sim_model_turn();
	}
	assert_true(f->st->port[0].vfu.refused > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_version, vc_setup, vc_teardown),
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
