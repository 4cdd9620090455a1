/* What bridges and endpoints share: addresses, sysctls of a link, visiting a namespace. */
#ifndef GANTRY_LINKS_H
#define GANTRY_LINKS_H
#include "netlink.h"

/* An address with its prefix length; family 0 = none. */
struct net_prefix {
	int family;
	unsigned char addr[16];
	uint8_t len;
};

/* Reads "172.18.0.2/16" or "fd00::2/64"; "" gives family 0. False when it is neither. */
bool net_prefix_parse(const char *text, struct net_prefix *out);
static inline size_t net_addr_size(int family)
{
	return family == 2 /* AF_INET */ ? 4 : 16;
}
/* True for a name the kernel takes for a link and that is safe in a path. */
bool net_ifname_ok(const char *name);
/* Adds RTM_NEWADDR to the batch; nothing for family 0. */
void net_put_address(struct nl_batch *b, uint32_t ifindex, const struct net_prefix *p);
/* The index of a link of this namespace, 0 with errno when there is none. */
uint32_t net_ifindex(const char *name);
/* Write net.<family>.conf.<ifname>.<key> in the calling thread's namespace. A missing file (no IPv6) is fine. */
struct net_sysctl {
	const char *family, *ifname, *key, *value;
};
int net_sysctls_write(const struct net_sysctl *rows, size_t count, struct err *e) MUST_CHECK;
/* Enters a network namespace and gives a descriptor of the one left, to go back with net_leave. */
int net_enter(int netns, struct err *e) MUST_CHECK;
int net_leave(int back, struct err *e) MUST_CHECK;
#endif
