/* Any bytes as what a netlink socket gave, and as a plan of network records: nothing is read past an end, and messages
 * that are built from them fit their buffer or poison it. */
#include <stdlib.h>
#include "../links.h"
#include "../netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_messages(struct nl_view in)
{
	struct nlmsghdr head;
	struct nl_view body, value, inner;
	while (nl_next_message(&in, &head, &body)) {
		uint32_t number;
		for (uint16_t type = 0; type < 8; type++) {
			(void)nl_get_u32(body, head.nlmsg_flags % 32, type, &number);
			if (nl_find(body, head.nlmsg_flags % 32, type, &value))
				(void)nl_find(value, 0, type, &inner);
		}
	}
}

static void build_messages(const uint8_t *data, size_t size)
{
	static struct nl_batch b;
	nl_reset(&b);
	for (size_t at = 0; at + 2 < size; at += 2u + data[at]) {
		size_t len = (size_t)data[at] * 16;
		nl_begin(&b, data[at + 1], NLM_F_ACK);
		size_t nest = nl_nest(&b, 1);
		nl_put(&b, 2, data, len < size ? len : size);
		nl_nest_end(&b, nest);
	}
	if (!b.overflow && b.len > sizeof b.data)
		abort();
	if (!b.overflow) /* what fits can be read again */
		read_messages((struct nl_view){b.data, b.len});
}

static void read_records(const uint8_t *data, size_t size)
{
	struct cur in = {(const char *)data, size}, body;
	uint16_t type;
	while (cur_record(&in, &type, &body)) {
		struct plan_endpoint ep;
		struct plan_dns dns;
		struct plan_dns_upstream upstream;
		struct plan_listen listen;
		struct net_prefix prefix;
		struct cur b1 = body, b2 = body, b3 = body, b4 = body;
		if (plan_endpoint_parse(&b1, &ep) && net_ifname_ok(ep.ifname.ptr) &&
			strlen(ep.ifname.ptr) != ep.ifname.len)
			abort();
		if (plan_dns_parse(&b2, &dns) && dns.links.ptr[dns.links.len] != '\0')
			abort();
		if (plan_dns_upstream_parse(&b3, &upstream) && net_prefix_parse(upstream.address.ptr, &prefix) &&
			prefix.len > 128)
			abort();
		(void)plan_listen_parse(&b4, &listen);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	read_messages((struct nl_view){copy, size});
	build_messages(copy, size);
	read_records(copy, size);
	free(copy);
	return 0;
}
