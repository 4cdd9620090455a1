/* TCP clients of the resolver: one question at a time each, few, and none may dawdle. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "dns.h"
#include "sys.h"

#define MAX_CLIENTS 32
#define IDLE_MS 10000

struct dns_client {
	struct net_dead dead;
	struct watch watch;
	uint64_t deadline;
	bool busy; /* a question of it is being passed on */
	uint8_t *out;
	size_t out_len, out_at;
	size_t in_len;
	uint8_t in[2 + DNS_MAX_QUERY];
};

static struct dns_client *clients[MAX_CLIENTS];
static unsigned client_count;

static void drop(struct dns_client *c)
{
	for (unsigned i = 0; i < client_count; i++)
		if (clients[i] == c)
			clients[i] = clients[--client_count];
	dns_forget(c);
	loop_close(&c->watch);
	free(c->out);
	c->out = NULL;
	net_timed(-1);
	net_retire(&c->dead);
}

static void want(struct dns_client *c)
{
	uint32_t events = c->out != NULL ? EPOLLOUT : c->busy ? 0 : EPOLLIN;
	c->deadline = net_now_ms() + IDLE_MS;
	if (loop_watch(&c->watch, events) != 0)
		drop(c);
}

/* Sends what is pending; false when the client is gone. */
static bool flush(struct dns_client *c)
{
	ssize_t n = send(c->watch.fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(c);
		return false;
	}
	c->out_at += n > 0 ? (size_t)n : 0;
	if (c->out_at == c->out_len) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

void dns_client_reply(struct dns_client *c, const uint8_t *msg, size_t len)
{
	c->busy = false;
	c->out = malloc(len + 2);
	if (c->out == NULL) {
		drop(c);
		return;
	}
	c->out[0] = (uint8_t)(len >> 8);
	c->out[1] = (uint8_t)len;
	memcpy(c->out + 2, msg, len);
	c->out_len = len + 2;
	c->out_at = 0;
	if (flush(c))
		want(c);
}

/* Takes the first complete question out of the buffer and answers it; false when there is none to take now. */
static bool next_question(struct dns_client *c)
{
	static uint8_t msg[DNS_MAX_QUERY], out[DNS_MAX_ANSWER];
	if (c->watch.fd < 0 || c->busy || c->out != NULL || c->in_len < 2)
		return false;
	size_t len = (size_t)c->in[0] << 8 | c->in[1];
	if (len > DNS_MAX_QUERY || len < DNS_HEADER) {
		drop(c);
		return false;
	}
	if (c->in_len < 2 + len)
		return false;
	memcpy(msg, c->in + 2, len);
	c->in_len -= 2 + len;
	memmove(c->in, c->in + 2 + len, c->in_len);
	c->busy = true;
	struct dns_exchange x = {.msg = msg, .len = len, .tcp = true, .out = out};
	dns_question(&x, &(struct dns_asker){.client = c});
	if (c->watch.fd >= 0)
		want(c);
	return true;
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct dns_client *c = HOLDER(w, struct dns_client, watch);
	if (events & EPOLLOUT) {
		if (flush(c))
			want(c);
		return;
	}
	ssize_t n = recv(w->fd, c->in + c->in_len, sizeof c->in - c->in_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->in_len += (size_t)n;
	dns_refresh();
	while (next_question(c))
		;
}

void dns_accept(struct watch *listener, uint32_t events)
{
	(void)events;
	SCOPED_FD fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		net_breathe();
	if (fd < 0 || client_count == MAX_CLIENTS)
		return;
	struct dns_client *c = calloc(1, sizeof *c);
	if (c == NULL)
		return;
	c->watch = (struct watch){.fd = take_fd(&fd), .ready = client_ready};
	clients[client_count++] = c;
	net_timed(1);
	want(c);
}

void dns_client_tick(uint64_t now)
{
	for (unsigned i = client_count; i-- > 0;) {
		if (i >= client_count)
			continue;
		if (clients[i]->deadline <= now)
			drop(clients[i]);
		else /* one that came together with another that was passed on */
			(void)next_question(clients[i]);
	}
}
