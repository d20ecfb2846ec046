/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The command queue against a firmware that answers, errs, is late, or is silent. */

#include "hns3_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <rte_memzone.h>

#include "hns3_cmdq.h"
#include "hns3_regs.h"

static uint8_t *bar;
static struct rte_memzone mz;
static struct hns3_cmdq q;

/* What the firmware does with the next commands. */
static atomic_uint answer;
static atomic_uint delay_us;
static atomic_bool silent, quit;
static atomic_uint served;
static pthread_t firmware;

static volatile uint32_t *
reg(uint32_t off)
{
	return (volatile uint32_t *)(bar + off);
}

static void
serve(void)
{
	uint32_t head = *reg(HNS3_CSQ_HEAD), tail = *reg(HNS3_CSQ_TAIL);
	struct hns3_cmd_bd *bd;

	if (atomic_load(&silent) || head == tail)
		return;
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&delay_us) != 0)
		usleep(atomic_load(&delay_us));
	for (; head != tail; head = (head + 1) % HNS3_CMDQ_BDS) {
		bd = &q.csq[head];
		bd->retval = atomic_load(&answer);
		bd->data[23] = bd->data[0] + 1;
		atomic_fetch_add(&served, 1);
	}
	atomic_thread_fence(memory_order_seq_cst);
	*reg(HNS3_CSQ_HEAD) = tail;
}

static void *
firmware_main(void *arg)
{
	RTE_SET_USED(arg);
	while (!atomic_load(&quit)) {
		serve();
		usleep(10);
	}
	return NULL;
}

static int
setup(void **state)
{
	RTE_SET_USED(state);
	atomic_store(&answer, 0);
	atomic_store(&delay_us, 0);
	atomic_store(&silent, false);
	atomic_store(&quit, false);
	bar = calloc(1, 0x28000);
	mz.addr = aligned_alloc(4096, RTE_ALIGN_CEIL(hns3_cmdq_size(), 4096));
	mz.iova = (uintptr_t)mz.addr;
	memset(&q, 0, sizeof(q));
	hns3_cmdq_attach(&q, bar, "test", &mz);
	hns3_cmdq_start(&q);
	/* No answer that comes is too late, however busy the machine is. */
	q.timeout_us = 60000000;
	return pthread_create(&firmware, NULL, firmware_main, NULL);
}

static int
teardown(void **state)
{
	RTE_SET_USED(state);
	atomic_store(&quit, true);
	pthread_join(firmware, NULL);
	hns3_cmdq_stop(&q);
	hns3_cmdq_detach(&q);
	free(mz.addr);
	free(bar);
	return 0;
}

static int
one(uint8_t v, uint8_t *back)
{
	struct hns3_cmd_bd bd;
	int ret;

	hns3_cmd_setup(&bd, HNS3_OP_PF_RSRC, true);
	hns3_put8(&bd, 0, v);
	ret = hns3_cmd_send(&q, &bd, 1);
	*back = hns3_get8(&bd, 23);
	return ret;
}

static void
layout(void **state)
{
	struct hns3_cmd_bd bd[2];

	RTE_SET_USED(state);
	hns3_cmd_setup(&bd[0], HNS3_OP_MAC_MODE, false);
	assert_int_equal(rte_le_to_cpu_16(bd[0].flag), 0x11);
	assert_int_equal(rte_le_to_cpu_16(bd[0].opcode), 0x0301);
	hns3_cmd_setup(&bd[0], HNS3_OP_PF_RSRC, true);
	assert_int_equal(rte_le_to_cpu_16(bd[0].flag), 0x19);
	hns3_cmd_setup_chain(bd, 2, HNS3_OP_RX_PRIV_WL, false);
	assert_int_equal(rte_le_to_cpu_16(bd[0].flag), 0x15);
	assert_int_equal(rte_le_to_cpu_16(bd[1].flag), 0x11);
	hns3_put32(&bd[0], 4, 0x01020304);
	assert_int_equal(bd[0].data[4], 4);
	assert_int_equal(hns3_get32(&bd[0], 4), 0x01020304);
	hns3_put16(&bd[0], 9, 0xabcd);
	assert_int_equal(hns3_get16(&bd[0], 9), 0xabcd);
	assert_int_equal(*reg(HNS3_CSQ_DEPTH), 128 | 1 << 16);
	assert_int_equal(*reg(HNS3_CRQ_DEPTH), 128);
	assert_int_equal(*reg(HNS3_CSQ_BASE_L), (uint32_t)q.csq_iova);
	assert_int_equal(q.csq_iova % 4096, 0);
	assert_true((uint32_t)q.csq_iova != 0);
}

/* A base whose low half is 0 reads as "queue lost". */
static void
base_is_never_zero(void **state)
{
	struct hns3_cmdq other;
	struct rte_memzone at = mz;

	RTE_SET_USED(state);
	memset(&other, 0, sizeof(other));
	at.iova = 0x300000000ull;
	hns3_cmdq_attach(&other, calloc(1, 0x28000), "other", &at);
	assert_int_equal(other.csq_iova, 0x300001000ull);
	assert_ptr_equal(other.csq, (char *)at.addr + 4096);
	free((void *)(uintptr_t)other.bar);
	hns3_cmdq_detach(&other);
}

