/* The operations the daemon asks for, in the engine's own network namespace. */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include "conntrack.h"
#include "links.h"
#include "nat.h"
#include "net.h"

static void put_link(struct nl_batch *b, uint16_t type, uint16_t flags, struct ifinfomsg head)
{
	nl_begin(b, type, (uint16_t)(flags | NLM_F_ACK));
	nl_head(b, &head, sizeof head);
}

static int bridge_create(int sock, const struct net_bridge_add *op, struct err *e)
{
	struct nl_batch b;
	nl_reset(&b);
	put_link(&b, RTM_NEWLINK, NLM_F_CREATE, (struct ifinfomsg){0});
	nl_put_str(&b, IFLA_IFNAME, op->name.ptr);
	nl_put_u32(&b, IFLA_MTU, op->mtu);
	nl_put_u32(&b, IFLA_GROUP, op->group);
	if (op->mac.len > 0)
		nl_put(&b, IFLA_ADDRESS, op->mac.ptr, op->mac.len);
	size_t info = nl_nest(&b, IFLA_LINKINFO);
	nl_put_str(&b, IFLA_INFO_KIND, "bridge");
	nl_nest_end(&b, nl_nest(&b, IFLA_INFO_DATA)); /* makes the kernel refuse a link of another kind */
	nl_nest_end(&b, info);
	return nl_run(sock, &b, STEP_BRIDGE, op->name.ptr, e);
}

/* Nobody's router advertisements are heeded; a bridge without an IPv6 address speaks none at all. Its link-local
 * address is ours alone: without the second of duplicate detection the first packet finds its neighbour at once. */
static int bridge_sysctls(const char *name, bool v6, struct err *e)
{
	const struct net_sysctl rows[] = {
		{"ipv6", name, "accept_ra", "0"},
		{"ipv6", name, "accept_dad", "0"},
		{"ipv6", name, "disable_ipv6", v6 ? "0" : "1"},
	};
	return net_sysctls_write(rows, sizeof rows / sizeof rows[0], e);
}

/* Made, addressed and up; one that stands already is brought to the same state. */
static int bridge_add(int sock, const struct net_bridge_add *op, struct err *e)
{
	struct net_prefix v4, v6;
	const char *name = op->name.ptr;
	if (!net_ifname_ok(name) || op->group == 0 || (op->mac.len != 0 && op->mac.len != 6))
		return fail_with(e, STEP_BRIDGE, EINVAL, name);
	if (!net_prefix_parse(op->address.ptr, &v4) || !net_prefix_parse(op->address6.ptr, &v6))
		return fail_with(e, STEP_ADDRESS, EINVAL, name);
	if (bridge_create(sock, op, e) < 0 || bridge_sysctls(name, v6.family != 0, e) < 0)
		return -1;
	uint32_t index = net_ifindex(name);
	if (index == 0)
		return fail(e, STEP_BRIDGE, name);
	struct nl_batch b;
	nl_reset(&b);
	net_put_address(&b, index, &v4);
	net_put_address(&b, index, &v6);
	put_link(&b, RTM_NEWLINK, 0,
		(struct ifinfomsg){.ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP});
	return nl_run(sock, &b, STEP_ADDRESS, name, e);
}

struct group_count {
	uint32_t group;
	uint32_t found;
};

static void count_group(uint16_t type, struct nl_view body, void *arg)
{
	struct group_count *count = arg;
	uint32_t group;
	if (type == RTM_NEWLINK && nl_get_u32(body, sizeof(struct ifinfomsg), IFLA_GROUP, &group) &&
		group == count->group)
		count->found++;
}

