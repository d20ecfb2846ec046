/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* What the NIC saw: a line a port for people, JSON for programs. */

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "host_conf.h"

static uint64_t
violations_of(const struct sim_port_stats *s)
{
	uint64_t n = 0;

	for (unsigned int v = 0; v < SIM_VIOL_NUM; v++)
		n += s->viol[v].count;
	return n;
}

static uint64_t
drops_of(const struct sim_port_stats *s)
{
	uint64_t n = 0;

	for (unsigned int d = 0; d < SIM_DROP_NUM; d++)
		n += s->drops[d];
	return n;
}

void
sim_report_print(const struct sim_state *st)
{
	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		const struct sim_port_stats *s = &st->port[i].stats;
		char pci[32];

		sim_pci_name(i, pci, sizeof(pci));
		sim_say("port %u (%s, %s): %llu frames to the driver, %llu from the driver, %llu dropped, "
			"rules broken %llu times", i, pci, st->conf.port[i].wire.spec,
			(unsigned long long)s->rx_frames, (unsigned long long)s->tx_frames,
			(unsigned long long)drops_of(s), (unsigned long long)violations_of(s));
		for (unsigned int v = 0; v < SIM_VIOL_NUM; v++)
			if (s->viol[v].count != 0)
				sim_say("port %u: rule %s broken %llu times, first: %.*s", i,
					sim_violation_name((enum sim_violation)v),
					(unsigned long long)s->viol[v].count, SIM_VIOL_TEXT - 1,
					s->viol[v].first);
	}
	if (st->iommu.faults != 0)
		sim_say("IOMMU: %llu faults, first: %.*s", (unsigned long long)st->iommu.faults,
			SIM_FAULT_TEXT - 1, st->iommu.first_fault);
}

static json_t *
number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

/* Text that came from a crashed program may be anything. */
static json_t *
text(const char *s, size_t room)
{
	json_t *t = json_stringn(s, strnlen(s, room));

	return t != NULL ? t : json_string("(not text)");
}

static json_t *
queues(const uint64_t *v, unsigned int n)
{
	json_t *a = json_array();

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(a, number(v[i]));
	return a;
}

static json_t *
commands(const struct sim_port_stats *s)
{
	json_t *o = json_object();

	for (unsigned int i = 0; i < SIM_CMD_SLOTS; i++) {
		char name[16];
		json_t *c;

		if (s->cmd[i].opcode == 0)
			continue;
		snprintf(name, sizeof(name), "0x%04x", s->cmd[i].opcode);
		c = json_object();
		json_object_set_new(c, "count", number(s->cmd[i].count));
		json_object_set_new(c, "errors", number(s->cmd[i].errors));
		json_object_set_new(o, name, c);
	}
	return o;
}

static json_t *
violations(const struct sim_port_stats *s)
{
	json_t *o = json_object();

	for (unsigned int v = 0; v < SIM_VIOL_NUM; v++) {
		json_t *c;

		if (s->viol[v].count == 0)
			continue;
		c = json_object();
		json_object_set_new(c, "count", number(s->viol[v].count));
		json_object_set_new(c, "first", text(s->viol[v].first, SIM_VIOL_TEXT));
		json_object_set_new(o, sim_violation_name((enum sim_violation)v), c);
	}
	return o;
}

static json_t *
vfio_user(const struct sim_vfu_stats *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "clients", number(s->clients));
	json_object_set_new(o, "maps", number(s->maps));
	json_object_set_new(o, "unmaps", number(s->unmaps));
	json_object_set_new(o, "resets", number(s->resets));
	json_object_set_new(o, "mapped_at_reset", number(s->mapped_at_reset));
	json_object_set_new(o, "refused", number(s->refused));
	json_object_set_new(o, "first_refused", text(s->first_refused, SIM_FAULT_TEXT));
	json_object_set_new(o, "lost_pages", number(s->lost_pages));
	return o;
}

static json_t *
port_json(const struct sim_state *st, unsigned int i)
{
	const struct sim_port_stats *s = &st->port[i].stats;
	const struct sim_port_conf *pc = &st->conf.port[i];
	json_t *o = json_object(), *drops = json_object(), *bells = json_object();
	char buf[32];

	json_object_set_new(o, "id", number(i));
	sim_pci_name(i, buf, sizeof(buf));
	json_object_set_new(o, "pci", json_string(buf));
	json_object_set_new(o, "wire", text(pc->wire.spec, SIM_SPEC));
	snprintf(buf, sizeof(buf), "0x%04x", pc->dev.device_id);
	json_object_set_new(o, "device_id", json_string(buf));
	json_object_set_new(o, "link", json_string(s->link_up ? "up" : "down"));
	json_object_set_new(o, "rx_frames", number(s->rx_frames));
	json_object_set_new(o, "rx_bytes", number(s->rx_bytes));
	json_object_set_new(o, "tx_frames", number(s->tx_frames));
	json_object_set_new(o, "tx_bytes", number(s->tx_bytes));
	json_object_set_new(o, "rxq_frames", queues(s->rxq_frames, pc->dev.tqps));
	json_object_set_new(o, "txq_frames", queues(s->txq_frames, pc->dev.tqps));
	for (unsigned int d = 0; d < SIM_DROP_NUM; d++)
		json_object_set_new(drops, sim_drop_name((enum sim_drop)d), number(s->drops[d]));
	json_object_set_new(o, "drops", drops);
	json_object_set_new(bells, "rx", number(s->doorbell_rx));
	json_object_set_new(bells, "tx", number(s->doorbell_tx));
	json_object_set_new(o, "doorbells", bells);
	json_object_set_new(o, "interrupts", number(s->interrupts));
	json_object_set_new(o, "commands", commands(s));
	json_object_set_new(o, "violations", violations(s));
	if (st->conf.vfio_user[0] != '\0')
		json_object_set_new(o, "vfio_user", vfio_user(&st->port[i].vfu));
	return o;
}

bool
sim_report_write(const struct sim_state *st, char *err, size_t errlen)
{
	static const char *const modes[] = { "threaded", "exact", "lockstep" };
	json_t *top = json_object(), *ports = json_array(), *mmu = json_object();
	uint64_t total = 0;
	bool ok;

	for (unsigned int i = 0; i < st->conf.nb_ports; i++) {
		json_array_append_new(ports, port_json(st, i));
		total += violations_of(&st->port[i].stats);
	}
	json_object_set_new(mmu, "mapped_bytes", number(st->iommu.mapped_bytes));
	json_object_set_new(mmu, "mapped_bytes_peak", number(st->iommu.mapped_bytes_peak));
	json_object_set_new(mmu, "faults", number(st->iommu.faults));
	json_object_set_new(mmu, "first_fault", text(st->iommu.first_fault, SIM_FAULT_TEXT));
	json_object_set_new(top, "mode", json_string(modes[st->conf.mode]));
	json_object_set_new(top, "ports", ports);
	json_object_set_new(top, "iommu", mmu);
	json_object_set_new(top, "violations", number(total));
	ok = json_dump_file(top, st->conf.report, JSON_INDENT(2)) == 0;
	if (!ok)
		snprintf(err, errlen, "%s cannot be written: %s", st->conf.report, strerror(errno));
	json_decref(top);
	return ok;
}