static void
wraps(void **state)
{
	struct hns3_cmd_bd bd[3];
	unsigned int i;
	uint8_t back;

	RTE_SET_USED(state);
	for (i = 0; i < 1500; i++) {
		assert_int_equal(one(i, &back), 0);
		assert_int_equal(back, (uint8_t)(i + 1));
	}
	/* Chains over the end of the ring, at each of its offsets. */
	for (i = 0; i < 700; i++) {
		hns3_cmd_setup_chain(bd, 3, HNS3_OP_MAC_ADD, true);
		bd[0].data[0] = i;
		bd[2].data[0] = i + 7;
		assert_int_equal(hns3_cmd_send(&q, bd, 3), 0);
		assert_int_equal(bd[0].data[23], (uint8_t)(i + 1));
		assert_int_equal(bd[2].data[23], (uint8_t)(i + 8));
	}
	assert_int_equal(hns3_cmd_send(&q, bd, 0), -EINVAL);
}

static void
errors(void **state)
{
	uint8_t back;

	RTE_SET_USED(state);
	atomic_store(&answer, 2);
	assert_int_equal(one(1, &back), -EOPNOTSUPP);
	atomic_store(&answer, 6);
	assert_int_equal(one(1, &back), -EINVAL);
	atomic_store(&answer, 12);
	assert_int_equal(one(1, &back), -EINVAL);
	atomic_store(&answer, 13);
	assert_int_equal(one(1, &back), -EREMOTEIO);
	atomic_store(&answer, 0xffff);
	assert_int_equal(one(1, &back), -EREMOTEIO);
	atomic_store(&answer, 0);
	assert_int_equal(one(1, &back), 0);
}

static void
late_and_never(void **state)
{
	unsigned int i;
	uint8_t back;

	RTE_SET_USED(state);
	atomic_store(&delay_us, 5000);
	assert_int_equal(one(1, &back), 0);
	atomic_store(&delay_us, 0);
	atomic_store(&silent, true);
	q.timeout_us = 20000;
	assert_int_equal(one(1, &back), -ETIMEDOUT);
	q.timeout_us = 60000000;
	/* At once, not after a time-out of its own. */
	assert_int_equal(one(2, &back), -EIO);
	assert_int_equal(q.tail, (*reg(HNS3_CSQ_HEAD) + 1) % HNS3_CMDQ_BDS);
	/* The answer comes after all: the queue is good again. */
	atomic_store(&silent, false);
	for (i = 0; i < 60000 && *reg(HNS3_CSQ_HEAD) != q.tail; i++)
		usleep(1000);
	assert_int_equal(one(3, &back), 0);
	assert_int_equal(back, 4);
}

static void
lost_queue(void **state)
{
	uint8_t back;

	RTE_SET_USED(state);
	assert_int_equal(one(1, &back), 0);
	*reg(HNS3_CSQ_BASE_L) = 0;
	assert_int_equal(one(1, &back), -EIO);
	*reg(HNS3_CSQ_BASE_L) = (uint32_t)q.csq_iova;
	assert_int_equal(one(1, &back), -EIO); /* not before it is started anew */
	/* Between the stores of head and tail this firmware would see commands. */
	atomic_store(&silent, true);
	hns3_cmdq_start(&q);
	atomic_store(&silent, false);
	assert_int_equal(one(1, &back), 0);
	atomic_store(&silent, true);
	*reg(HNS3_CSQ_HEAD) = 0xffff;
	assert_int_equal(one(1, &back), -EIO);
}

static unsigned int messages, last_code;

static void
on_message(struct hns3_cmdq *queue, const struct hns3_cmd_bd *bd, void *arg)
{
	assert_ptr_equal(queue, &q);
	assert_ptr_equal(arg, &messages);
	messages++;
	last_code = hns3_get8(bd, 8);
}

static void
receives(void **state)
{
	unsigned int i, tail = 0;

	RTE_SET_USED(state);
	q.on_message = on_message;
	q.on_message_arg = &messages;
	messages = 0;
	for (i = 0; i < 1100; i++) {
		q.crq[tail].opcode = rte_cpu_to_le_16(0x2001);
		q.crq[tail].flag = rte_cpu_to_le_16(HNS3_CMD_OUT);
		q.crq[tail].data[8] = i;
		tail = (tail + 1) % HNS3_CMDQ_BDS;
		*reg(HNS3_CRQ_TAIL) = tail;
		hns3_cmdq_receive(&q);
		assert_int_equal(messages, i + 1);
		assert_int_equal(last_code, (uint8_t)i);
		assert_int_equal(*reg(HNS3_CRQ_HEAD), tail);
	}
	/* A message that is not marked valid is passed over. */
	tail = (tail + 1) % HNS3_CMDQ_BDS;
	*reg(HNS3_CRQ_TAIL) = tail;
	hns3_cmdq_receive(&q);
	assert_int_equal(messages, 1100);
	/* A tail outside of the queue is not followed. */
	*reg(HNS3_CRQ_TAIL) = 5000;
	hns3_cmdq_receive(&q);
	assert_int_equal(messages, 1100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(layout, setup, teardown),
		cmocka_unit_test_setup_teardown(base_is_never_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(wraps, setup, teardown),
		cmocka_unit_test_setup_teardown(errors, setup, teardown),
		cmocka_unit_test_setup_teardown(late_and_never, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(receives, setup, teardown),
	};

	/* For its clock. */
	return test_eal_init() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
