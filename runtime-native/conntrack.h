/* Forgets connections that a change of published ports or addresses left behind. */
#ifndef GANTRY_CONNTRACK_H
#define GANTRY_CONNTRACK_H
#include "err.h"

#define CONNTRACK_MAX 64

/* Deletes what any of the operations names, in one walk over the table. */
int conntrack_del(const struct net_conntrack_del *ops, size_t count, struct err *e) MUST_CHECK;
#endif
