/* Inside the net child: what its parts share, and how they are set up before its privileges are dropped. */
#ifndef GANTRY_NET_CHILD_H
#define GANTRY_NET_CHILD_H
#include <netinet/in.h>
#include "err.h"
#include "loop.h"

/* Put first in a heap object with watches: net_retire frees it when no fetched event can name it any more. */
struct net_dead {
	struct net_dead *next;
};
void net_retire(struct net_dead *object);
/* +1 for an object with a deadline, -1 when it goes: without any the child sleeps until something arrives. */
void net_timed(int change);
uint64_t net_now_ms(void);
/* To be called when accept failed: without descriptors the waiting connection would be reported again at once, and for
 * ever; a pause keeps that from eating a processor. */
void net_breathe(void);
/* A socket address as host, port. */
union net_addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};
/* Gives the length, 0 when the text is no address. */
socklen_t net_addr_make(union net_addr *out, const char *ip, uint16_t port);

/* Opens and keeps the sockets of a published port. */
int listen_open(const struct plan_listen *l, struct err *e) MUST_CHECK;
bool listen_has_proxies(void);
/* Closes them (in the half of the child that only resolves). */
void listen_close(void);
/* A proxy takes over a bound IPv6 socket; *_serve puts it into the loop, *_forget lets go of closed ones. */
int proxy_tcp_add(int fd, const union net_addr *target, struct err *e) MUST_CHECK;
bool proxy_tcp_serve(void);
void proxy_tcp_forget(void);
int proxy_udp_add(int fd, const union net_addr *target, struct err *e) MUST_CHECK;
bool proxy_udp_serve(void);
void proxy_udp_forget(void);
void proxy_udp_tick(uint64_t now);

/* Opens the resolver's sockets in the namespace the caller has entered, and its rules. */
int dns_open(struct cur plan, struct err *e) MUST_CHECK;
/* Puts them into the loop; nothing to do where there are none. */
bool dns_serve(void);
void dns_close(void);
/* True when questions are passed on from the container's own namespace. */
bool dns_asks_from_container(void);
void dns_tick(uint64_t now);
/* The last step before serving: from here on only what serving needs is allowed. */
int net_filter_load(struct err *e) MUST_CHECK;
#endif
