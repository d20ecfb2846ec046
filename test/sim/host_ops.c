/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/*
 * What the ports need whatever carries their registers: the answers to what a device asks of
 * its host, the wires, and one turn of the model. Shared by the preload library and by the
 * server of vfio-user.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host_model.h"

#define BUDGET 32u /* frames of one port in one turn */

struct sim_model sim_model = { .log_fd = -1 };

/* --- what a device asks of its host ------------------------------------------------------ */

static void
fault(const struct sim_port *p, uint64_t iova, uint64_t len, const char *what)
{
	struct sim_iommu_stats *s = &sim_model.state->iommu;
	char text[SIM_FAULT_TEXT];

	snprintf(text, sizeof(text), "port %u: %s of %llu bytes at IOVA 0x%llx", p->id, what,
		(unsigned long long)len, (unsigned long long)iova);
	if (s->faults++ == 0)
		memcpy(s->first_fault, text, sizeof(text));
	if (s->faults <= 100)
		sim_model_log("IOMMU fault: %s", text);
}

static void *
op_dma(void *host, uint64_t iova, uint32_t len, bool write)
{
	struct sim_port *p = host;
	void *mem = NULL;

	if (__builtin_expect(p->container != NULL, 1))
		mem = sim_iommu_lookup(&p->container->iommu, iova, len,
			write ? SIM_IOMMU_WRITE : SIM_IOMMU_READ);
	if (__builtin_expect(mem == NULL, 0))
		fault(p, iova, len, write ? "write" : "read");
	return mem;
}

/* Copy in pieces, each inside one page: neighbours in IOVA need not be so in memory. */
static bool
copy(struct sim_port *p, uint64_t iova, void *rd, const void *wr, uint32_t len)
{
	while (len != 0) {
		uint32_t n = SIM_IOMMU_PAGE - (uint32_t)(iova % SIM_IOMMU_PAGE);
		uint8_t *mem;

		if (n > len)
			n = len;
		mem = op_dma(p, iova, n, wr != NULL);
		if (mem == NULL)
			return false;
		if (wr != NULL) {
			memcpy(mem, wr, n);
			wr = (const uint8_t *)wr + n;
		} else {
			memcpy(rd, mem, n);
			rd = (uint8_t *)rd + n;
		}
		iova += n;
		len -= n;
	}
	return true;
}

static bool
op_dma_read(void *host, uint64_t iova, void *dst, uint32_t len)
{
	return copy(host, iova, dst, NULL, len);
}

static bool
op_dma_write(void *host, uint64_t iova, const void *src, uint32_t len)
{
	return copy(host, iova, NULL, src, len);
}

static void
op_irq(void *host, unsigned int vector)
{
	struct sim_port *p = host;
	const uint64_t one = 1;

	if (vector < SIM_MAX_VECTORS && p->irq_fd[vector] >= 0 &&
			write(p->irq_fd[vector], &one, sizeof(one)) < 0 && errno != EAGAIN)
		sim_model_log("port %u: vector %u: %s", p->id, vector, strerror(errno));
}

static unsigned int
op_wire_rx_peek(void *host, struct sim_frame *f, unsigned int n)
{
	return sim_wire_peek(&((struct sim_port *)host)->wire, f, n);
}

static void
op_wire_rx_done(void *host, unsigned int n)
{
	sim_wire_done(&((struct sim_port *)host)->wire, n);
}

static bool
op_wire_lossless(void *host)
{
	return sim_wire_lossless(&((struct sim_port *)host)->wire);
}

static bool
op_wire_tx(void *host, const void *data, uint32_t len)
{
	return sim_wire_tx(&((struct sim_port *)host)->wire, data, len);
}

static bool
op_wire_link(void *host)
{
	const struct sim_wire *w = &((struct sim_port *)host)->wire;

	return w->ready && !w->unplugged;
}

static void
log_line(const char *fmt, va_list ap)
{
	char line[512];
	struct timespec ts;
	int n, m;

	if (sim_model.log_fd < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	n = snprintf(line, sizeof(line), "%lld.%06ld ", (long long)ts.tv_sec, ts.tv_nsec / 1000);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	if (m > 0)
		n += m < (int)sizeof(line) - n - 1 ? m : (int)sizeof(line) - n - 2;
	line[n++] = '\n';
	if (write(sim_model.log_fd, line, (size_t)n) < 0)
		sim_model.log_fd = -1;
}

static void op_log(void *host, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
op_log(void *host, const char *fmt, ...)
{
	char with_port[400];
	va_list ap;

	if (sim_model.log_fd < 0)
		return;
	snprintf(with_port, sizeof(with_port), "port %u: %s", ((struct sim_port *)host)->id, fmt);
	va_start(ap, fmt);
	log_line(with_port, ap);
	va_end(ap);
}

void
sim_model_log(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

static void *
op_dma_span(void *host, uint64_t iova, bool write, uint64_t *start, uint64_t *end)
{
	struct sim_port *p = host;

	if (p->container == NULL)
		return NULL;
	return sim_iommu_span(&p->container->iommu, iova, write ? SIM_IOMMU_WRITE : SIM_IOMMU_READ,
		start, end);
}

const struct sim_host_ops sim_host_ops = {
	.dma = op_dma,
	.dma_read = op_dma_read,
	.dma_write = op_dma_write,
	.dma_span = op_dma_span,
	.irq = op_irq,
	.wire_rx_peek = op_wire_rx_peek,
	.wire_rx_done = op_wire_rx_done,
	.wire_lossless = op_wire_lossless,
	.wire_tx = op_wire_tx,
	.wire_link = op_wire_link,
	.log = op_log,
};

void
sim_model_forget_dma(void)
{
	for (unsigned int i = 0; i < sim_model.nb_ports; i++)
		if (sim_model.port[i].dev != NULL)
			sim_dev_iotlb_flush(sim_model.port[i].dev);
}

/* --- ports and wires ----------------------------------------------------------------------- */

void
sim_model_init_port(unsigned int i)
{
	struct sim_port *p = &sim_model.port[i];

	p->id = i;
	p->conf = &sim_model.state->conf.port[i];
	p->state = &sim_model.state->port[i];
	p->memfd = -1;
	for (unsigned int v = 0; v < SIM_MAX_VECTORS; v++)
		p->irq_fd[v] = -1;
	sim_pci_init(&p->cfg, &p->conf->dev);
}

bool
sim_model_make_wires(void)
{
	char err[SIM_PATH];

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		struct sim_port *p = &sim_model.port[i];

		if (p->wire.ready)
			continue;
		if (!sim_wire_init(&p->wire, p, &p->conf->wire, err, sizeof(err))) {
			fprintf(stderr, "hns3-sim: port %u: %s\n", i, err);
			return false;
		}
	}
	return true;
}

unsigned int
sim_model_turn(void)
{
	unsigned int moved = 0;

	for (unsigned int i = 0; i < sim_model.nb_ports; i++) {
		struct sim_port *p = &sim_model.port[i];

		if (!p->dev_open)
			continue;
		moved += sim_wire_turn(&p->wire);
		moved += sim_dev_poll(p->dev, BUDGET);
	}
	for (unsigned int i = 0; i < sim_model.nb_ports; i++)
		if (sim_model.port[i].wire.ready)
			sim_wire_flush(&sim_model.port[i].wire);
	return moved;
}
