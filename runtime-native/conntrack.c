/* The kernel deletes by filter only since 6.7, so entries are listed, chosen here and deleted one by one, each by its
 * own tuple and id: an entry that ended meanwhile is no error. */
#include "conntrack.h"
#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include "netlink.h"

#define HEAD sizeof(struct nfgenmsg)

/* What one operation looks for. */
struct target {
	uint32_t proto, port;
	struct in_addr addr;
	bool any;
};

struct search {
	struct target targets[CONNTRACK_MAX];
	size_t count;
	int sock;
	struct err *e;
	int result;
};

/* One direction of an entry. */
struct tuple {
	uint32_t src, dst;
	uint16_t dport;
	uint8_t proto;
};

static bool read_exact(struct nl_view in, uint16_t type, void *out, size_t len)
{
	struct nl_view value;
	if (!nl_find(in, 0, type, &value) || value.len != len)
		return false;
	memcpy(out, value.ptr, len);
	return true;
}

static bool read_tuple(struct nl_view in, struct tuple *t)
{
	struct nl_view ip, proto;
	memset(t, 0, sizeof *t);
	if (!nl_find(in, 0, CTA_TUPLE_IP, &ip) || !nl_find(in, 0, CTA_TUPLE_PROTO, &proto))
		return false;
	if (!read_exact(ip, CTA_IP_V4_SRC, &t->src, 4) || !read_exact(ip, CTA_IP_V4_DST, &t->dst, 4))
		return false;
	if (!read_exact(proto, CTA_PROTO_NUM, &t->proto, 1))
		return false;
	(void)read_exact(proto, CTA_PROTO_DST_PORT, &t->dport, 2); /* ICMP has none */
	return true;
}

static bool hits(const struct target *t, const struct tuple *there, const struct tuple *back)
{
	if (t->proto != 0 && there->proto != t->proto)
		return false;
	if (t->port != 0)
		return ntohs(there->dport) == t->port && (t->any || there->dst == t->addr.s_addr);
	return there->src == t->addr.s_addr || there->dst == t->addr.s_addr || back->src == t->addr.s_addr ||
	       back->dst == t->addr.s_addr;
}

static bool wanted(const struct search *s, const struct tuple *there, const struct tuple *back)
{
	for (size_t i = 0; i < s->count; i++)
		if (hits(&s->targets[i], there, back))
			return true;
	return false;
}

static int delete_entry(const struct search *s, struct nl_view tuple, struct nl_view id)
{
	struct nl_batch b;
	struct nfgenmsg head = {.nfgen_family = AF_INET, .version = NFNETLINK_V0};
	nl_reset(&b);
	nl_begin(&b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK);
	nl_head(&b, &head, sizeof head);
	nl_put(&b, CTA_TUPLE_ORIG | NLA_F_NESTED, tuple.ptr, tuple.len);
	if (id.len == 4)
		nl_put(&b, CTA_ID, id.ptr, id.len);
	if (nl_run(s->sock, &b, STEP_CONNTRACK, "entry", s->e) < 0 && s->e->eno != ENOENT)
		return -1;
	return 0;
}

static void each_entry(uint16_t type, struct nl_view body, void *arg)
{
	struct search *s = arg;
	struct nl_view orig, reply, id = {0};
	struct tuple there, back;
	if (s->result < 0 || type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW))
		return;
	if (!nl_find(body, HEAD, CTA_TUPLE_ORIG, &orig) || !nl_find(body, HEAD, CTA_TUPLE_REPLY, &reply))
		return;
	if (!read_tuple(orig, &there) || !read_tuple(reply, &back) || !wanted(s, &there, &back))
		return;
	(void)nl_find(body, HEAD, CTA_ID, &id);
	s->result = delete_entry(s, orig, id);
}

static int read_target(const struct net_conntrack_del *op, struct target *t, struct err *e)
{
	*t = (struct target){.proto = op->proto, .port = op->port, .any = op->address.len == 0};
	if ((t->any && t->port == 0) || (!t->any && inet_pton(AF_INET, op->address.ptr, &t->addr) != 1))
		return fail_with(e, STEP_CONNTRACK, EINVAL, op->address.ptr);
	return 0;
}

int conntrack_del(const struct net_conntrack_del *ops, size_t count, struct err *e)
{
	struct search s = {.count = count, .e = e};
	for (size_t i = 0; i < count; i++)
		if (read_target(&ops[i], &s.targets[i], e) < 0)
			return -1;
	SCOPED_FD list = nl_open(NETLINK_NETFILTER, STEP_CONNTRACK, e);
	if (list < 0)
		return -1;
	SCOPED_FD sock = nl_open(NETLINK_NETFILTER, STEP_CONNTRACK, e);
	if (sock < 0)
		return -1;
	s.sock = sock;
	struct nl_batch b;
	struct nfgenmsg head = {.nfgen_family = AF_INET, .version = NFNETLINK_V0};
	nl_reset(&b);
	nl_begin(&b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP);
	nl_head(&b, &head, sizeof head);
	if (nl_dump(list, &b, &(struct nl_dump){each_entry, &s, STEP_CONNTRACK}, e) < 0)
		return -1;
	return s.result;
}
