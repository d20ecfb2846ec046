/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Workloads as words. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "pmd_perf.h"

static const char *const modes[PMD_MODES] = {
	[PMD_RXONLY] = "rxonly", [PMD_TXONLY] = "txonly", [PMD_FWD] = "fwd",
	[PMD_MACSWAP] = "macswap",
};

static const struct pmd_workload defaults = {
	.size = 64, .burst = 32, .ring = 1024, .queues = 1, .busy = 0, .cores = 1,
};

static const struct key {
	const char *name;
	size_t at;
	uint32_t min, max;
} keys[] = {
#define KEY(n, min, max) { #n, offsetof(struct pmd_workload, n), min, max }
	KEY(size, 64, 9018),
	KEY(burst, 1, PMD_BURST_MAX),
	KEY(ring, 128, 32760),
	KEY(queues, 1, PMD_QUEUES_MAX),
	KEY(busy, 0, 1),
	KEY(hold, 0, 1u << 20),
	KEY(fast_free, 0, 1),
	KEY(csum, 0, PMD_CSUM_RXTX),
	KEY(rss, 0, 1),
	KEY(remote, 0, 1),
	KEY(cores, 1, PMD_CORES_MAX),
#undef KEY
};

/* One thing at a time differs from the first of each mode. */
const char *const pmd_spec_all[] = {
	"rxonly", "txonly", "fwd", "macswap",
	"rxonly,size=256", "txonly,size=256", "fwd,size=256", "macswap,size=256",
	"rxonly,size=1518", "txonly,size=1518", "fwd,size=1518", "macswap,size=1518",
	"rxonly,size=9000", "txonly,size=9000", "fwd,size=9000", "macswap,size=9000",
	"rxonly,burst=8", "txonly,burst=8", "fwd,burst=8", "macswap,burst=8",
	"rxonly,burst=64", "txonly,burst=64", "fwd,burst=64", "macswap,burst=64",
	"rxonly,ring=256", "txonly,ring=256", "fwd,ring=256", "macswap,ring=256",
	"rxonly,ring=4096", "txonly,ring=4096", "fwd,ring=4096", "macswap,ring=4096",
	"txonly,fast_free=1", "fwd,fast_free=1", "macswap,fast_free=1", "fwd,size=9000,fast_free=1",
	"rxonly,csum=1", "fwd,csum=1", "macswap,csum=1",
	"txonly,csum=2", "fwd,csum=2", "macswap,csum=2",
	"rxonly,rss=1", "fwd,rss=1", "fwd,csum=1,rss=1",
	"rxonly,hold=1024", "rxonly,hold=16384", "fwd,hold=1024", "fwd,hold=16384",
	"rxonly,remote=1", "rxonly,remote=1,hold=1024", "fwd,remote=1",
	"fwd,queues=2", "fwd,queues=4", "fwd,queues=16", "fwd,queues=64",
	"fwd,queues=4,busy=1", "fwd,queues=16,busy=1", "fwd,queues=64,busy=1",
	"rxonly,queues=2,cores=2", "fwd,queues=2,cores=2", "fwd,queues=4,cores=2",
	"fwd,queues=16,cores=2", "fwd,queues=64,cores=2", "fwd,queues=64,cores=2,busy=1",
	NULL
};

const char *const pmd_spec_quick[] = {
	"rxonly,ring=256", "txonly,ring=256", "fwd,ring=256", "macswap,ring=256,hold=1024",
	"fwd,ring=256,size=9000", "fwd,ring=256,csum=2", "fwd,ring=256,fast_free=1",
	"rxonly,ring=256,remote=1", "fwd,ring=256,queues=4,busy=1",
	"fwd,ring=256,queues=2,cores=2",
	NULL
};

static bool
set(struct pmd_workload *w, const char *word, char *err, size_t size)
{
	const char *eq = strchr(word, '=');
	unsigned int i;
	unsigned long v;
	char *end;

	for (i = 0; i < PMD_MODES; i++) {
		if (strcmp(word, modes[i]) == 0) {
			w->mode = i;
			return true;
		}
	}
	for (i = 0; eq != NULL && i < RTE_DIM(keys); i++) {
		if (strlen(keys[i].name) != (size_t)(eq - word) ||
				strncmp(word, keys[i].name, eq - word) != 0)
			continue;
		v = strtoul(eq + 1, &end, 10);
		if (end == eq + 1 || *end != '\0' || v < keys[i].min || v > keys[i].max) {
			snprintf(err, size, "%s: from %u to %u", word, keys[i].min, keys[i].max);
			return false;
		}
		*(uint32_t *)((char *)w + keys[i].at) = v;
		return true;
	}
	snprintf(err, size, "%s: neither a mode nor a parameter", word);
	return false;
}

/* What does not go together. */
static bool
check(const struct pmd_workload *w, char *err, size_t size)
{
	if (w->ring % 32 != 0 || w->ring < 2 * w->burst)
		snprintf(err, size, "ring=%u: a multiple of 32, at least two bursts", w->ring);
	else if (w->cores > w->queues)
		snprintf(err, size, "cores=%u: a queue is polled by one core only, so one core would have"
			" nothing to do: queues=%u at least", w->cores, w->cores);
	else if (w->mode == PMD_TXONLY && w->queues > w->cores)
		snprintf(err, size, "queues=%u: txonly sends on one queue of each core", w->queues);
	else if (w->cores > 1 && w->remote)
		snprintf(err, size, "cores=%u: each frees and sends what it received, not with remote=1",
			w->cores);
	else
		return true;
	return false;
}

bool
pmd_spec_parse(const char *s, struct pmd_workload *w, char *err, size_t size)
{
	char buf[PMD_NAME_MAX * 2], *at = buf, *word;

	*w = defaults;
	w->mode = PMD_FWD;
	if (strlen(s) >= sizeof(buf)) {
		snprintf(err, size, "too long");
		return false;
	}
	strcpy(buf, s);
	while ((word = strsep(&at, ",")) != NULL)
		if (!set(w, word, err, size))
			return false;
	return check(w, err, size);
}

void
pmd_spec_name(const struct pmd_workload *w, bool all, char *buf, size_t size)
{
	size_t n = snprintf(buf, size, "%s", modes[w->mode]);
	unsigned int i;

	for (i = 0; i < RTE_DIM(keys); i++) {
		uint32_t v = *(const uint32_t *)((const char *)w + keys[i].at);
		uint32_t d = *(const uint32_t *)((const char *)&defaults + keys[i].at);

		if ((all || v != d) && n < size)
			n += snprintf(buf + n, size - n, ",%s=%u", keys[i].name, v);
	}
}
