/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The launcher's command line. Everything is checked here, before anything is started. */

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host_conf.h"

static const char usage[] =
"usage: hns3-sim [OPTION]... -- COMMAND [ARG...]\n"
"       hns3-sim --vfio-user SOCKET [OPTION]... [-- COMMAND [ARG...]]\n"
"Runs COMMAND, a DPDK program, on simulated hns3 network ports 0000:7d:00.0, .1, ...\n"
"Exits with the status of COMMAND (128 + signal if it was killed, 127 if it cannot be\n"
"executed); 2: wrong option or file.\n"
"\n"
"  --ports N             number of ports, 1 to 8 (default 1)\n"
"  --wire PORT=SPEC      what is at the far end of a port (default loop):\n"
"     loop               frames that the port sends come back to it\n"
"     gen:size=64,flows=256[,count=N]\n"
"                        the port receives UDP frames of so many bytes on the wire, CRC\n"
"                        included (64 is 60 bytes in memory), from so many senders in\n"
"                        turn; what it sends is counted and dropped. Without count at\n"
"                        full speed, dropping what the driver has no room for; with\n"
"                        count exactly N frames, none dropped\n"
"     pcap:rx=FILE,tx=FILE\n"
"                        rx: the frames that the port receives; tx: where those that it\n"
"                        sends are written; either may be left out\n"
"     tap:IFNAME         a TAP device of this name, to be configured by you\n"
"     peer:PORT          frames that this port sends are received by that port\n"
"  --tqps N              queue pairs a port, 1 to 64 (default 16)\n"
"  --device-id ID        0xa221 or 0xa222 (default)\n"
"  --rev REV             PCI revision: 0x21\n"
"  --mode MODE           threaded (default): queue registers are plain memory, fast;\n"
"                        exact: every register access is trapped, doorbell counts are\n"
"                        checked; lockstep: COMMAND drives the model (sim_lockstep.h)\n"
"  --report FILE         write a JSON report\n"
"  --log FILE            write what the model did that is worth a line\n"
"  --until-idle MS       when every pcap and every gen with count has been received and\n"
"                        no frame has moved for MS milliseconds, interrupt the\n"
"                        program on the ports (SIGINT); dying of that counts as status 0\n"
"  --unbound PORT        leave the port without vfio-pci\n"
"  --inject PORT=cmd:OPCODE:retval=N|never[:first=K][:times=K]\n"
"                        the firmware answers the command with N, or never\n"
"  --inject iommu:fail=N MAP_DMA fails with ENOMEM from its Nth call on\n"
"  --vfio-user SOCKET    serve the ports to virtual machines instead: port N is a PCI\n"
"                        device at SOCKET.N, in the mode exact. Ends with COMMAND, or\n"
"                        without one when it is interrupted; then SIGUSR1 takes the\n"
"                        carrier away from all ports, and SIGUSR2 gives it back\n"
"  --help                this text\n";

