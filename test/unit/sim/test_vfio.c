/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The emulated VFIO as a program sees it that uses nothing but system calls. Run under
 * hns3-sim with two ports; by itself it skips everything.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define GROUP "/dev/vfio/70"
#define NAME  "0000:7d:00.0"
#define MB    0x100000u

struct vfio {
	int container, group, device;
	volatile uint32_t *bar2;
};

static void
need_simulator(void)
{
	if (getenv("HNS3_SIM_DIR") == NULL)
		skip();
}

static void
open_group(struct vfio *v)
{
	need_simulator();
	v->device = -1;
	v->bar2 = NULL;
	v->container = open("/dev/vfio/vfio", O_RDWR);
	v->group = open(GROUP, O_RDWR);
	assert_true(v->container >= 0 && v->group >= 0);
}

static void
open_device(struct vfio *v)
{
	open_group(v);
	assert_int_equal(ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container), 0);
	assert_int_equal(ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, NAME);
	assert_true(v->device >= 0);
}

static void
map_bar(struct vfio *v)
{
	struct vfio_region_info r = { .argsz = sizeof(r), .index = VFIO_PCI_BAR2_REGION_INDEX };

	assert_int_equal(ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, &r), 0);
	assert_int_equal(r.argsz, sizeof(r));
	assert_int_equal(r.size, MB);
	v->bar2 = mmap(NULL, r.size, PROT_READ | PROT_WRITE, MAP_SHARED, v->device, (off_t)r.offset);
	assert_true(v->bar2 != MAP_FAILED);
}

static void
close_all(struct vfio *v)
{
	if (v->bar2 != NULL)
		munmap((void *)(uintptr_t)v->bar2, MB);
	if (v->device >= 0)
		assert_int_equal(close(v->device), 0);
	assert_int_equal(close(v->group), 0);
	assert_int_equal(close(v->container), 0);
}

static void
test_container(void **state)
{
	struct vfio v;

	(void)state;
	open_group(&v);
	assert_int_equal(ioctl(v.container, VFIO_GET_API_VERSION), VFIO_API_VERSION);
	assert_int_equal(ioctl(v.container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU), 1);
	assert_int_equal(ioctl(v.container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_v2_IOMMU), 0);
	assert_int_equal(ioctl(v.container, VFIO_CHECK_EXTENSION, VFIO_NOIOMMU_IOMMU), 0);
	assert_int_equal(ioctl(v.container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), -1); /* no group */
	assert_int_equal(ioctl(v.group, VFIO_GROUP_GET_DEVICE_FD, NAME), -1);
	assert_int_equal(ioctl(v.container, 0x1234), -1);
	assert_int_equal(errno, ENOTTY);
	close_all(&v);
}

