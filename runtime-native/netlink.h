/* Netlink messages, built in a bounded buffer and sent many at a time; attributes read with bounds.
 * An attribute that does not fit poisons the batch, and nl_run refuses it: nothing is ever cut short. */
#ifndef GANTRY_NETLINK_H
#define GANTRY_NETLINK_H
#include <linux/netlink.h>
#include "err.h"
#include "sys.h"

struct nl_batch {
	_Alignas(8) unsigned char data[8192];
	size_t len;
	size_t open;    /* where the message being built starts */
	uint32_t first; /* sequence number of the first message */
	uint32_t next;
	uint32_t acks;
	bool overflow;
};

/* A stretch of received bytes. */
struct nl_view {
	const unsigned char *ptr;
	size_t len;
};

void nl_reset(struct nl_batch *b);
void nl_begin(struct nl_batch *b, uint16_t type, uint16_t flags);
void nl_head(struct nl_batch *b, const void *head, size_t len);
void nl_put(struct nl_batch *b, uint16_t type, const void *data, size_t len);
void nl_put_u8(struct nl_batch *b, uint16_t type, uint8_t value);
void nl_put_u32(struct nl_batch *b, uint16_t type, uint32_t value);
void nl_put_be32(struct nl_batch *b, uint16_t type, uint32_t value);
void nl_put_str(struct nl_batch *b, uint16_t type, const char *text);
size_t nl_nest(struct nl_batch *b, uint16_t type);
void nl_nest_end(struct nl_batch *b, size_t at);

/* Opens a socket of the calling thread's network namespace. */
int nl_open(int protocol, enum step step, struct err *e) MUST_CHECK;
/* Sends the batch and waits for every acknowledgement; fails with the first error the kernel names. */
int nl_run(int sock, struct nl_batch *b, enum step step, const char *path, struct err *e) MUST_CHECK;
/* Sends one dump request and hands every message (behind its nlmsghdr) to `each`. */
typedef void (*nl_each)(uint16_t type, struct nl_view body, void *arg);
struct nl_dump {
	nl_each each;
	void *arg;
	enum step step;
};
int nl_dump(int sock, struct nl_batch *b, const struct nl_dump *d, struct err *e) MUST_CHECK;

/* Splits received bytes into messages: false at the end or when cut short. */
bool nl_next_message(struct nl_view *in, struct nlmsghdr *head, struct nl_view *body);
/* Finds an attribute behind `skip` bytes of fixed header. */
bool nl_find(struct nl_view in, size_t skip, uint16_t type, struct nl_view *value);
bool nl_get_u32(struct nl_view in, size_t skip, uint16_t type, uint32_t *value);
#endif
