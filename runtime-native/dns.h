/* Between the parts of the resolver. */
#ifndef GANTRY_DNS_H
#define GANTRY_DNS_H
#include "dns_message.h"
#include "net_child.h"

#define DNS_MAX_UPSTREAMS 3
#define DNS_PATIENCE_MS 4000

struct dns_client;

/* Who asked: an address by UDP, else a TCP client. */
struct dns_asker {
	struct sockaddr_in addr;
	struct dns_client *client;
};

struct dns_resolver {
	struct dns_zone zone;
	struct dns_table tables[DNS_MAX_TABLES];
	int folder; /* of all tables */
	union net_addr upstreams[DNS_MAX_UPSTREAMS];
	unsigned upstream_count;
	bool from_container;
	struct watch udp, tcp;
};
extern struct dns_resolver dns;

/* Reads the tables that changed: once for all questions that are there. */
void dns_refresh(void);
/* Answers or passes on. */
void dns_question(struct dns_exchange *x, const struct dns_asker *asker);
void dns_deliver(const struct dns_asker *asker, const uint8_t *msg, size_t len);
/* dns_forward.c */
void dns_forward(const struct dns_exchange *x, const struct dns_asker *asker);
void dns_forget(const struct dns_client *client);
void dns_forward_tick(uint64_t now);
/* dns_tcp.c */
void dns_accept(struct watch *listener, uint32_t events);
void dns_client_reply(struct dns_client *c, const uint8_t *msg, size_t len);
void dns_client_tick(uint64_t now);
#endif
