#include "links.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>

bool net_prefix_parse(const char *text, struct net_prefix *out)
{
	char addr[INET6_ADDRSTRLEN];
	memset(out, 0, sizeof *out);
	if (text[0] == '\0')
		return true;
	const char *slash = strchr(text, '/');
	if (slash == NULL || (size_t)(slash - text) >= sizeof addr)
		return false;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	out->family = strchr(addr, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(out->family, addr, out->addr) != 1)
		return false;
	char *end;
	unsigned long len = strtoul(slash + 1, &end, 10);
	out->len = (uint8_t)len;
	return slash[1] >= '0' && slash[1] <= '9' && *end == '\0' && len <= 8 * net_addr_size(out->family);
}

bool net_ifname_ok(const char *name)
{
	size_t len = strlen(name);
	if (len == 0 || len >= IFNAMSIZ || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	return strpbrk(name, "/ \t\n:%") == NULL;
}

void net_put_address(struct nl_batch *b, uint32_t ifindex, const struct net_prefix *p)
{
	if (p->family == 0)
		return;
	struct ifaddrmsg head = {
		.ifa_family = (uint8_t)p->family,
		.ifa_prefixlen = p->len,
		.ifa_flags = p->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = ifindex,
	};
	nl_begin(b, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	nl_head(b, &head, sizeof head);
	nl_put(b, IFA_LOCAL, p->addr, net_addr_size(p->family));
	nl_put(b, IFA_ADDRESS, p->addr, net_addr_size(p->family));
	if (p->family == AF_INET && p->len < 31) {
		uint32_t addr;
		memcpy(&addr, p->addr, sizeof addr);
		addr |= htonl((uint32_t)(0xffffffffu >> p->len));
		nl_put(b, IFA_BROADCAST, &addr, sizeof addr);
	}
}

uint32_t net_ifindex(const char *name)
{
	return if_nametoindex(name);
}

static int write_sysctl(const struct net_sysctl *s, struct err *e)
{
	char path[128];
	int len = snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", s->family, s->ifname, s->key);
	if (len < 0 || (size_t)len >= sizeof path)
		return fail_with(e, STEP_SYSCTL, ENAMETOOLONG, s->ifname);
	SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(e, STEP_SYSCTL, path);
	if (write(fd, s->value, strlen(s->value)) < 0)
		return fail(e, STEP_SYSCTL, path);
	return 0;
}

int net_sysctls_write(const struct net_sysctl *rows, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (write_sysctl(&rows[i], e) < 0)
			return -1;
	return 0;
}

int net_enter(int netns, struct err *e)
{
	int back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (back < 0)
		return fail(e, STEP_JOIN, "/proc/self/ns/net");
	if (setns(netns, CLONE_NEWNET) == 0)
		return back;
	fail(e, STEP_JOIN, "network namespace");
	close(back);
	return -1;
}

int net_leave(int back, struct err *e)
{
	int done = setns(back, CLONE_NEWNET);
	if (done < 0)
		fail(e, STEP_JOIN, "way back from a network namespace");
	close(back);
	return done;
}
