/* Rules made by raw nf_tables netlink, in the calling thread's network namespace: no program is run and no lock taken.
 */
#ifndef GANTRY_NAT_H
#define GANTRY_NAT_H
#include "err.h"

/* A table that drops what comes for or from 127/8 by another link than lo; made anew in one transaction. It is no part
 * of iptables, so `iptables -F` leaves it standing. */
int nat_guard_add(const char *table, struct err *e) MUST_CHECK;
/* Absent is fine. */
int nat_guard_del(const char *table, struct err *e) MUST_CHECK;
/* Sets the policy of chain FORWARD in table filter, as the nft backend of iptables keeps it. */
int nat_forward_policy(bool ipv6, bool accept, struct err *e) MUST_CHECK;
/* To be called behind the answer: who ends before the kernel has cleared up behind a policy (10 to 25 ms) waits for
 * that while no link can be made. Waits longer, holding up nobody. */
void nat_linger(void);
/* Sends 127.0.0.11:53 to the resolver's ports; by iptables-restore where the kernel has no nf_tables. */
int nat_dns_install(uint16_t udp_port, uint16_t tcp_port, struct err *e) MUST_CHECK;
/* Makes room for a resolver on other ports; where there is nothing to remove, nothing happens. */
void nat_dns_forget(void);
#endif
