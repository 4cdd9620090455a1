/* Reading questions and writing answers of the DNS (RFC 1035, EDNS of RFC 6891). Pure: no socket, no clock. */
#ifndef GANTRY_DNS_MESSAGE_H
#define GANTRY_DNS_MESSAGE_H
#include "dns_names.h"
#include "gen/records.h"

#define DNS_HEADER 12u
#define DNS_MAX_QUERY 4096u
#define DNS_MAX_ANSWER 4096u

enum dns_rcode { DNS_NOERROR = 0, DNS_FORMERR = 1, DNS_SERVFAIL = 2, DNS_NOTIMP = 4, DNS_REFUSED = 5 };

/* A question as it came. */
struct dns_question {
	char name[256]; /* lower-case, dots between labels; "" when a label holds bytes no table has */
	uint16_t type, class;
	size_t end;    /* of the question section */
	uint16_t room; /* what the asker takes by UDP */
	bool edns;
};

/* What the resolver knows. */
struct dns_zone {
	struct dns_table *tables;
	unsigned count;
	uint32_t flags; /* DNS_* of the plan */
	uint32_t seed;  /* of the shuffle */
};

/* A message and where its answer goes. */
struct dns_exchange {
	const uint8_t *msg;
	size_t len;
	bool tcp;
	uint8_t *out; /* DNS_MAX_ANSWER bytes */
	size_t out_len;
};

enum dns_verdict { DNS_DROP, DNS_ANSWERED, DNS_FORWARD };

/* Answers what the tables know; out holds the answer on DNS_ANSWERED, out_len is 0 otherwise. */
enum dns_verdict dns_answer(struct dns_zone *z, struct dns_exchange *x);
/* An answer without records. Needs a message that dns_answer did not drop. */
void dns_answer_empty(struct dns_exchange *x, enum dns_rcode rcode);
/* True when `reply` answers `query`: same id and question, and an answer at all. */
bool dns_reply_matches(const uint8_t *query, size_t len, const uint8_t *reply, size_t reply_len);
#endif
