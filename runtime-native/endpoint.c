/* A container's network interfaces: the veth pair, its addresses and routes. */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>
#include "links.h"
#include "net.h"

#define LOOPBACK_INDEX 1

static void put_up(struct nl_batch *b, uint32_t index)
{
	struct ifinfomsg head = {.ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	nl_begin(b, RTM_NEWLINK, NLM_F_ACK);
	nl_head(b, &head, sizeof head);
}

static int loopback_up_here(struct err *e)
{
	SCOPED_FD sock = nl_open(NETLINK_ROUTE, STEP_LINK, e);
	struct nl_batch b;
	if (sock < 0)
		return -1;
	nl_reset(&b);
	put_up(&b, LOOPBACK_INDEX);
	return nl_run(sock, &b, STEP_LINK, "lo", e);
}

int net_loopback_up(int netns, struct err *e)
{
	int back = net_enter(netns, e);
	if (back < 0)
		return -1;
	int done = loopback_up_here(e);
	struct err way_back;
	if (net_leave(back, &way_back) < 0) {
		*e = way_back;
		return -1;
	}
	return done;
}

/* The pair in one request: our end up, on the bridge and in the group; the peer already where it belongs. */
static void put_pair(struct nl_batch *b, const struct plan_endpoint *ep, int netns, uint32_t bridge)
{
	struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer_head = {0};
	nl_begin(b, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	nl_head(b, &up, sizeof up);
	nl_put_str(b, IFLA_IFNAME, ep->host_if.ptr);
	nl_put_u32(b, IFLA_MTU, ep->mtu);
	nl_put_u32(b, IFLA_GROUP, ep->group);
	nl_put_u32(b, IFLA_MASTER, bridge);
	size_t info = nl_nest(b, IFLA_LINKINFO);
	nl_put_str(b, IFLA_INFO_KIND, "veth");
	size_t data = nl_nest(b, IFLA_INFO_DATA);
	size_t peer = nl_nest(b, VETH_INFO_PEER);
	nl_head(b, &peer_head, sizeof peer_head);
	nl_put_str(b, IFLA_IFNAME, ep->ifname.ptr);
	nl_put_u32(b, IFLA_MTU, ep->mtu);
	nl_put(b, IFLA_ADDRESS, ep->mac.ptr, ep->mac.len);
	nl_put_u32(b, IFLA_NET_NS_FD, (uint32_t)netns);
	nl_nest_end(b, peer);
	nl_nest_end(b, data);
	nl_nest_end(b, info);
}

/* Hairpin lets a container reach its own published port where the bridge hands frames to iptables. No IPv6 address
 * for our end: it is a bridge port only. */
static void put_port(struct nl_batch *b, const struct plan_endpoint *ep)
{
	struct ifinfomsg head = {0};
	nl_begin(b, RTM_NEWLINK, NLM_F_ACK);
	nl_head(b, &head, sizeof head);
	nl_put_str(b, IFLA_IFNAME, ep->host_if.ptr);
	size_t info = nl_nest(b, IFLA_LINKINFO);
	nl_put_str(b, IFLA_INFO_SLAVE_KIND, "bridge");
	size_t data = nl_nest(b, IFLA_INFO_SLAVE_DATA);
	nl_put_u8(b, IFLA_BRPORT_MODE, 1);
	if (ep->flags & ENDPOINT_ISOLATED)
		nl_put_u8(b, IFLA_BRPORT_ISOLATED, 1);
	nl_nest_end(b, data);
	nl_nest_end(b, info);
}

static int pair_add(const struct plan_endpoint *ep, int netns, struct err *e)
{
	SCOPED_FD sock = nl_open(NETLINK_ROUTE, STEP_LINK, e);
	if (sock < 0)
		return -1;
	uint32_t bridge = net_ifindex(ep->bridge.ptr);
	if (bridge == 0)
		return fail(e, STEP_BRIDGE, ep->bridge.ptr);
	const struct net_sysctl quiet = {"ipv6", ep->host_if.ptr, "disable_ipv6", "1"};
	struct nl_batch b;
	nl_reset(&b);
	put_pair(&b, ep, netns, bridge);
	put_port(&b, ep);
	if (nl_run(sock, &b, STEP_LINK, ep->host_if.ptr, e) < 0)
		return -1;
	return net_sysctls_write(&quiet, 1, e);
}

static int put_default_route(struct nl_batch *b, uint32_t index, const char *gateway)
{
	unsigned char addr[16];
	int family = strchr(gateway, ':') != NULL ? AF_INET6 : AF_INET;
	if (gateway[0] == '\0')
		return 0;
	if (inet_pton(family, gateway, addr) != 1)
		return -1;
	struct rtmsg head = {
		.rtm_family = (uint8_t)family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	nl_begin(b, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	nl_head(b, &head, sizeof head);
	nl_put(b, RTA_GATEWAY, addr, net_addr_size(family));
	nl_put_u32(b, RTA_OIF, index);
	return 0;
}

/* Before the link is up: no router is heeded, no IPv6 without an address of ours, and the kernel announces the
 * address (gratuitous ARP) the moment the link comes up, so that neighbours forget an earlier owner. */
static int peer_sysctls(const char *ifname, bool v6, struct err *e)
{
	const struct net_sysctl rows[] = {
		{"ipv6", ifname, "accept_ra", "0"},
		{"ipv6", ifname, "accept_dad", "0"},
		{"ipv6", ifname, "disable_ipv6", v6 ? "0" : "1"},
		{"ipv4", ifname, "arp_notify", "1"},
		{"ipv6", ifname, "ndisc_notify", "1"},
	};
	return net_sysctls_write(rows, sizeof rows / sizeof rows[0], e);
}

static int peer_setup_here(const struct plan_endpoint *ep, struct err *e)
{
	struct net_prefix v4, v6;
	const char *name = ep->ifname.ptr;
	if (!net_prefix_parse(ep->address.ptr, &v4) || !net_prefix_parse(ep->address6.ptr, &v6))
		return fail_with(e, STEP_ADDRESS, EINVAL, name);
	SCOPED_FD sock = nl_open(NETLINK_ROUTE, STEP_ADDRESS, e);
	uint32_t index = net_ifindex(name);
	if (sock < 0)
		return -1;
	if (index == 0)
		return fail(e, STEP_ADDRESS, name);
	if (peer_sysctls(name, v6.family != 0, e) < 0)
		return -1;
	struct nl_batch b;
	nl_reset(&b);
	net_put_address(&b, index, &v4);
	net_put_address(&b, index, &v6);
	put_up(&b, index);
	if (nl_run(sock, &b, STEP_ADDRESS, name, e) < 0)
		return -1;
	nl_reset(&b);
	if (put_default_route(&b, index, ep->gateway.ptr) < 0 || put_default_route(&b, index, ep->gateway6.ptr) < 0)
		return fail_with(e, STEP_ROUTE, EINVAL, name);
	return nl_run(sock, &b, STEP_ROUTE, name, e);
}

int net_endpoint_add(const struct plan_endpoint *ep, int netns, struct err *e)
{
	if (!net_ifname_ok(ep->ifname.ptr) || !net_ifname_ok(ep->host_if.ptr) || ep->group == 0 || ep->mac.len != 6)
		return fail_with(e, STEP_LINK, EINVAL, ep->ifname.ptr);
	if (pair_add(ep, netns, e) < 0)
		return -1;
	int back = net_enter(netns, e);
	if (back < 0)
		return -1;
	int done = peer_setup_here(ep, e);
	struct err way_back;
	if (net_leave(back, &way_back) < 0) {
		*e = way_back;
		return -1;
	}
	return done;
}

static int link_del_here(const char *ifname, struct err *e)
{
	struct nl_batch b;
	struct ifinfomsg head = {0};
	SCOPED_FD sock = nl_open(NETLINK_ROUTE, STEP_LINK, e);
	if (sock < 0)
		return -1;
	nl_reset(&b);
	nl_begin(&b, RTM_DELLINK, NLM_F_ACK);
	nl_head(&b, &head, sizeof head);
	nl_put_str(&b, IFLA_IFNAME, ifname);
	return nl_run(sock, &b, STEP_LINK, ifname, e);
}

int net_endpoint_del(const char *ifname, int netns, struct err *e)
{
	if (!net_ifname_ok(ifname))
		return fail_with(e, STEP_LINK, EINVAL, ifname);
	int back = net_enter(netns, e);
	if (back < 0)
		return -1;
	int done = link_del_here(ifname, e);
	struct err way_back;
	if (net_leave(back, &way_back) < 0) {
		*e = way_back;
		return -1;
	}
	return done;
}
