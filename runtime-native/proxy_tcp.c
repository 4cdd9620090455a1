/* TCP from an IPv6 host address to a container's IPv4 one. Each side's end is passed on by itself (half-close); what
 * one side does not take is kept, at most SCRATCH bytes, and no more is read from the other until it is gone. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "net_child.h"
#include "sys.h"

#define MAX_PAIRS 1024
#define MAX_LISTENERS 512
#define SCRATCH 65536

struct end {
	struct watch watch;
	uint8_t *pending; /* to be written to this end */
	size_t len, at;
	bool finished; /* this end has sent all it will */
};

struct pair {
	struct net_dead dead;
	struct end client, target;
	bool connecting;
	bool broken;
};

struct listener {
	struct watch watch;
	union net_addr target;
};

static struct listener listeners[MAX_LISTENERS];
static unsigned listener_count, pair_count;

static void watch_listeners(uint32_t events)
{
	for (unsigned i = 0; i < listener_count; i++)
		(void)loop_watch(&listeners[i].watch, events);
}

static void break_pair(struct pair *p)
{
	if (p->broken)
		return;
	p->broken = true;
	loop_close(&p->client.watch);
	loop_close(&p->target.watch);
	free(p->client.pending);
	free(p->target.pending);
	net_retire(&p->dead);
	if (pair_count-- == MAX_PAIRS)
		watch_listeners(EPOLLIN);
}

/* Sends what is pending for an end. */
static bool flush(struct end *to)
{
	if (to->len == 0)
		return true;
	ssize_t n = send(to->watch.fd, to->pending + to->at, to->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	to->at += (size_t)n;
	to->len -= (size_t)n;
	if (to->len == 0) {
		free(to->pending);
		to->pending = NULL;
	}
	return true;
}

static bool keep(struct end *to, const uint8_t *data, size_t len)
{
	to->pending = malloc(len);
	if (to->pending == NULL)
		return false;
	memcpy(to->pending, data, len);
	to->len = len;
	to->at = 0;
	return true;
}

/* Moves one buffer's worth; false when the connection is broken. */
static bool pump(struct end *from, struct end *to)
{
	static uint8_t scratch[SCRATCH];
	if (from->finished || to->len > 0)
		return true;
	ssize_t n = recv(from->watch.fd, scratch, sizeof scratch, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		from->finished = true;
		return shutdown(to->watch.fd, SHUT_WR) == 0;
	}
	ssize_t sent = send(to->watch.fd, scratch, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (sent < 0)
		sent = 0;
	return sent == n || keep(to, scratch + sent, (size_t)(n - sent));
}

static uint32_t wish(const struct end *self, const struct end *other)
{
	return (!self->finished && other->len == 0 ? (uint32_t)EPOLLIN : 0) | (self->len > 0 ? (uint32_t)EPOLLOUT : 0);
}

static void settle(struct pair *p, bool ok)
{
	struct end *c = &p->client, *t = &p->target;
	bool over = c->finished && t->finished && c->len == 0 && t->len == 0;
	if (!ok || over || loop_watch(&c->watch, wish(c, t)) != 0 || loop_watch(&t->watch, wish(t, c)) != 0)
		break_pair(p);
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct pair *p = HOLDER(w, struct pair, client.watch);
	bool ok = !(events & EPOLLOUT) || flush(&p->client);
	settle(p, ok && (events == EPOLLOUT || pump(&p->client, &p->target)));
}

static bool connected(struct pair *p)
{
	int broken = 0;
	socklen_t len = sizeof broken;
	if (getsockopt(p->target.watch.fd, SOL_SOCKET, SO_ERROR, &broken, &len) != 0 || broken != 0)
		return false;
	p->connecting = false;
	return true;
}

static void target_ready(struct watch *w, uint32_t events)
{
	struct pair *p = HOLDER(w, struct pair, target.watch);
	if (p->connecting) {
		settle(p, connected(p));
		return;
	}
	bool ok = !(events & EPOLLOUT) || flush(&p->target);
	settle(p, ok && (events == EPOLLOUT || pump(&p->target, &p->client)));
}

static int dial(const union net_addr *target)
{
	SCOPED_FD fd = socket(target->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = target->any.sa_family == AF_INET ? sizeof target->v4 : sizeof target->v6;
	if (fd < 0 || (connect(fd, &target->any, len) < 0 && errno != EINPROGRESS))
		return -1;
	return take_fd(&fd);
}

static void accept_ready(struct watch *w, uint32_t events)
{
	struct listener *l = HOLDER(w, struct listener, watch);
	(void)events;
	SCOPED_FD client = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		net_breathe();
		return;
	}
	struct pair *p = calloc(1, sizeof *p);
	if (p == NULL)
		return;
	p->connecting = true;
	p->target.watch = (struct watch){.fd = dial(&l->target), .ready = target_ready};
	p->client.watch = (struct watch){.fd = take_fd(&client), .ready = client_ready};
	if (++pair_count == MAX_PAIRS)
		watch_listeners(0); /* the rest waits in the backlog */
	if (p->target.watch.fd < 0 || loop_watch(&p->target.watch, EPOLLOUT) != 0)
		break_pair(p);
}

int proxy_tcp_add(int fd, const union net_addr *target, struct err *e)
{
	if (listener_count == MAX_LISTENERS)
		return fail_with(e, STEP_LISTEN, EMFILE, "proxy");
	struct listener *l = &listeners[listener_count++];
	l->watch = (struct watch){.fd = fd, .ready = accept_ready};
	l->target = *target;
	return 0;
}

bool proxy_tcp_serve(void)
{
	for (unsigned i = 0; i < listener_count; i++)
		if (loop_watch(&listeners[i].watch, EPOLLIN) != 0)
			return false;
	return true;
}

void proxy_tcp_forget(void)
{
	listener_count = 0;
}
