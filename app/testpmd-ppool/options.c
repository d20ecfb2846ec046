/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* The command line. One table says what an option is called, what it takes, what it does
 * and how --help describes it, so that these cannot differ.
 */

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "testpmd_ppool.h"

struct opt_desc;
typedef int (*opt_set)(struct options *opt, const struct opt_desc *d, const char *val);

struct opt_desc {
	const char *name;
	const char *arg; /* NULL: takes none */
	opt_set set;
	size_t at;       /* where a number goes */
	uint64_t min;    /* for a flag: its value */
	uint64_t max;
	const char *help;
};

static int
set_number(struct options *opt, const struct opt_desc *d, const char *val)
{
	uint64_t n;

	if (options_number(d->name, val, d->min, d->max, &n) != 0)
		return -1;
	*(uint32_t *)((char *)opt + d->at) = n;
	return 0;
}

static int
set_mask(struct options *opt, const struct opt_desc *d, const char *val)
{
	return options_mask(d->name, val, (uint64_t *)((char *)opt + d->at));
}

static int
set_flag(struct options *opt, const struct opt_desc *d, const char *val)
{
	*(uint32_t *)((char *)opt + d->at) = d->min;
	return 0;
}

static int
set_nothing(struct options *opt, const struct opt_desc *d, const char *val)
{
	return 0;
}

static int
set_interactive(struct options *opt, const struct opt_desc *d, const char *val)
{
	app_err("--interactive: there is no prompt here; forwarding starts at once and ends by "
		"--duration or SIGINT (Ctrl-C)");
	return -1;
}

static int
set_mode(struct options *opt, const struct opt_desc *d, const char *val)
{
	opt->engine = streams_engine(val);
	if (opt->engine != NULL)
		return 0;
	app_err("--%s=%s: must be one of %s", d->name, val, streams_engine_names());
	return -1;
}

/* d->arg is the list of words, and the value is the place in it. */
static int
set_word(struct options *opt, const struct opt_desc *d, const char *val)
{
	const char *w = d->arg;
	size_t len = strlen(val);
	uint32_t n;

	for (n = 0; w != NULL; n++) {
		if (len > 0 && strncmp(w, val, len) == 0 && (w[len] == '|' || w[len] == '\0')) {
			*(uint32_t *)((char *)opt + d->at) = n;
			return 0;
		}
		w = strchr(w, '|');
		if (w != NULL)
			w++;
	}
	app_err("--%s=%s: must be one of %s", d->name, val, d->arg);
	return -1;
}

static int
set_rss(struct options *opt, const struct opt_desc *d, const char *val)
{
	opt->rss_hf = d->min;
	return 0;
}

static int
set_rx_offload(struct options *opt, const struct opt_desc *d, const char *val)
{
	opt->rx_offloads |= d->min;
	return 0;
}

static int
set_tx_offloads(struct options *opt, const struct opt_desc *d, const char *val)
{
	opt->tx_offloads_given = true;
	return options_mask(d->name, val, &opt->tx_offloads);
}

static int
set_txpkts(struct options *opt, const struct opt_desc *d, const char *val)
{
	return options_txpkts(opt, d->name, val);
}

static int
set_eth_peer(struct options *opt, const struct opt_desc *d, const char *val)
{
	return options_eth_peer(opt, d->name, val);
}

static int
set_page_size(struct options *opt, const struct opt_desc *d, const char *val)
{
	if (set_number(opt, d, val) != 0)
		return -1;
	if (rte_is_power_of_2(opt->page_size))
		return 0;
	app_err("--%s=%s: a page is a power of two from %u to %u bytes", d->name, val,
		RTE_PPOOL_PAGE_MIN, RTE_PPOOL_PAGE_MAX);
	return -1;
}

static int
set_frag_size(struct options *opt, const struct opt_desc *d, const char *val)
{
	if (set_number(opt, d, val) != 0)
		return -1;
	if (opt->frag_size % RTE_CACHE_LINE_SIZE == 0)
		return 0;
	app_err("--%s=%s: a fragment is a multiple of the cache line, %u bytes", d->name, val,
		RTE_CACHE_LINE_SIZE);
	return -1;
}

#define AT(field) offsetof(struct options, field)
#define NUMBER(name, field, min, max, help) { name, "N", set_number, AT(field), min, max, help }
#define FLAG(name, field, value, help) { name, NULL, set_flag, AT(field), value, 0, help }
#define RSS(name, value, help) { name, NULL, set_rss, 0, value, 0, help }
#define RX_OFFLOAD(name, value, help) { name, NULL, set_rx_offload, 0, value, 0, help }

