/* Questions passed on: each from a socket of its own, so with a port and id of its own, to one server after the other.
 */
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include "dns.h"
#include "sys.h"

#define MAX_QUERIES 512
#define MAX_REPLY 65535u
#define RCODE(msg) ((msg)[3] & 0x0f)

struct query {
	struct net_dead dead;
	struct watch up;
	struct dns_asker asker;
	uint64_t deadline;
	unsigned tried;
	bool tcp;
	uint8_t id[2]; /* the asker's */
	uint8_t *in;   /* of a TCP answer: length, message */
	size_t in_len;
	size_t len;
	uint8_t msg[2 + DNS_MAX_QUERY]; /* length for TCP, then the question with an id of ours */
};

static struct query *live[MAX_QUERIES];
static unsigned live_count;

static void finish(struct query *q)
{
	for (unsigned i = 0; i < live_count; i++)
		if (live[i] == q)
			live[i] = live[--live_count];
	loop_close(&q->up);
	free(q->in);
	net_timed(-1);
	net_retire(&q->dead);
}

/* An answer of our own to a question that nobody answers. */
static void refuse(const struct dns_exchange *question, const struct dns_asker *asker, enum dns_rcode rcode)
{
	uint8_t out[DNS_MAX_ANSWER];
	struct dns_exchange x = *question;
	x.out = out;
	dns_answer_empty(&x, rcode);
	dns_deliver(asker, out, x.out_len);
}

static void give_up(struct query *q)
{
	const struct dns_asker asker = q->asker;
	memcpy(q->msg + 2, q->id, 2);
	q->asker.client = NULL; /* a client that breaks now must not take this query with it */
	refuse(&(struct dns_exchange){.msg = q->msg + 2, .len = q->len, .tcp = q->tcp}, &asker, DNS_SERVFAIL);
	finish(q);
}

static bool ask(struct query *q, const union net_addr *server)
{
	socklen_t len = server->any.sa_family == AF_INET ? sizeof server->v4 : sizeof server->v6;
	int kind = q->tcp ? SOCK_STREAM : SOCK_DGRAM;
	q->up.fd = socket(server->any.sa_family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (q->up.fd < 0 || getrandom(q->msg + 2, 2, 0) != 2)
		return false;
	if (connect(q->up.fd, &server->any, len) < 0 && errno != EINPROGRESS)
		return false;
	if (!q->tcp && send(q->up.fd, q->msg + 2, q->len, 0) < 0)
		return false;
	return loop_watch(&q->up, q->tcp ? EPOLLOUT : EPOLLIN) == 0;
}

/* Asks the next server, or answers SERVFAIL when there is none left. */
static void try_next(struct query *q)
{
	while (q->tried < dns.upstream_count) {
		loop_close(&q->up);
		q->in_len = 0;
		q->deadline = net_now_ms() + DNS_PATIENCE_MS;
		if (ask(q, &dns.upstreams[q->tried++]))
			return;
	}
	give_up(q);
}

/* Hands the answer over unchanged but for its id; one for another question is not believed. */
static void take_reply(struct query *q, uint8_t *msg, size_t len)
{
	if (!dns_reply_matches(q->msg + 2, q->len, msg, len))
		return;
	if (RCODE(msg) == DNS_SERVFAIL || RCODE(msg) == DNS_REFUSED) {
		try_next(q);
		return;
	}
	const struct dns_asker asker = q->asker;
	memcpy(msg, q->id, 2);
	q->asker.client = NULL;
	dns_deliver(&asker, msg, len);
	finish(q);
}

static void udp_answer(struct query *q)
{
	static uint8_t in[MAX_REPLY];
	ssize_t n = recv(q->up.fd, in, sizeof in, MSG_DONTWAIT);
	if (n >= 0)
		take_reply(q, in, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		try_next(q);
}

static void tcp_send(struct query *q)
{
	int broken = 0;
	socklen_t len = sizeof broken;
	if (getsockopt(q->up.fd, SOL_SOCKET, SO_ERROR, &broken, &len) == 0 && broken == 0) {
		ssize_t n = send(q->up.fd, q->msg, q->len + 2, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == (ssize_t)q->len + 2 && loop_watch(&q->up, EPOLLIN) == 0)
			return;
	}
	try_next(q);
}

static void tcp_answer(struct query *q)
{
	if (q->in == NULL)
		q->in = malloc(MAX_REPLY + 2);
	ssize_t n = q->in == NULL ? 0 : recv(q->up.fd, q->in + q->in_len, MAX_REPLY + 2 - q->in_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		try_next(q);
		return;
	}
	q->in_len += (size_t)n;
	size_t want = q->in_len < 2 ? 2 : 2u + ((size_t)q->in[0] << 8 | q->in[1]);
	if (q->in_len < want || want == 2)
		return;
	take_reply(q, q->in + 2, want - 2);
}

static void answer_ready(struct watch *w, uint32_t events)
{
	struct query *q = HOLDER(w, struct query, up);
	if (!q->tcp)
		udp_answer(q);
	else if (events & EPOLLOUT)
		tcp_send(q);
	else
		tcp_answer(q);
}

void dns_forward(const struct dns_exchange *x, const struct dns_asker *asker)
{
	struct query *q = live_count < MAX_QUERIES && dns.upstream_count > 0 ? calloc(1, sizeof *q) : NULL;
	if (q == NULL) {
		refuse(x, asker, dns.upstream_count == 0 ? DNS_SERVFAIL : DNS_REFUSED);
		return;
	}
	q->up = (struct watch){.fd = -1, .ready = answer_ready};
	q->asker = *asker;
	q->tcp = x->tcp;
	q->len = x->len;
	q->msg[0] = (uint8_t)(x->len >> 8);
	q->msg[1] = (uint8_t)x->len;
	memcpy(q->msg + 2, x->msg, x->len);
	memcpy(q->id, x->msg, 2);
	live[live_count++] = q;
	net_timed(1);
	try_next(q);
}

void dns_forget(const struct dns_client *client)
{
	for (unsigned i = live_count; i-- > 0;)
		if (live[i]->asker.client == client)
			finish(live[i]);
}

void dns_forward_tick(uint64_t now)
{
	for (unsigned i = live_count; i-- > 0;)
		if (i < live_count && live[i]->deadline <= now)
			try_next(live[i]);
}
