/* Forgets connections that a change of published ports or addresses left behind. */
#ifndef GANTRY_CONNTRACK_H
#define GANTRY_CONNTRACK_H
#include "err.h"

int conntrack_del(const struct net_conntrack_del *op, struct err *e) MUST_CHECK;
#endif