void
sim_say(const char *fmt, ...)
{
	va_list ap;

	fputs("hns3-sim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

static void
wrong(const char *fmt, ...)
{
	va_list ap;

	fputs("hns3-sim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	exit(2);
}

static uint64_t
number(const char *opt, const char *s, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (!sim_parse_u64(s, min, max, &v))
		wrong("--%s '%s': a number from %llu to %llu is wanted", opt, s,
			(unsigned long long)min, (unsigned long long)max);
	return v;
}

static void
path(const char *opt, const char *s, char *dst)
{
	if (*s == '\0' || strlen(s) >= SIM_PATH)
		wrong("--%s '%s': a file name of 1 to %d letters is wanted", opt, s, SIM_PATH - 1);
	strcpy(dst, s);
}

/* "PORT=REST": the port; *rest is set behind the '='. */
static unsigned int
port_of(const char *opt, const char *s, unsigned int nb_ports, const char **rest)
{
	const char *eq = strchr(s, '=');
	char buf[24];
	uint64_t v;

	if (eq == NULL || (size_t)(eq - s) >= sizeof(buf) || eq == s)
		wrong("--%s '%s': PORT=... is wanted, such as 0=...", opt, s);
	memcpy(buf, s, eq - s);
	buf[eq - s] = '\0';
	if (!sim_parse_u64(buf, 0, nb_ports - 1, &v))
		wrong("--%s '%s': no port '%s'; --ports %u gives ports 0 to %u", opt, s, buf, nb_ports,
			nb_ports - 1);
	*rest = eq + 1;
	return (unsigned int)v;
}

static bool mode_given;

static void
opt_mode(struct sim_conf *conf, const char *s)
{
	mode_given = true;
	if (strcmp(s, "threaded") == 0)
		conf->mode = SIM_MODE_THREADED;
	else if (strcmp(s, "exact") == 0)
		conf->mode = SIM_MODE_EXACT;
	else if (strcmp(s, "lockstep") == 0)
		conf->mode = SIM_MODE_LOCKSTEP;
	else
		wrong("--mode '%s': threaded, exact or lockstep is wanted", s);
}

static void
opt_wire(struct sim_conf *conf, const char *s)
{
	char err[SIM_SPEC + 128];
	const char *spec;
	unsigned int p = port_of("wire", s, conf->nb_ports, &spec);

	if (!sim_wire_parse(spec, p, conf->nb_ports, &conf->port[p].wire, err, sizeof(err)))
		wrong("--wire %s: %s", s, err);
}

static void
opt_inject_cmd(struct sim_conf *conf, const char *whole)
{
	static const char form[] = "PORT=cmd:OPCODE:retval=N|never[:first=K][:times=K]";
	const char *rest;
	struct sim_dev_cfg *cfg = &conf->port[port_of("inject", whole, conf->nb_ports, &rest)].dev;
	struct sim_inject *in;
	char buf[128], *s = buf, *word;
	uint64_t v;

	if (strncmp(rest, "cmd:", 4) != 0 || strlen(rest) >= sizeof(buf))
		wrong("--inject '%s': %s or iommu:fail=N is wanted", whole, form);
	if (cfg->nb_inject == SIM_MAX_INJECT)
		wrong("--inject '%s': more than %d for one port", whole, SIM_MAX_INJECT);
	in = &cfg->inject[cfg->nb_inject++];
	in->first = 1;
	strcpy(buf, rest + 4);
	word = strsep(&s, ":");
	if (!sim_parse_u64(word, 1, UINT16_MAX, &v))
		wrong("--inject '%s': '%s' is no opcode; %s is wanted", whole, word, form);
	in->opcode = (uint16_t)v;
	word = strsep(&s, ":");
	if (word != NULL && strcmp(word, "never") == 0)
		in->never = true;
	else if (word != NULL && strncmp(word, "retval=", 7) == 0 &&
			sim_parse_u64(word + 7, 0, UINT16_MAX, &v))
		in->retval = (uint16_t)v;
	else
		wrong("--inject '%s': '%s' is neither retval=N nor never; %s is wanted", whole,
			word ? word : "", form);
	while ((word = strsep(&s, ":")) != NULL) {
		if (strncmp(word, "first=", 6) == 0 && sim_parse_u64(word + 6, 1, UINT32_MAX, &v))
			in->first = (uint32_t)v;
		else if (strncmp(word, "times=", 6) == 0 && sim_parse_u64(word + 6, 1, UINT32_MAX, &v))
			in->times = (uint32_t)v;
		else
			wrong("--inject '%s': '%s' is neither first=K nor times=K", whole, word);
	}
}

static void
opt_inject(struct sim_conf *conf, const char *s)
{
	uint64_t v;

	if (strncmp(s, "iommu:", 6) != 0) {
		opt_inject_cmd(conf, s);
		return;
	}
	if (strncmp(s, "iommu:fail=", 11) != 0 || !sim_parse_u64(s + 11, 1, UINT64_MAX, &v))
		wrong("--inject '%s': iommu:fail=N is wanted, with N of 1 or more", s);
	conf->iommu_fail_from = v;
}

enum {
	O_PORTS = 256, O_WIRE, O_TQPS, O_DEVICE, O_REV, O_MODE, O_REPORT, O_LOG, O_IDLE, O_UNBOUND,
	O_INJECT, O_VFIO_USER, O_HELP,
};

static const struct option longopts[] = {
	{ "ports", required_argument, NULL, O_PORTS },
	{ "wire", required_argument, NULL, O_WIRE },
	{ "tqps", required_argument, NULL, O_TQPS },
	{ "device-id", required_argument, NULL, O_DEVICE },
	{ "rev", required_argument, NULL, O_REV },
	{ "mode", required_argument, NULL, O_MODE },
	{ "report", required_argument, NULL, O_REPORT },
	{ "log", required_argument, NULL, O_LOG },
	{ "until-idle", required_argument, NULL, O_IDLE },
	{ "unbound", required_argument, NULL, O_UNBOUND },
	{ "inject", required_argument, NULL, O_INJECT },
	{ "vfio-user", required_argument, NULL, O_VFIO_USER },
	{ "help", no_argument, NULL, O_HELP },
	{ NULL, 0, NULL, 0 },
};

static void
defaults(struct sim_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->nb_ports = 1;
	for (unsigned int i = 0; i < SIM_MAX_PORTS; i++) {
		struct sim_port_conf *p = &conf->port[i];
		const uint8_t mac[6] = { 0x02, 0x18, 0x2d, 0x7d, 0x00, (uint8_t)i };

		p->dev.port = i;
		p->dev.device_id = 0xa222;
		p->dev.revision = 0x21;
		p->dev.tqps = 16;
		memcpy(p->dev.mac, mac, sizeof(mac));
		strcpy(p->wire.spec, "loop");
	}
}

/* Options that stand for all ports. */
static void
option_global(struct sim_conf *conf, int c, const char *arg)
{
	uint64_t v;

	switch (c) {
	case O_PORTS:
		conf->nb_ports = (unsigned int)number("ports", arg, 1, SIM_MAX_PORTS);
		break;
	case O_TQPS:
		v = number("tqps", arg, 1, SIM_MAX_TQPS);
		for (unsigned int i = 0; i < SIM_MAX_PORTS; i++)
			conf->port[i].dev.tqps = (unsigned int)v;
		break;
	case O_DEVICE:
		if (!sim_parse_u64(arg, 0xa221, 0xa222, &v))
			wrong("--device-id '%s': device 0xa221 or 0xa222 is wanted", arg);
		for (unsigned int i = 0; i < SIM_MAX_PORTS; i++)
			conf->port[i].dev.device_id = (uint16_t)v;
		break;
	case O_REV:
		if (!sim_parse_u64(arg, 0x21, 0x21, &v))
			wrong("--rev '%s': the only revision modelled is 0x21 (HIP08)", arg);
		break;
	case O_MODE:
		opt_mode(conf, arg);
		break;
	case O_REPORT:
		path("report", arg, conf->report);
		break;
	case O_LOG:
		path("log", arg, conf->log);
		break;
	case O_IDLE:
		conf->until_idle_ms = (uint32_t)number("until-idle", arg, 1, 86400000);
		break;
	case O_VFIO_USER:
		if (*arg == '\0' || strlen(arg) > SIM_SOCKET_NAME)
			wrong("--vfio-user '%s': a name of 1 to %d letters is wanted", arg, SIM_SOCKET_NAME);
		strcpy(conf->vfio_user, arg);
		break;
	case O_HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		break;
	}
}

/* Options that name a port: read when the number of ports is known. */
static void
option_port(struct sim_conf *conf, int c, const char *arg)
{
	switch (c) {
	case O_WIRE:
		opt_wire(conf, arg);
		break;
	case O_INJECT:
		opt_inject(conf, arg);
		break;
	case O_UNBOUND:
		conf->port[number("unbound", arg, 0, conf->nb_ports - 1)].unbound = true;
		break;
	default:
		break;
	}
}

static void
parse_all(int argc, char **argv, struct sim_conf *conf, void (*take)(struct sim_conf *, int,
		const char *))
{
	int c;

	optind = 0; /* GNU: start again */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", longopts, NULL)) != -1) {
		const char *word = argv[optind - 1];

		if (c == ':')
			wrong("option %s needs an argument; see hns3-sim --help", word);
		if (c == '?')
			wrong("unknown option %s; see hns3-sim --help", word);
		take(conf, c, optarg);
	}
}

/* Two wires that cannot be true together. */
static void
check_together(const struct sim_conf *conf)
{
	for (unsigned int i = 0; i < conf->nb_ports; i++) {
		const struct sim_wire_conf *a = &conf->port[i].wire;

		for (unsigned int j = 0; j < i; j++) {
			const struct sim_wire_conf *b = &conf->port[j].wire;

			if (a->kind == SIM_WIRE_TAP && b->kind == SIM_WIRE_TAP &&
					strcmp(a->ifname, b->ifname) == 0)
				wrong("--wire: ports %u and %u both want the tap %s", j, i, a->ifname);
			if (a->tx[0] != '\0' && strcmp(a->tx, b->tx) == 0)
				wrong("--wire: ports %u and %u both write the file %s", j, i, a->tx);
		}
		if (a->rx[0] != '\0' && strcmp(a->rx, a->tx) == 0)
			wrong("--wire: port %u would overwrite the file %s that it reads", i, a->rx);
	}
}

/* What a program on the ports would need means nothing to a virtual machine. */
static void
check_vfio_user(struct sim_conf *conf)
{
	if (mode_given && conf->mode != SIM_MODE_EXACT)
		wrong("--vfio-user: every register access is an event there: no --mode but exact");
	if (conf->until_idle_ms != 0)
		wrong("--until-idle: not with --vfio-user, where the guest decides when it ends");
	if (conf->iommu_fail_from != 0)
		wrong("--inject iommu: not with --vfio-user, where the guest has an IOMMU of its own");
	for (unsigned int i = 0; i < conf->nb_ports; i++)
		if (conf->port[i].unbound)
			wrong("--unbound: not with --vfio-user, where the guest binds drivers");
	conf->mode = SIM_MODE_EXACT;
}

int
sim_options(int argc, char **argv, struct sim_conf *conf)
{
	defaults(conf);
	parse_all(argc, argv, conf, option_global);
	parse_all(argc, argv, conf, option_port);
	if (conf->vfio_user[0] != '\0')
		check_vfio_user(conf);
	for (unsigned int i = 0; i < SIM_MAX_PORTS; i++)
		conf->port[i].dev.mode = conf->mode;
	check_together(conf);
	if (optind >= argc && conf->vfio_user[0] == '\0')
		wrong("no COMMAND to run; usage: hns3-sim [OPTION]... -- COMMAND [ARG...]; see hns3-sim --help");
	return optind;
}
