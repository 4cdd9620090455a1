/* UDP from an IPv6 host address to a container's IPv4 one: a connected socket for each client, forgotten when idle. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "net_child.h"
#include "sys.h"

#define MAX_SESSIONS 512
#define MAX_LISTENERS 512
#define IDLE_MS 90000
#define BURST 32
#define DATAGRAM 65535

struct udp_listener {
	struct watch watch;
	union net_addr target;
};

struct session {
	struct net_dead dead;
	struct watch watch;
	struct udp_listener *listener;
	struct sockaddr_in6 client;
	struct in6_pktinfo local; /* the address the client spoke to, to answer from it */
	uint64_t deadline;
};

static struct udp_listener listeners[MAX_LISTENERS];
static unsigned listener_count;
static struct session *sessions[MAX_SESSIONS];
static unsigned session_count;
static uint8_t buffer[DATAGRAM];

/* A datagram with its ancillary data. */
struct packet {
	struct sockaddr_in6 peer;
	struct in6_pktinfo info;
	size_t len;
};

union control {
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct cmsghdr align;
};

static bool receive(int fd, struct packet *p)
{
	union control control;
	struct iovec data = {buffer, sizeof buffer};
	struct msghdr msg = {.msg_name = &p->peer,
		.msg_namelen = sizeof p->peer,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	if (n < 0)
		return false;
	p->len = (size_t)n;
	memset(&p->info, 0, sizeof p->info);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(&p->info, CMSG_DATA(c), sizeof p->info);
	return true;
}

static void reply(const struct session *s, size_t len)
{
	union control control = {0};
	struct sockaddr_in6 to = s->client;
	struct iovec data = {buffer, len};
	struct msghdr msg = {.msg_name = &to,
		.msg_namelen = sizeof to,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof s->local);
	memcpy(CMSG_DATA(c), &s->local, sizeof s->local);
	(void)sendmsg(s->listener->watch.fd, &msg, MSG_DONTWAIT); /* datagrams may be lost */
}

static void end_session(unsigned i)
{
	struct session *s = sessions[i];
	sessions[i] = sessions[--session_count];
	loop_close(&s->watch);
	net_timed(-1);
	net_retire(&s->dead);
}

static void answer_ready(struct watch *w, uint32_t events)
{
	struct session *s = HOLDER(w, struct session, watch);
	(void)events;
	for (int i = 0; i < BURST; i++) {
		ssize_t n = recv(w->fd, buffer, sizeof buffer, MSG_DONTWAIT);
		if (n < 0) /* also "connection refused", which a datagram sender does not hear of */
			return;
		s->deadline = net_now_ms() + IDLE_MS;
		reply(s, (size_t)n);
	}
}

static struct session *find(const struct udp_listener *l, const struct sockaddr_in6 *client)
{
	for (unsigned i = 0; i < session_count; i++) {
		struct session *s = sessions[i];
		if (s->listener == l && s->client.sin6_port == client->sin6_port &&
			s->client.sin6_scope_id == client->sin6_scope_id &&
			memcmp(&s->client.sin6_addr, &client->sin6_addr, sizeof client->sin6_addr) == 0)
			return s;
	}
	return NULL;
}

/* At the cap the session that has been idle longest makes room. */
static void make_room(void)
{
	unsigned oldest = 0;
	for (unsigned i = 1; i < session_count; i++)
		if (sessions[i]->deadline < sessions[oldest]->deadline)
			oldest = i;
	if (session_count == MAX_SESSIONS)
		end_session(oldest);
}

static struct session *open_session(struct udp_listener *l, const struct packet *p)
{
	make_room();
	SCOPED_FD fd = socket(l->target.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = l->target.any.sa_family == AF_INET ? sizeof l->target.v4 : sizeof l->target.v6;
	struct session *s = fd < 0 || connect(fd, &l->target.any, len) < 0 ? NULL : calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->watch = (struct watch){.fd = take_fd(&fd), .ready = answer_ready};
	s->listener = l;
	s->client = p->peer;
	s->local = p->info;
	sessions[session_count++] = s;
	net_timed(1);
	if (loop_watch(&s->watch, EPOLLIN) == 0)
		return s;
	end_session(session_count - 1);
	return NULL;
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct udp_listener *l = HOLDER(w, struct udp_listener, watch);
	struct packet p;
	(void)events;
	for (int i = 0; i < BURST && receive(w->fd, &p); i++) {
		struct session *s = find(l, &p.peer);
		if (s == NULL)
			s = open_session(l, &p);
		if (s == NULL)
			continue;
		s->deadline = net_now_ms() + IDLE_MS;
		(void)send(s->watch.fd, buffer, p.len, MSG_DONTWAIT);
	}
}

int proxy_udp_add(int fd, const union net_addr *target, struct err *e)
{
	int on = 1;
	if (listener_count == MAX_LISTENERS)
		return fail_with(e, STEP_LISTEN, EMFILE, "proxy");
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) < 0)
		return fail(e, STEP_LISTEN, "pktinfo");
	struct udp_listener *l = &listeners[listener_count++];
	l->watch = (struct watch){.fd = fd, .ready = listener_ready};
	l->target = *target;
	return 0;
}

bool proxy_udp_serve(void)
{
	for (unsigned i = 0; i < listener_count; i++)
		if (loop_watch(&listeners[i].watch, EPOLLIN) != 0)
			return false;
	return true;
}

void proxy_udp_forget(void)
{
	listener_count = 0;
}

void proxy_udp_tick(uint64_t now)
{
	for (unsigned i = session_count; i-- > 0;)
		if (i < session_count && sessions[i]->deadline <= now)
			end_session(i);
}
