/* The network half of the runtime, as the zygote and the shim use it. Everything runs in the engine's network
 * namespace unless a namespace descriptor is given; links are read and changed by rtnetlink, never through sysfs. */
#ifndef GANTRY_NET_H
#define GANTRY_NET_H
#include <sys/types.h>
#include "err.h"

/* Runs NET_OPS records in order; stops at the first failure. Called in a helper process of the zygote. */
int net_run_ops(struct cur ops, struct err *e) MUST_CHECK;

/* Brings lo up in the namespace. */
int net_loopback_up(int netns, struct err *e) MUST_CHECK;

/* Makes the veth pair with its peer inside netns, puts the host end on the bridge and in the group, names and
 * addresses the peer, brings both up, sets routes, and announces the address (gratuitous ARP). */
int net_endpoint_add(const struct plan_endpoint *ep, int netns, struct err *e) MUST_CHECK;
int net_endpoint_del(const char *ifname, int netns, struct err *e) MUST_CHECK;

/* What the net child serves: every pointer must stay valid until net_child_start returns (the child has a copy). */
struct net_child_plan {
	struct cur plan; /* the whole launch plan; dns, dns_upstream and listen records are picked from it */
	int netns;       /* the container's namespace, or -1: then no resolver */
	bool again;      /* one that served before has died */
};

/* Opens every published-port socket in the engine's namespace and the resolver's sockets inside netns, installs the
 * DNAT for 127.0.0.11:53 in netns, then forks a child without capabilities that serves them until it is killed or
 * `life` (a pipe end of the shim) reads EOF. Returns the child's pid, 0 when there is nothing to serve. */
pid_t net_child_start(const struct net_child_plan *plan, int life, struct err *e) MUST_CHECK;
#endif
