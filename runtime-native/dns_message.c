#include "dns_message.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define TYPE_A 1
#define TYPE_PTR 12
#define TYPE_AAAA 28
#define TYPE_OPT 41
#define CLASS_IN 1
#define TTL 600u
#define MIN_ROOM 512u
#define OPT_LEN 11u
#define EDNS_ROOM 1232u
#define MAX_ADDRESSES 64u

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Adds a label to the text, or says false when it holds bytes no name of ours has. */
static bool add_label(char *name, const uint8_t *label, uint8_t len)
{
	size_t at = strlen(name);
	if (at > 0)
		name[at++] = '.';
	for (uint8_t i = 0; i < len; i++) {
		if (label[i] <= ' ' || label[i] == '.' || label[i] >= 0x7f)
			return false;
		name[at++] = (char)tolower(label[i]);
	}
	name[at] = '\0';
	return true;
}

/* Reads the name of a question: at most 255 bytes, no pointers. Gives the offset behind it, 0 = malformed. */
static size_t read_name(const uint8_t *msg, size_t len, char name[256])
{
	size_t at = DNS_HEADER;
	bool plain = true;
	name[0] = '\0';
	for (;;) {
		if (at >= len)
			return 0;
		uint8_t label = msg[at++];
		if (label == 0)
			break;
		if (label > 63 || len - at < label || at + label - DNS_HEADER > 254)
			return 0;
		plain = plain && add_label(name, msg + at, label);
		at += label;
	}
	if (!plain)
		name[0] = '\0';
	return at;
}

/* An OPT record right behind the question tells how much the asker takes. */
static void read_edns(const struct dns_exchange *x, struct dns_question *q)
{
	const uint8_t *at = x->msg + q->end;
	q->room = MIN_ROOM;
	if (get16(x->msg + 6) != 0 || get16(x->msg + 8) != 0 || get16(x->msg + 10) == 0)
		return;
	if (x->len - q->end < OPT_LEN || at[0] != 0 || get16(at + 1) != TYPE_OPT)
		return;
	q->edns = true;
	if (get16(at + 3) > MIN_ROOM)
		q->room = get16(at + 3);
}

/* 0, or the rcode to refuse with; -1: no question at all. */
static int parse(const struct dns_exchange *x, struct dns_question *q)
{
	memset(q, 0, sizeof *q);
	if (x->len < DNS_HEADER || x->len > DNS_MAX_QUERY || (x->msg[2] & 0x80))
		return -1;
	if (x->msg[2] & 0x78)
		return DNS_NOTIMP;
	if (get16(x->msg + 4) != 1)
		return DNS_FORMERR;
	size_t at = read_name(x->msg, x->len, q->name);
	if (at == 0 || x->len - at < 4)
		return DNS_FORMERR;
	q->type = get16(x->msg + at);
	q->class = get16(x->msg + at + 2);
	q->end = at + 4;
	read_edns(x, q);
	return 0;
}

/* Header and question; the counts of records are zero. `end` 0: the header alone. */
static void begin_answer(struct dns_exchange *x, size_t end, unsigned rcode)
{
	size_t len = end > DNS_HEADER ? end : DNS_HEADER;
	memcpy(x->out, x->msg, len);
	x->out[2] = (uint8_t)(0x80 | (x->msg[2] & 0x79)); /* an answer; opcode and RD as asked */
	x->out[3] = (uint8_t)(0x80 | rcode);              /* recursion available */
	memset(x->out + 4, 0, 8);
	put16(x->out + 4, end > DNS_HEADER);
	x->out_len = len;
}

static void end_answer(struct dns_exchange *x, const struct dns_question *q)
{
	static const uint8_t opt[OPT_LEN] = {0, 0, TYPE_OPT, EDNS_ROOM >> 8, EDNS_ROOM & 0xff};
	if (!q->edns)
		return;
	memcpy(x->out + x->out_len, opt, OPT_LEN);
	x->out_len += OPT_LEN;
	put16(x->out + 10, 1);
}

void dns_answer_empty(struct dns_exchange *x, enum dns_rcode rcode)
{
	struct dns_question q;
	int bad = parse(x, &q);
	begin_answer(x, bad == 0 ? q.end : 0, rcode);
	if (bad == 0)
		end_answer(x, &q);
}