static const struct opt_desc table[] = {
	{ "forward-mode", "io|mac|macswap|rxonly|txonly", set_mode, 0, 0, 0,
		"how to forward (io)" },
	{ "port-topology", "paired|chained|loop", set_word, AT(topology), 0, 0,
		"which port sends what another received (paired)" },
	NUMBER("nb-cores", nb_cores, 1, RTE_MAX_LCORE, "forwarding lcores (1)"),
	{ "coremask", "MASK", set_mask, AT(coremask), 0, 0,
		"hexadecimal mask of the forwarding lcores" },
	NUMBER("nb-ports", nb_ports, 1, RTE_MAX_ETHPORTS, "forward on the first N ports (all)"),
	{ "portmask", "MASK", set_mask, AT(portmask), 0, 0,
		"hexadecimal mask of the ports to forward on" },
	NUMBER("rxq", rxq, 1, UINT16_MAX, "Rx queues of a port (1)"),
	NUMBER("txq", txq, 1, UINT16_MAX, "Tx queues of a port (1)"),
	NUMBER("rxd", rxd, 1, UINT16_MAX, "descriptors of an Rx ring (as the driver prefers)"),
	NUMBER("txd", txd, 1, UINT16_MAX, "descriptors of a Tx ring (as the driver prefers)"),
	NUMBER("burst", burst, 1, BURST_MAX, "packets of a burst (32)"),
	NUMBER("max-pkt-len", max_pkt_len, RTE_ETHER_MIN_LEN, UINT16_MAX,
		"longest frame, CRC included; sets the MTU"),
	FLAG("tx-first", tx_first, 1, "send one burst on each stream before forwarding"),
	{ "txpkts", "X[,Y...]", set_txpkts, 0, 0, 0,
		"lengths of the segments of the packets of txonly and --tx-first (64)" },
	FLAG("txonly-multi-flow", multi_flow, 1, "let the source address of these packets vary"),
	{ "eth-peer", "PORT,MAC", set_eth_peer, 0, 0, 0,
		"address of a port's peer, for mac and txonly (02:00:00:00:00:PORT)" },
	RSS("rss-ip", RTE_ETH_RSS_IP, "spread over the Rx queues by IP addresses (default)"),
	RSS("rss-udp", RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP, "by IP addresses and UDP ports"),
	RSS("disable-rss", 0, "do not spread"),
	RX_OFFLOAD("enable-rx-cksum", RTE_ETH_RX_OFFLOAD_CHECKSUM, "check IP, UDP, TCP checksums"),
	RX_OFFLOAD("enable-scatter", RTE_ETH_RX_OFFLOAD_SCATTER,
		"let a frame span buffers (done by itself where --max-pkt-len needs it)"),
	{ "rx-offloads", "MASK", set_mask, AT(rx_offloads), 0, 0,
		"hexadecimal mask of RTE_ETH_RX_OFFLOAD bits" },
	{ "tx-offloads", "MASK", set_tx_offloads, 0, 0, 0,
		"hexadecimal mask of RTE_ETH_TX_OFFLOAD bits (MBUF_FAST_FREE)" },
	FLAG("numa", numa, 1, "memory from the NUMA node of the port (default)"),
	FLAG("no-numa", numa, 0, "memory from one NUMA node for all ports"),
	NUMBER("socket-num", socket_num, 0, RTE_MAX_NUMA_NODES - 1, "memory from NUMA node N only"),
	{ "pool", "ppool|mempool", set_word, AT(pool), 0, 0, "kind of buffer pool (ppool)" },
	{ "ppool-page-size", "BYTES", set_page_size, AT(page_size), RTE_PPOOL_PAGE_MIN,
		RTE_PPOOL_PAGE_MAX, "page of a ppool, a power of two (65536, or 131072 if frames are\n"
		"                              longer than a fragment)" },
	{ "ppool-frag-size", "BYTES", set_frag_size, AT(frag_size), RTE_PKTMBUF_HEADROOM + 1,
		UINT16_MAX, "fragment of a page, headroom included (2048; longer frames\n"
		"                              take neighbouring ones)" },
	NUMBER("mbuf-size", mbuf_size, RTE_PKTMBUF_HEADROOM + 1, UINT16_MAX,
		"buffer of a mempool, headroom included (2176)"),
	NUMBER("mbcache", mbcache, 0, RTE_MEMPOOL_CACHE_MAX_SIZE,
		"cache of a mempool for each lcore (250)"),
	NUMBER("total-num-mbufs", total_num_mbufs, 1, RTE_PPOOL_FRAGS_MAX,
		"buffers of a pool (as the rings need)"),
	FLAG("flush-rx", flush_rx, 1, "throw away what was received before forwarding starts"),
	FLAG("no-flush-rx", flush_rx, 0, "forward it (default; dpdk-testpmd flushes by default, which\n"
		"                              loses the head of a finite source such as a pcap)"),
	FLAG("no-lsc-interrupt", lsc, 0, "no interrupt when a link changes"),
	FLAG("disable-link-check", link_check, 0, "do not wait for the links at the start"),
	NUMBER("stats-period", stats_period, 1, 86400, "a line of rates a port every N seconds"),
	FLAG("record-core-cycles", record_cycles, 1, "measure CPU cycles per packet"),
	FLAG("record-burst-stats", record_bursts, 1, "show how large the bursts were"),
	{ "duration", "SECONDS", set_number, AT(duration), 1, 31536000, "end after so long (never)" },
	{ "auto-start", NULL, set_nothing, 0, 0, 0, "accepted: forwarding always starts at once" },
	{ "interactive", NULL, set_interactive, 0, 0, 0, NULL },
};

