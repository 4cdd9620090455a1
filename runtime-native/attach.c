/* Attach clients: a greeting, then frames of output one way and stdin the other. A client that does not read fills its
 * own buffer and thereby stops the reading of the process's output; nothing grows. */
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "log.h"
#include "shim.h"
#include "sys.h"

#define MAX_CLIENTS 64
#define FRAME_HEAD 8u
#define CLIENT_ROOM 65536u

struct client {
	struct watch watch;
	struct task *task;
	uint32_t flags; /* ATTACH_*, known once greeted */
	bool greeted, input_ended;
	bool gone; /* takes no output any more; what it sent is still read */
	uint32_t head_used, out_used;
	unsigned char head[8];
};

/* apart from the clients, so that looking through those touches no page of a buffer nobody uses */
static struct client clients[MAX_CLIENTS];
static char buffers[MAX_CLIENTS][CLIENT_ROOM] __attribute__((aligned(4096)));

static char *buffer_of(const struct client *c)
{
	return buffers[c - clients];
}

void attach_open(void)
{
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		clients[i].watch.fd = -1;
}

static void close_client(struct client *c)
{
	struct task *t = c->task;
	if (c->watch.fd < 0)
		return;
	loop_close(&c->watch);
	if (c->flags & ATTACH_STDIN && t->flags & PROCESS_STDIN_ONCE)
		stdin_end(t);
	if (c->out_used > 0)
		madvise(buffer_of(c), CLIENT_ROOM, MADV_DONTNEED);
	c->out_used = 0;
	c->task = NULL;
	stdio_resume(t);
}

static void client_interest(struct client *c)
{
	bool reads = !c->input_ended && (!(c->flags & ATTACH_STDIN) || stdin_ready(c->task));
	/* PRI is never sent here: it keeps the client watched, so that its going away is noticed, once */
	uint32_t events = (c->gone ? 0 : (uint32_t)EPOLLPRI) | (reads ? (uint32_t)EPOLLIN : 0) |
			  (c->out_used > 0 ? (uint32_t)EPOLLOUT : 0);
	if (loop_watch(&c->watch, events) != 0)
		close_client(c);
}

/* ---- output ---- */

/* Nobody reads any more; stdin that was sent before is still delivered. */
static void lose_reader(struct client *c)
{
	c->gone = true;
	c->out_used = 0;
	if (c->input_ended || !(c->flags & ATTACH_STDIN) || c->task->in.fd < 0)
		close_client(c);
}

static void flush_client(struct client *c)
{
	ssize_t n = send(c->watch.fd, buffer_of(c), c->out_used, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		lose_reader(c);
		return;
	}
	if (n > 0) {
		c->out_used -= (uint32_t)n;
		memmove(buffer_of(c), buffer_of(c) + n, c->out_used);
		if (c->out_used == 0)
			madvise(buffer_of(c), CLIENT_ROOM, MADV_DONTNEED);
		if (c->task->phase == TASK_REAPED)
			c->task->deadline = now_ns(CLOCK_MONOTONIC) + CLIENT_PATIENCE;
	}
}

/* Sends parts at once as far as the socket takes them; keeps the rest. */
static void send_parts(struct client *c, struct iovec *parts, unsigned count)
{
	struct msghdr head = {.msg_iov = parts, .msg_iovlen = count};
	ssize_t sent = c->out_used > 0 ? 0 : sendmsg(c->watch.fd, &head, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		lose_reader(c);
		return;
	}
	size_t skip = sent > 0 ? (size_t)sent : 0;
	for (unsigned i = 0; i < count; i++) {
		size_t done = skip < parts[i].iov_len ? skip : parts[i].iov_len;
		size_t left = parts[i].iov_len - done;
		skip -= done;
		if (left > CLIENT_ROOM - c->out_used) /* attach_room was asked before: cannot be */
			return close_client(c);
		memcpy(buffer_of(c) + c->out_used, (char *)parts[i].iov_base + done, left);
		c->out_used += (uint32_t)left;
	}
	client_interest(c);
}

bool attach_room(const struct task *t)
{
	for (const struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->watch.fd >= 0 && c->task == t && c->out_used + CHUNK + FRAME_HEAD > CLIENT_ROOM)
			return false;
	return true;
}

