/* News of nftables. The socket stays open: closing one of netfilter's waits for the kernel to clear up. */
#include "rules_watch.h"
#include <linux/netfilter/nfnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "loop.h"
#include "netlink.h"
#include "sys.h"

static void rules_ready(struct watch *w, uint32_t events);
static struct watch rules = {.fd = -1, .ready = rules_ready};
static void (*tell)(void);

static int membership(int option)
{
	int group = NFNLGRP_NFTABLES;
	return setsockopt(rules.fd, SOL_NETLINK, option, &group, sizeof group);
}

/* What is told is only that there was something; an overflow says that as well. */
static void drain(void)
{
	char rest[4096];
	while (recv(rules.fd, rest, sizeof rest, MSG_DONTWAIT) >= 0 || errno == EINTR || errno == ENOBUFS)
		;
}

static void rules_ready(struct watch *w, uint32_t events)
{
	(void)events;
	loop_watch(w, 0);
	membership(NETLINK_DROP_MEMBERSHIP);
	drain();
	tell();
}

int rules_watch(void (*changed)(void), struct err *e)
{
	if (rules.events != 0)
		return fail_with(e, STEP_NAT, EALREADY, "rules");
	if (rules.fd < 0 && (rules.fd = nl_open(NETLINK_NETFILTER, STEP_NAT, e)) < 0)
		return -1;
	tell = changed;
	if (membership(NETLINK_ADD_MEMBERSHIP) != 0 || loop_watch(&rules, EPOLLIN) != 0)
		return fail(e, STEP_NAT, "rules");
	return 0;
}