static void
help(void)
{
	char left[64];
	size_t i;

	printf("Usage: testpmd-ppool [EAL options] -- [options]\n\n"
		"Forwards packets between ports, with buffers of a page pool. Options are those of\n"
		"dpdk-testpmd; what is in brackets is the default. Ends by SIGINT (Ctrl-C).\n\n");
	for (i = 0; i < RTE_DIM(table); i++) {
		const struct opt_desc *d = &table[i];

		if (d->help == NULL)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", d->name, d->arg != NULL ? "=" : "",
			d->arg != NULL ? d->arg : "");
		if (strlen(left) > 27)
			printf("  %s\n%30s%s\n", left, "", d->help);
		else
			printf("  %-27s %s\n", left, d->help);
	}
	printf("  %-27s %s\n", "-a, -h, --help", "as --auto-start; this text");
}

static void
defaults(struct options *opt)
{
	unsigned int i;

	memset(opt, 0, sizeof(*opt));
	opt->engine = &fwd_io;
	opt->rxq = opt->txq = 1;
	opt->burst = 32;
	opt->mbcache = 250;
	opt->numa = 1;
	opt->socket_num = UINT32_MAX;
	opt->lsc = 1;
	opt->link_check = 1;
	opt->rss_hf = RTE_ETH_RSS_IP;
	opt->tx_offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	opt->txpkt_len[0] = 64;
	opt->nb_txpkts = 1;
	for (i = 0; i < RTE_MAX_ETHPORTS; i++) {
		opt->peer[i].addr_bytes[0] = RTE_ETHER_LOCAL_ADMIN_ADDR;
		opt->peer[i].addr_bytes[5] = i;
	}
}

/* Options that say nothing together. */
static int
check_together(const struct options *opt, const bool *given)
{
	size_t i;

	for (i = 0; i < RTE_DIM(table); i++) {
		const char *name = table[i].name;

		if (!given[i])
			continue;
		if (opt->pool == POOL_MEMPOOL && strncmp(name, "ppool-", 6) == 0) {
			app_err("--%s: means nothing with --pool=mempool (there: --mbuf-size)", name);
			return -1;
		}
		if (opt->pool == POOL_PPOOL &&
				(strcmp(name, "mbuf-size") == 0 || strcmp(name, "mbcache") == 0)) {
			app_err("--%s: means nothing with --pool=ppool (there: --ppool-frag-size)",
				name);
			return -1;
		}
	}
	if (opt->page_size != 0 && opt->frag_size > opt->page_size) {
		app_err("--ppool-frag-size=%u: larger than the page, --ppool-page-size=%u",
			opt->frag_size, opt->page_size);
		return -1;
	}
	return 0;
}

static int
bad_option(int c, char *const *argv)
{
	const char *word = argv[optind - 1];

	if (c == ':')
		app_err("%s: needs a value; see --help", word);
	else if (optopt >= 256)
		app_err("%s: takes no value; see --help", word);
	else if (optopt != 0)
		app_err("-%c: unknown option; see -- --help", optopt);
	else
		app_err("%s: unknown or ambiguous option; see -- --help", word);
	return -1;
}

int
options_parse(int argc, char **argv, struct options *opt)
{
	struct option longs[RTE_DIM(table) + 2];
	bool given[RTE_DIM(table)] = { false };
	size_t i;
	int c;

	defaults(opt);
	memset(longs, 0, sizeof(longs));
	for (i = 0; i < RTE_DIM(table); i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].arg != NULL ? required_argument : no_argument;
		longs[i].val = 256 + i;
	}
	longs[i].name = "help";
	longs[i].val = 'h';

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":ahi", longs, NULL)) != -1) {
		switch (c) {
		case 'h':
			help();
			return 1;
		case 'a':
			break;
		case 'i':
			return set_interactive(opt, NULL, NULL);
		case ':':
		case '?':
			return bad_option(c, argv);
		default:
			given[c - 256] = true;
			if (table[c - 256].set(opt, &table[c - 256], optarg) != 0)
				return -1;
		}
	}
	if (optind < argc) {
		app_err("%s: surplus word; all options begin with --, see -- --help", argv[optind]);
		return -1;
	}
	return check_together(opt, given);
}