static void send_frame(struct client *c, unsigned stream, const char *data, size_t len)
{
	unsigned char head[FRAME_HEAD] = {(unsigned char)stream, 0, 0, 0, (unsigned char)(len >> 24),
		(unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len};
	bool framed = !(c->task->flags & PROCESS_TTY);
	struct iovec parts[2] = {{head, framed ? FRAME_HEAD : 0}, {(void *)(uintptr_t)data, len}};
	if (c->watch.fd >= 0 && !c->gone && c->flags & (stream == 1 ? ATTACH_STDOUT : ATTACH_STDERR))
		send_parts(c, parts, 2);
}

void attach_send(struct task *t, unsigned stream, const char *data, size_t len)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->watch.fd >= 0 && c->task == t && c->greeted)
			send_frame(c, stream, data, len);
}

bool attach_drained(const struct task *t)
{
	for (const struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->watch.fd >= 0 && c->task == t && c->out_used > 0)
			return false;
	return true;
}

void attach_close(const struct task *t)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->watch.fd >= 0 && c->task == t)
			close_client(c);
}

/* ---- input ---- */

void attach_stdin(struct task *t)
{
	for (struct client *c = clients; c < clients + MAX_CLIENTS; c++)
		if (c->watch.fd >= 0 && c->task == t && c->greeted)
			client_interest(c);
}

/* What the log is about to get and a reader of its file cannot see. */
static void send_unfinished(struct client *c)
{
	const char *data;
	for (unsigned stream = 1; stream <= 2; stream++) {
		size_t len = log_unfinished(stream, &data);
		if (len > 0)
			send_frame(c, stream, data, len);
	}
}

static void greet(struct client *c)
{
	uint64_t offset = c->task == CONTAINER ? log_offset() : 0;
	struct iovec part = {&offset, sizeof offset};
	c->flags = (uint32_t)c->head[2] | (uint32_t)c->head[3] << 8;
	c->greeted = c->head[0] == 'G' && c->head[1] == 'A';
	if (c->greeted)
		send_parts(c, &part, 1);
	if (c->watch.fd >= 0 && c->flags & ATTACH_UNFINISHED && c->task == CONTAINER)
		send_unfinished(c);
	/* to one who comes after the end there is nothing to say but where the log ends */
	if (c->watch.fd >= 0 && (!c->greeted || c->task->phase == TASK_FINISHED))
		close_client(c);
}

static void take_input(struct client *c)
{
	char data[STDIN_ROOM];
	if (c->greeted && c->flags & ATTACH_STDIN && !stdin_ready(c->task))
		return; /* another client was faster */
	ssize_t n = c->greeted ? recv(c->watch.fd, data, sizeof data, 0)
			       : recv(c->watch.fd, c->head + c->head_used, sizeof c->head - c->head_used, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (n == 0 && !c->greeted)) {
		close_client(c);
		return;
	}
	if (n == 0) {
		c->input_ended = true;
		if (c->flags & ATTACH_STDIN && c->task->flags & PROCESS_STDIN_ONCE)
			stdin_end(c->task);
	} else if (!c->greeted) {
		c->head_used += (uint32_t)n;
		if (c->head_used == sizeof c->head)
			greet(c);
	} else if (c->flags & ATTACH_STDIN) {
		stdin_write(c->task, data, (size_t)n);
		if (!stdin_ready(c->task))
			attach_stdin(c->task);
	}
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct client *c = HOLDER(w, struct client, watch);
	struct task *t = c->task;
	if (events & EPOLLOUT && c->out_used > 0)
		flush_client(c);
	if (w->fd >= 0 && events & EPOLLIN)
		take_input(c);
	if (w->fd >= 0 && (c->gone || events & (EPOLLHUP | EPOLLERR)))
		lose_reader(c);
	if (w->fd >= 0)
		client_interest(c);
	stdio_resume(t);
	task_check(t);
}

void attach_accept(struct watch *listener, uint32_t events)
{
	struct client *c = clients;
	(void)events;
	int fd = launch_dir_accept(listener->fd);
	while (c < clients + MAX_CLIENTS && c->watch.fd >= 0)
		c++;
	if (fd < 0)
		return;
	if (c == clients + MAX_CLIENTS) {
		close(fd);
		return;
	}
	c->watch = (struct watch){.fd = fd, .ready = client_ready};
	c->task = HOLDER(listener, struct task, listener);
	c->flags = c->head_used = c->out_used = 0;
	c->greeted = c->input_ended = c->gone = false;
	client_interest(c);
}