/* Appends a record of the question's name; marks the answer as cut short when there is no room. */
static bool put_record(struct dns_exchange *x, const struct dns_question *q, const uint8_t *data, uint16_t len)
{
	size_t limit = x->tcp || q->room > DNS_MAX_ANSWER ? DNS_MAX_ANSWER : q->room;
	if (x->out_len + 12u + len + OPT_LEN > limit) {
		x->out[2] |= 0x02;
		return false;
	}
	uint8_t *at = x->out + x->out_len;
	put16(at, 0xc000 | DNS_HEADER);
	put16(at + 2, q->type);
	put16(at + 4, CLASS_IN);
	put16(at + 6, 0);
	put16(at + 8, TTL);
	put16(at + 10, len);
	memcpy(at + 12, data, len);
	x->out_len += 12u + len;
	put16(x->out + 6, (uint16_t)(get16(x->out + 6) + 1));
	return true;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* The entries of a name in one table. */
struct found {
	const struct dns_entry *first;
	uint32_t count;
};

/* The addresses of one family in a new order each time, so that askers spread. */
static uint32_t put_addresses(struct dns_zone *z, struct dns_exchange *x, const struct dns_question *q, struct found f)
{
	const struct dns_entry *chosen[MAX_ADDRESSES];
	int family = q->type == TYPE_A ? AF_INET : AF_INET6;
	uint32_t n = 0;
	for (uint32_t i = 0; i < f.count && n < MAX_ADDRESSES; i++)
		if (f.first[i].family == family)
			chosen[n++] = &f.first[i];
	for (uint32_t left = n; left > 0; left--) {
		uint32_t pick = next_random(&z->seed) % left;
		if (!put_record(x, q, chosen[pick]->addr, family == AF_INET ? 4 : 16))
			break;
		chosen[pick] = chosen[left - 1];
	}
	return n;
}

/* The first table with an address of the family asked for wins: links, then the networks in their order. */
static bool answer_name(struct dns_zone *z, struct dns_exchange *x, const struct dns_question *q)
{
	bool known = false;
	begin_answer(x, q->end, DNS_NOERROR);
	for (unsigned i = 0; i < z->count; i++) {
		struct found f;
		f.first = dns_table_find(&z->tables[i], q->name, &f.count);
		known = known || f.first != NULL;
		if (f.first == NULL || (q->type != TYPE_A && q->type != TYPE_AAAA))
			continue;
		if (put_addresses(z, x, q, f) > 0)
			break;
	}
	end_answer(x, q);
	return known;
}

/* The address in 2.0.18.172.in-addr.arpa or the 32 nibbles of ip6.arpa; 0 when it is neither. */
static int reverse_address(const char *name, unsigned char addr[16])
{
	unsigned d[4];
	int used = 0;
	if (sscanf(name, "%3u.%3u.%3u.%3u.in-addr.arpa%n", &d[3], &d[2], &d[1], &d[0], &used) == 4 && used > 0 &&
		name[used] == '\0' && d[0] < 256 && d[1] < 256 && d[2] < 256 && d[3] < 256) {
		for (int i = 0; i < 4; i++)
			addr[i] = (unsigned char)d[i];
		return AF_INET;
	}
	if (strlen(name) != 72 || strcmp(name + 63, ".ip6.arpa") != 0)
		return 0;
	memset(addr, 0, 16);
	for (size_t i = 0; i < 32; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = memchr(digits, name[2 * i], 16);
		if (digit == NULL || name[2 * i + 1] != '.')
			return 0;
		addr[15 - i / 2] |= (unsigned char)((digit - digits) << (i % 2 == 0 ? 0 : 4));
	}
	return AF_INET6;
}

/* Writes a name as labels; 0 when one is longer than 63 bytes. */
static uint16_t encode_name(const struct dns_entry *e, uint8_t out[256])
{
	uint16_t at = 0;
	for (uint32_t i = 0; i < e->len;) {
		const char *dot = memchr(e->name + i, '.', e->len - i);
		uint32_t label = dot != NULL ? (uint32_t)(dot - e->name) - i : e->len - i;
		if (label == 0 || label > 63 || at + label + 2 > 256)
			return 0;
		out[at++] = (uint8_t)label;
		memcpy(out + at, e->name + i, label);
		at = (uint16_t)(at + label);
		i += label + 1;
	}
	out[at++] = 0;
	return at;
}

static bool answer_reverse(const struct dns_zone *z, struct dns_exchange *x, const struct dns_question *q)
{
	unsigned char addr[16];
	uint8_t name[256];
	int family = reverse_address(q->name, addr);
	const struct dns_entry *e = NULL;
	for (unsigned i = 0; family != 0 && e == NULL && i < z->count; i++)
		e = dns_table_reverse(&z->tables[i], family, addr);
	uint16_t len = e != NULL ? encode_name(e, name) : 0;
	if (len == 0)
		return false;
	begin_answer(x, q->end, DNS_NOERROR);
	put_record(x, q, name, len);
	end_answer(x, q);
	return true;
}

enum dns_verdict dns_answer(struct dns_zone *z, struct dns_exchange *x)
{
	struct dns_question q;
	x->out_len = 0;
	int refused = parse(x, &q);
	if (refused < 0)
		return DNS_DROP;
	if (refused > 0) {
		begin_answer(x, 0, (unsigned)refused);
		return DNS_ANSWERED;
	}
	if (q.class == CLASS_IN && q.name[0] != '\0') {
		if (q.type == TYPE_PTR ? answer_reverse(z, x, &q) : answer_name(z, x, &q))
			return DNS_ANSWERED;
		bool bare = (q.type == TYPE_A || q.type == TYPE_AAAA) && strchr(q.name, '.') == NULL;
		if (bare && (z->flags & DNS_NDOTS)) /* with the empty answer of answer_name */
			return DNS_ANSWERED;
	}
	if (z->flags & DNS_INTERNAL) {
		dns_answer_empty(x, DNS_SERVFAIL);
		return DNS_ANSWERED;
	}
	x->out_len = 0;
	return DNS_FORWARD;
}

bool dns_reply_matches(const uint8_t *query, size_t len, const uint8_t *reply, size_t reply_len)
{
	char name[256];
	size_t at = len >= DNS_HEADER ? read_name(query, len, name) : 0;
	if (at == 0 || len < at + 4 || reply_len < at + 4)
		return false;
	if (memcmp(query, reply, 2) != 0 || !(reply[2] & 0x80) || get16(reply + 4) != 1)
		return false;
	for (size_t i = DNS_HEADER; i < at; i++) /* label lengths are below 'A', so that folding case is safe */
		if (tolower(query[i]) != tolower(reply[i]))
			return false;
	return memcmp(query + at, reply + at, 4) == 0;
}
