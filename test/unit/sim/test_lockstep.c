/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The lock-step API on a port that no driver has started. Run under hns3-sim --mode lockstep. */

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim_lockstep.h"

static int container, group, device;

static const struct hns3_sim_api *
find(void)
{
	const struct hns3_sim_api *(*get)(void);

	*(void **)&get = dlsym(RTLD_DEFAULT, "hns3_sim_api");
	return get == NULL ? NULL : get();
}

static int
setup(void **state)
{
	if (getenv("HNS3_SIM_DIR") == NULL)
		return 0;
	assert_null(find()); /* before anything is opened */
	container = open("/dev/vfio/vfio", O_RDWR);
	group = open("/dev/vfio/70", O_RDWR);
	assert_int_equal(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	assert_int_equal(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, "0000:7d:00.0");
	assert_true(device >= 0);
	*state = (void *)(uintptr_t)find();
	assert_non_null(*state);
	return 0;
}

static int
teardown(void **state)
{
	if (*state != NULL) {
		close(device);
		close(group);
		close(container);
	}
	return 0;
}

static void
test_lossless_waits(void **state)
{
	const struct hns3_sim_api *sim = *state;
	struct hns3_sim_port_stats st;
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (sim == NULL)
		skip();
	assert_int_equal(sim->version, 1);
	assert_int_equal(sim->inject(0, frame, sizeof(frame)), 0);
	assert_int_equal(sim->step(0, 32), 0); /* the MAC is off: it stays */
	assert_int_equal(sim->stats(0, &st), 0);
	assert_int_equal(st.wire_waiting, 1);
	assert_int_equal(st.rx_frames + st.tx_frames + st.drops, 0);
	assert_int_equal(sim->set_wire(0, "loop"), 0); /* a new wire is empty */
	assert_int_equal(sim->stats(0, &st), 0);
	assert_int_equal(st.wire_waiting, 0);
}

static void
test_gen_before_start(void **state)
{
	const struct hns3_sim_api *sim = *state;
	struct hns3_sim_port_stats st;

	if (sim == NULL)
		skip();
	assert_int_equal(sim->set_wire(0, "gen:size=64,flows=4"), 0);
	sim->step(0, 8);
	assert_int_equal(sim->stats(0, &st), 0);
	assert_int_equal(st.rx_frames, 0);
	assert_int_equal(st.violations + st.iommu_faults, 0);
	assert_int_equal(sim->set_wire(0, "loop"), 0);
}

static void
test_refused(void **state)
{
	const struct hns3_sim_api *sim = *state;
	struct hns3_sim_port_stats st;
	uint8_t buf[64];

	if (sim == NULL)
		skip();
	assert_int_equal(sim->set_wire(0, "nosuch"), -1);
	assert_int_equal(sim->set_wire(0, "tap:x"), -1);
	assert_int_equal(sim->set_wire(0, "pcap:rx=x"), -1);
	assert_int_equal(sim->step(1, 1), -1); /* port 1 is not open */
	assert_int_equal(sim->step(9, 1), -1);
	assert_int_equal(sim->stats(9, &st), -1);
	assert_int_equal(sim->inject(9, buf, 60), -1);
	assert_int_equal(sim->gather(9, buf, sizeof(buf)), -1);
	assert_int_equal(sim->capture(0, 1), 0);
	assert_int_equal(sim->gather(0, buf, sizeof(buf)), 0);
	assert_int_equal(sim->capture(0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lossless_waits),
		cmocka_unit_test(test_gen_before_start),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
