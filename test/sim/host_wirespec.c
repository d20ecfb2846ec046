/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host_conf.h"

#define ALLOWED "loop, gen:size=N,flows=N[,count=N], pcap:rx=FILE,tx=FILE, tap:IFNAME, peer:PORT"
#define GEN_MIN 64u
#define GEN_MAX ((uint32_t)9728)
#define GEN_MAX_BYTES (64u << 20)

bool
sim_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *val)
{
	unsigned long long v;
	char *end;

	/* strtoull() takes signs and blanks, which nobody means */
	if (s == NULL || *s < '0' || *s > '9')
		return false;
	errno = 0;
	v = strtoull(s, &end, s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return false;
	*val = v;
	return true;
}

/* Next "key=value" of a list; both are written into. */
static bool
next_pair(char **rest, char **key, char **val)
{
	char *word = strsep(rest, ",");

	if (word == NULL)
		return false;
	*key = word;
	*val = strchr(word, '=');
	if (*val != NULL)
		*(*val)++ = '\0';
	return true;
}

static bool
parse_gen(char *args, struct sim_wire_conf *w, char *err, size_t errlen)
{
	char *key, *val;
	uint64_t v;

	w->gen_size = GEN_MIN;
	w->gen_flows = 256;
	while (args != NULL && next_pair(&args, &key, &val)) {
		if (strcmp(key, "size") == 0) {
			if (!sim_parse_u64(val, GEN_MIN, GEN_MAX, &v)) {
				snprintf(err, errlen, "size '%s' of the gen wire: %u to %u bytes, CRC included",
					val ? val : "", GEN_MIN, GEN_MAX);
				return false;
			}
			w->gen_size = (uint32_t)v;
		} else if (strcmp(key, "flows") == 0) {
			if (!sim_parse_u64(val, 1, 65536, &v)) {
				snprintf(err, errlen, "flows '%s' of the gen wire: 1 to 65536", val ? val : "");
				return false;
			}
			w->gen_flows = (uint32_t)v;
		} else if (strcmp(key, "count") == 0) {
			if (!sim_parse_u64(val, 1, UINT64_MAX, &v)) {
				snprintf(err, errlen, "count '%s' of the gen wire: a number of frames, 1 or more",
					val ? val : "");
				return false;
			}
			w->gen_count = v;
		} else {
			snprintf(err, errlen, "'%s' is unknown to the gen wire: size=, flows= or count=", key);
			return false;
		}
	}
	if ((uint64_t)w->gen_flows * w->gen_size > GEN_MAX_BYTES) {
		snprintf(err, errlen, "gen wire: flows=%u of size=%u is more than %u MiB of templates",
			w->gen_flows, w->gen_size, GEN_MAX_BYTES >> 20);
		return false;
	}
	return true;
}

static bool
parse_pcap(char *args, struct sim_wire_conf *w, char *err, size_t errlen)
{
	char *key, *val;

	while (args != NULL && next_pair(&args, &key, &val)) {
		char *dst = strcmp(key, "rx") == 0 ? w->rx : strcmp(key, "tx") == 0 ? w->tx : NULL;

		if (dst == NULL) {
			snprintf(err, errlen, "'%s' is unknown to the pcap wire: rx=FILE or tx=FILE", key);
			return false;
		}
		if (val == NULL || *val == '\0' || strlen(val) >= SIM_PATH || *dst != '\0') {
			snprintf(err, errlen, "pcap wire: %s= takes one file name of up to %d letters", key,
				SIM_PATH - 1);
			return false;
		}
		strcpy(dst, val);
	}
	if (w->rx[0] == '\0' && w->tx[0] == '\0') {
		snprintf(err, errlen, "the pcap wire needs rx=FILE, tx=FILE or both");
		return false;
	}
	return true;
}

static bool
parse_peer(const char *args, unsigned int port, unsigned int nb_ports, struct sim_wire_conf *w,
		char *err, size_t errlen)
{
	uint64_t v;

	if (!sim_parse_u64(args, 0, SIM_MAX_PORTS - 1, &v) || v >= nb_ports) {
		snprintf(err, errlen, "peer '%s': the number of another port, below --ports (%u)",
			args ? args : "", nb_ports);
		return false;
	}
	if (v == port) {
		snprintf(err, errlen, "peer: port %u cannot be its own peer; that is the wire loop", port);
		return false;
	}
	w->peer = (unsigned int)v;
	return true;
}

static bool
parse_tap(const char *args, struct sim_wire_conf *w, char *err, size_t errlen)
{
	if (args == NULL || *args == '\0' || strlen(args) >= sizeof(w->ifname) ||
			strpbrk(args, "/ \t%:,") != NULL) {
		snprintf(err, errlen, "tap '%s': an interface name of 1 to 15 letters", args ? args : "");
		return false;
	}
	strcpy(w->ifname, args);
	return true;
}

bool
sim_wire_parse(const char *spec, unsigned int port, unsigned int nb_ports, struct sim_wire_conf *w,
		char *err, size_t errlen)
{
	char buf[SIM_SPEC], *args;

	memset(w, 0, sizeof(*w));
	if (strlen(spec) >= sizeof(buf)) {
		snprintf(err, errlen, "wire of port %u: the text is too long", port);
		return false;
	}
	strcpy(w->spec, spec);
	strcpy(buf, spec);
	args = strchr(buf, ':');
	if (args != NULL)
		*args++ = '\0';
	if (strcmp(buf, "loop") == 0) {
		w->kind = SIM_WIRE_LOOP;
		if (args == NULL)
			return true;
		snprintf(err, errlen, "the loop wire takes no arguments, '%s' is one", args);
		return false;
	}
	if (strcmp(buf, "gen") == 0) {
		w->kind = SIM_WIRE_GEN;
		return parse_gen(args, w, err, errlen);
	}
	if (strcmp(buf, "pcap") == 0) {
		w->kind = SIM_WIRE_PCAP;
		return parse_pcap(args, w, err, errlen);
	}
	if (strcmp(buf, "tap") == 0) {
		w->kind = SIM_WIRE_TAP;
		return parse_tap(args, w, err, errlen);
	}
	if (strcmp(buf, "peer") == 0) {
		w->kind = SIM_WIRE_PEER;
		return parse_peer(args, port, nb_ports, w, err, errlen);
	}
	snprintf(err, errlen, "unknown wire '%s' of port %u; allowed: " ALLOWED, buf, port);
	return false;
}