static void
test_group(void **state)
{
	struct vfio_group_status s = { .argsz = sizeof(s) };
	struct vfio v;

	(void)state;
	open_group(&v);
	assert_int_equal(open(GROUP, O_RDWR), -1);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(open("/dev/vfio/7", O_RDWR), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(ioctl(v.group, VFIO_GROUP_GET_STATUS, &s), 0);
	assert_int_equal(s.flags, VFIO_GROUP_FLAGS_VIABLE);
	assert_int_equal(ioctl(v.group, VFIO_GROUP_SET_CONTAINER, &v.container), 0);
	assert_int_equal(ioctl(v.group, VFIO_GROUP_GET_STATUS, &s), 0);
	assert_int_equal(s.flags, VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
	assert_int_equal(ioctl(v.container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	assert_int_equal(ioctl(v.group, VFIO_GROUP_GET_DEVICE_FD, "0000:7d:00.1"), -1);
	assert_int_equal(ioctl(v.group, VFIO_GROUP_UNSET_CONTAINER), 0);
	close_all(&v);
}

static void
test_dma_map(void **state)
{
	struct vfio v;
	uint8_t *mem = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_iommu_type1_dma_map m = { .argsz = sizeof(m), .vaddr = (uintptr_t)mem,
		.iova = 0x10000000, .size = 16 * 4096,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE };
	struct vfio_iommu_type1_dma_unmap u = { .argsz = sizeof(u), .iova = 0x10004000, .size = 4096 };

	(void)state;
	open_device(&v);
	assert_int_equal(ioctl(v.container, VFIO_IOMMU_MAP_DMA, &m), 0);
	assert_int_equal(ioctl(v.container, VFIO_IOMMU_MAP_DMA, &m), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(ioctl(v.container, VFIO_IOMMU_UNMAP_DMA, &u), 0); /* out of the middle */
	assert_int_equal(u.size, 4096);
	assert_int_equal(ioctl(v.container, VFIO_IOMMU_UNMAP_DMA, &u), 0);
	assert_int_equal(u.size, 0);
	u.size = 100;
	assert_int_equal(ioctl(v.container, VFIO_IOMMU_UNMAP_DMA, &u), -1);
	assert_int_equal(errno, EINVAL);
	m.flags = 0;
	assert_int_equal(ioctl(v.container, VFIO_IOMMU_MAP_DMA, &m), -1);
	close_all(&v);
	munmap(mem, 16 * 4096);
}

static void
test_config_space(void **state)
{
	const off_t cfg = (off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40;
	uint16_t id[2], cmd;
	uint32_t bar, table;
	uint8_t cap, id_cap = 0;
	struct vfio v;

	(void)state;
	open_device(&v);
	assert_int_equal(pread(v.device, id, 4, cfg), 4);
	assert_int_equal(id[0], 0x19e5);
	assert_int_equal(id[1], 0xa222);
	/* the size of BAR2, as a bus driver finds it */
	bar = UINT32_MAX;
	assert_int_equal(pwrite(v.device, &bar, 4, cfg + 0x18), 4);
	assert_int_equal(pread(v.device, &bar, 4, cfg + 0x18), 4);
	assert_int_equal(bar, (uint32_t)-(int32_t)MB | 4);
	assert_int_equal(pread(v.device, &cap, 1, cfg + 0x34), 1);
	for (unsigned int i = 0; i < 8 && cap != 0 && id_cap != 0x11; i++) {
		uint8_t head[2];

		assert_int_equal(pread(v.device, head, 2, cfg + cap), 2);
		id_cap = head[0];
		if (id_cap != 0x11)
			cap = head[1];
	}
	assert_int_equal(id_cap, 0x11); /* MSI-X */
	assert_int_equal(pread(v.device, &table, 4, cfg + cap + 4), 4);
	assert_int_equal(table & 7, 0);
	cmd = 0xffff;
	assert_int_equal(pwrite(v.device, &cmd, 2, cfg + 4), 2);
	assert_int_equal(pread(v.device, &cmd, 2, cfg + 4), 2);
	assert_int_equal(cmd, 0x0546);
	assert_int_equal(pread(v.device, &cmd, 2, (off_t)5 << 40), -1); /* no BAR5 */
	close_all(&v);
}

static void
test_registers(void **state)
{
	const off_t bar2 = (off_t)VFIO_PCI_BAR2_REGION_INDEX << 40;
	struct vfio v;
	uint32_t val;

	(void)state;
	open_device(&v);
	map_bar(&v);
	/* the base of the command queue keeps what is written */
	v.bar2[0x27000 / 4] = 0x12345000;
	assert_int_equal(v.bar2[0x27000 / 4], 0x12345000);
	v.bar2[0x27000 / 4] |= 0x80000000;
	v.bar2[0x27000 / 4] &= ~0x00040000u;
	assert_int_equal(v.bar2[0x27000 / 4], 0x92305000);
	assert_int_equal(pread(v.device, &val, 4, bar2 + 0x27000), 4);
	assert_int_equal(val, 0x92305000);
	/* the queues' part */
	v.bar2[0x80000 / 4] = 0x1000;
	assert_int_equal(v.bar2[0x80000 / 4], 0x1000);
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_RESET), 0);
	assert_int_equal(v.bar2[0x27000 / 4], 0);
	close_all(&v);
}

static void *
hammer(void *arg)
{
	volatile uint32_t *bar2 = arg;

	for (unsigned int i = 0; i < 2000; i++)
		if (bar2[0x20800 / 4] != 0)
			return arg;
	return NULL;
}

static void
test_registers_from_threads(void **state)
{
	pthread_t t[3];
	struct vfio v;
	void *bad;

	(void)state;
	open_device(&v);
	map_bar(&v);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hammer, (void *)(uintptr_t)v.bar2), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
	close_all(&v);
}

static void
test_reopen(void **state)
{
	struct vfio v;

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		open_device(&v);
		map_bar(&v);
		assert_int_equal(v.bar2[0x27000 / 4], 0); /* nothing is left of the time before */
		v.bar2[0x27000 / 4] = 0x5000;
		close_all(&v);
	}
}

static void
test_interrupts(void **state)
{
	_Alignas(struct vfio_irq_set) uint8_t buf[sizeof(struct vfio_irq_set) + 2 * sizeof(int32_t)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)(void *)buf;
	int32_t fd[2] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) };
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX };
	uint64_t n = 0;
	struct vfio v;

	(void)state;
	open_device(&v);
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_GET_IRQ_INFO, &info), 0);
	assert_true(info.flags & VFIO_IRQ_INFO_EVENTFD);
	assert_true(info.count >= 3);
	*set = (struct vfio_irq_set){ .argsz = sizeof(buf), .index = VFIO_PCI_MSIX_IRQ_INDEX, .count = 2,
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER };
	memcpy(set->data, fd, sizeof(fd));
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_SET_IRQS, set), 0);
	/* software can trigger one */
	set->flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->start = 1;
	set->count = 1;
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_SET_IRQS, set), 0);
	assert_int_equal(read(fd[0], &n, 8), -1);
	assert_int_equal(read(fd[1], &n, 8), 8);
	assert_int_equal(n, 1);
	/* all off */
	set->start = set->count = 0;
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_SET_IRQS, set), 0);
	set->start = 1;
	set->count = 1;
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_SET_IRQS, set), 0);
	assert_int_equal(read(fd[1], &n, 8), -1);
	/* behind the last vector */
	set->start = info.count;
	assert_int_equal(ioctl(v.device, VFIO_DEVICE_SET_IRQS, set), -1);
	close(fd[0]);
	close(fd[1]);
	close_all(&v);
}

