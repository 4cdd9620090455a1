/* News of nftables, which iptables-nft writes too, from the network namespace of the zygote. */
#ifndef GANTRY_RULES_WATCH_H
#define GANTRY_RULES_WATCH_H
#include "err.h"

/* Calls `changed` once, when anybody changes rules from now on. EALREADY while an earlier call waits. */
int rules_watch(void (*changed)(void), struct err *e) MUST_CHECK;
#endif
