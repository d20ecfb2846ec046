/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * The launcher has read and checked the pcap to be received, and has begun the one to be
 * written; here frames are taken from memory and records are appended. libpcap itself is kept
 * out of the program under test, which may bring its own. Records reach the file once a
 * turn of the model, so that a program that is killed has lost none.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host_model.h"

#define RECORD_BUF (256u << 10)

struct record_head {
	uint32_t sec, usec, caplen, len;
};

bool
sim_replay_init(struct sim_replay *r, const char *path)
{
	int fd = sim_real_open(path, O_RDONLY | O_CLOEXEC, 0);
	struct stat st;
	void *p;

	memset(r, 0, sizeof(*r));
	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0) {
		sim_real_close(fd);
		return false;
	}
	p = sim_real_mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	sim_real_close(fd);
	if (p == MAP_FAILED)
		return false;
	r->head = p;
	r->size = (size_t)st.st_size;
	return true;
}

void
sim_replay_fini(struct sim_replay *r)
{
	if (r->head != NULL)
		munmap((void *)(uintptr_t)r->head, r->size);
	memset(r, 0, sizeof(*r));
}

bool
sim_record_init(struct sim_record *r, const char *path)
{
	r->used = 0;
	r->buf = malloc(RECORD_BUF);
	r->fd = sim_real_open(path, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
	if (r->buf != NULL && r->fd >= 0)
		return true;
	sim_record_fini(r);
	return false;
}

void
sim_record_fini(struct sim_record *r)
{
	if (r->fd >= 0 && r->buf != NULL)
		sim_record_flush(r);
	if (r->fd >= 0)
		sim_real_close(r->fd);
	free(r->buf);
	r->buf = NULL;
	r->fd = -1;
}

bool
sim_record_flush(struct sim_record *r)
{
	size_t done = 0;

	while (done < r->used) {
		ssize_t n = write(r->fd, r->buf + done, r->used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done < r->used) {
		sim_model_log("pcap: %zu bytes lost: %s", r->used - done, strerror(errno));
		r->used = 0;
		return false;
	}
	r->used = 0;
	return true;
}

bool
sim_record_put(struct sim_record *r, const void *data, uint32_t len)
{
	struct record_head h = { .caplen = len, .len = len };
	struct timespec ts;

	if (len + sizeof(h) > RECORD_BUF)
		return false;
	if (r->used + len + sizeof(h) > RECORD_BUF && !sim_record_flush(r))
		return false;
	clock_gettime(CLOCK_REALTIME, &ts);
	h.sec = (uint32_t)ts.tv_sec;
	h.usec = (uint32_t)(ts.tv_nsec / 1000);
	memcpy(r->buf + r->used, &h, sizeof(h));
	memcpy(r->buf + r->used + sizeof(h), data, len);
	r->used += sizeof(h) + len;
	return true;
}