static int links_in_group(int sock, struct group_count *count, struct err *e)
{
	struct nl_batch b;
	struct ifinfomsg head = {0};
	count->found = 0;
	nl_reset(&b);
	nl_begin(&b, RTM_GETLINK, NLM_F_DUMP);
	nl_head(&b, &head, sizeof head);
	return nl_dump(sock, &b, &(struct nl_dump){count_group, count, STEP_LINK}, e);
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Sleeps until the kernel says that some link changed, at most until the deadline. */
static int wait_for_link_news(int watch, int64_t deadline, struct err *e)
{
	static unsigned char drain[65536];
	struct pollfd news = {.fd = watch, .events = POLLIN};
	int64_t left = deadline - now_ms();
	int ready = left > 0 ? poll(&news, 1, (int)left) : 0;
	if (ready < 0 && errno != EINTR)
		return fail(e, STEP_LINK, "wait");
	if (ready == 0)
		return fail_with(e, STEP_LINK, ETIMEDOUT, "link group");
	while (recv(watch, drain, sizeof drain, MSG_DONTWAIT) > 0)
		;
	return 0;
}

static int open_watch(struct err *e)
{
	int watch = nl_open(NETLINK_ROUTE, STEP_LINK, e);
	int group = RTNLGRP_LINK;
	if (watch < 0 || setsockopt(watch, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0)
		return watch;
	fail(e, STEP_LINK, "link news");
	close(watch);
	return -1;
}

#define GROUP_PATIENCE_MS 10000

static int group_del(int sock, const struct net_group_del *op, struct err *e)
{
	if (op->group == 0) /* every link that nobody put in a group */
		return fail_with(e, STEP_LINK, EINVAL, "group 0");
	SCOPED_FD watch = open_watch(e);
	if (watch < 0)
		return -1;
	struct nl_batch b;
	nl_reset(&b);
	put_link(&b, RTM_DELLINK, 0, (struct ifinfomsg){0});
	nl_put_u32(&b, IFLA_GROUP, op->group);
	if (nl_run(sock, &b, STEP_LINK, "group", e) < 0 && e->eno != ENODEV)
		return -1;
	struct group_count count = {.group = op->group};
	for (int64_t deadline = now_ms() + GROUP_PATIENCE_MS;;) {
		if (links_in_group(sock, &count, e) < 0)
			return -1;
		if (count.found == 0)
			return 0;
		if (wait_for_link_news(watch, deadline, e) < 0)
			return -1;
	}
}

static int link_del(int sock, const struct net_link_del *op, struct err *e)
{
	struct nl_batch b;
	nl_reset(&b);
	if (!net_ifname_ok(op->name.ptr))
		return fail_with(e, STEP_LINK, EINVAL, op->name.ptr);
	put_link(&b, RTM_DELLINK, 0, (struct ifinfomsg){0});
	nl_put_str(&b, IFLA_IFNAME, op->name.ptr);
	if (nl_run(sock, &b, STEP_LINK, op->name.ptr, e) < 0 && e->eno != ENODEV)
		return -1;
	return 0;
}

/* One operation. Every row is parsed by its own generated parser, so nothing is read past its body. */
static int run_op(int sock, uint16_t type, struct cur body, struct err *e)
{
	struct net_bridge_add bridge;
	struct net_group_del group;
	struct net_link_del link;
	struct net_guard_add guard;
	struct net_guard_del unguard;
	struct net_forward_policy policy;
	if (type == NET_BRIDGE_ADD && net_bridge_add_parse(&body, &bridge))
		return bridge_add(sock, &bridge, e);
	if (type == NET_GROUP_DEL && net_group_del_parse(&body, &group))
		return group_del(sock, &group, e);
	if (type == NET_LINK_DEL && net_link_del_parse(&body, &link))
		return link_del(sock, &link, e);
	if (type == NET_GUARD_ADD && net_guard_add_parse(&body, &guard))
		return nat_guard_add(guard.table.ptr, e);
	if (type == NET_FORWARD_POLICY && net_forward_policy_parse(&body, &policy))
		return nat_forward_policy(policy.family == 6, policy.accept != 0, e);
	if (type == NET_GUARD_DEL && net_guard_del_parse(&body, &unguard))
		return nat_guard_del(unguard.table.ptr, e);
	return fail_with(e, STEP_PLAN, EBADMSG, "network operation");
}

/* Takes the deletions of connections that stand one behind the other, to walk the table once for all of them. */
static size_t take_conntrack(struct cur *ops, struct net_conntrack_del *out)
{
	size_t count = 0;
	uint16_t type;
	struct cur body, probe = *ops;
	while (count < CONNTRACK_MAX && cur_record(&probe, &type, &body) && type == NET_CONNTRACK_DEL) {
		if (!net_conntrack_del_parse(&body, &out[count]))
			break;
		count++;
		*ops = probe;
	}
	return count;
}

int net_run_ops(struct cur ops, struct err *e)
{
	struct net_conntrack_del tracks[CONNTRACK_MAX];
	SCOPED_FD sock = nl_open(NETLINK_ROUTE, STEP_LINK, e);
	if (sock < 0)
		return -1;
	uint16_t type;
	struct cur body;
	for (;;) {
		size_t count = take_conntrack(&ops, tracks);
		if (count > 0 && conntrack_del(tracks, count, e) < 0)
			return -1;
		if (count > 0)
			continue;
		if (!cur_record(&ops, &type, &body))
			break;
		if (run_op(sock, type, body, e) < 0)
			return -1;
	}
	return cur_end(&ops) ? 0 : fail_with(e, STEP_PLAN, EBADMSG, "network operations");
}