static sigjmp_buf jump;
static volatile sig_atomic_t faults;

static void
on_segv(int sig)
{
	(void)sig;
	faults++;
	siglongjmp(jump, 1);
}

static void
test_own_fault_handler(void **state)
{
	struct sigaction mine = { .sa_handler = on_segv }, before, now;
	volatile uint32_t *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigset_t all, old;
	struct vfio v;

	(void)state;
	open_device(&v);
	map_bar(&v);
	assert_int_equal(sigaction(SIGSEGV, &mine, &before), 0);
	assert_int_equal(sigaction(SIGSEGV, NULL, &now), 0);
	assert_ptr_equal(now.sa_handler, on_segv);
	faults = 0;
	if (sigsetjmp(jump, 1) == 0)
		*closed = 1;
	assert_int_equal(faults, 1);
	assert_int_equal(v.bar2[0x27000 / 4], 0); /* registers go on, and are not faults */
	assert_int_equal(faults, 1);
	/* with all signals blocked, too */
	sigfillset(&all);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &all, &old), 0);
	assert_int_equal(v.bar2[0x27000 / 4], 0);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
	assert_int_equal(sigaction(SIGSEGV, &before, NULL), 0);
	close_all(&v);
	munmap((void *)(uintptr_t)closed, 4096);
}

static void
test_default_fault_kills(void **state)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL }, before;
	volatile uint32_t *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio v;
	int status;
	pid_t pid;

	(void)state;
	open_device(&v);
	map_bar(&v);
	assert_int_equal(sigaction(SIGSEGV, &dfl, &before), 0);
	pid = fork();
	if (pid == 0) {
		*closed = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	assert_int_equal(sigaction(SIGSEGV, &before, NULL), 0);
	close_all(&v);
	munmap((void *)(uintptr_t)closed, 4096);
}

static void
test_fork(void **state)
{
	struct vfio v;
	int status;
	pid_t pid;

	(void)state;
	open_device(&v);
	map_bar(&v);
	v.bar2[0x27000 / 4] = 0x7000;
	pid = fork();
	if (pid == 0) {
		/* a child's closing and ending is not the device's */
		close(v.device);
		close(v.group);
		close(v.container);
		exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(v.bar2[0x27000 / 4], 0x7000);
	close_all(&v);
}

static void
test_other_files(void **state)
{
	char name[] = "/tmp/sim-vfio-XXXXXX";
	struct stat st;
	int fd;

	(void)state;
	need_simulator();
	assert_int_equal(stat("/sys/module/vfio_pci", &st), 0);
	assert_int_equal(stat("/sys/module/no_such", &st), -1);
	assert_int_equal(errno, ENOENT);
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0640);
	assert_int_equal(pwrite(fd, "abc", 3, 1), 3);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(fd), -1);
	assert_int_equal(unlink(name), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_dma_map),
		cmocka_unit_test(test_config_space),
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_registers_from_threads),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_own_fault_handler),
		cmocka_unit_test(test_default_fault_kills),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
