/* The control socket: requests of the engine, answers, events. Any number of engines may come and go; a connection that
 * does not read its answers is closed. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "net.h"
#include "plan.h"
#include "shim.h"
#include "sys.h"
#include "tty.h"

#define MAX_CTL 8
#define CTL_OUT 16384u
#define IN_ROOM (MAX_MESSAGE + 4096u)

struct ctl_client {
	struct watch watch;
	uint32_t serial;
	bool greeted; /* gets events */
	uint32_t in_used, out_used;
	char *in, *out; /* IN_ROOM and CTL_OUT bytes, apart so that only pages in use count */
};

static struct ctl_client clients[MAX_CTL];
static char in_buffers[MAX_CTL][IN_ROOM] __attribute__((aligned(4096)));
static char out_buffers[MAX_CTL][CTL_OUT];
static struct watch listener;

static void close_client(struct ctl_client *c)
{
	loop_close(&c->watch);
	task_abandon(c);
	c->serial++;
	madvise(c->in, IN_ROOM, MADV_DONTNEED);
}

/* ---- out ---- */

static void flush(struct ctl_client *c)
{
	ssize_t n = c->out_used == 0 ? 0 : send(c->watch.fd, c->out, c->out_used, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		c->out_used -= (uint32_t)n;
		memmove(c->out, c->out + n, c->out_used);
	}
	if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
		loop_watch(&c->watch, (uint32_t)EPOLLIN | (c->out_used > 0 ? (uint32_t)EPOLLOUT : 0)) != 0)
		close_client(c);
}

static void send_message(struct ctl_client *c, const struct message *m)
{
	if (c->watch.fd < 0)
		return;
	if (m->broken || m->used > CTL_OUT - c->out_used) {
		close_client(c);
		return;
	}
	memcpy(c->out + c->out_used, m->data, m->used);
	c->out_used += m->used;
	flush(c);
}

void ctl_reply(struct waiter *who, const struct message *m)
{
	struct ctl_client *c = who->client;
	who->client = NULL;
	if (c != NULL && c->watch.fd >= 0 && c->serial == who->serial)
		send_message(c, m);
}

void ctl_reply_ok(struct waiter *who)
{
	struct message m;
	message_empty(&m, MSG_OK, who->id);
	ctl_reply(who, &m);
}

void ctl_reply_failed(struct waiter *who, const struct err *e)
{
	struct message m;
	message_failed(&m, who->id, e);
	ctl_reply(who, &m);
}

void ctl_broadcast(const struct message *m)
{
	for (unsigned i = 0; i < MAX_CTL; i++)
		if (clients[i].watch.fd >= 0 && clients[i].greeted)
			send_message(&clients[i], m);
}

void ctl_flush(void)
{
	for (unsigned i = 0; i < MAX_CTL; i++)
		while (clients[i].watch.fd >= 0 && clients[i].out_used > 0) {
			ssize_t n = send(
				clients[i].watch.fd, clients[i].out, clients[i].out_used, MSG_NOSIGNAL | MSG_DONTWAIT);
			if (n < 0)
				break; /* it had its chance: the replies of a dismissed shim fit any socket buffer */
			clients[i].out_used -= (uint32_t)n;
			memmove(clients[i].out, clients[i].out + n, clients[i].out_used);
		}
}

/* ---- requests: each gives 1 = answered or will be, 0 = say ok, -1 = failed ---- */

static int hello(struct ctl_client *c, struct cur body, struct waiter who, struct err *e)
{
	struct msg_hello hello;
	const struct task *t = CONTAINER;
	struct message m;
	if (!msg_hello_parse(&body, &hello))
		return fail_with(e, STEP_PLAN, EBADMSG, "hello");
	c->greeted = true;
	message_begin(&m, MSG_STATE, who.id);
	put_u32(&m, WIRE_VERSION);
	put_u32(&m, shim.phase);
	put_u32(&m, (uint32_t)t->pid);
	put_u64(&m, t->started_ns);
	put_u64(&m, t->finished_ns);
	put_u32(&m, t->status);
	put_u32(&m, shim.oom);
	put_u32(&m, t->failure.step);
	put_u32(&m, t->failure.eno);
	put_str(&m, t->failure.path);
	message_end(&m);
	ctl_reply(&who, &m);
	return 1;
}

static struct task *find(const char *name, struct err *e)
{
	struct task *t = task_named(name);
	if (t == NULL)
		fail_with(e, STEP_NO_SUCH_EXEC, ENOENT, name);
	return t;
}

static int send_signal(struct cur body, struct err *e)
{
	struct msg_signal request;
	if (!msg_signal_parse(&body, &request))
		return fail_with(e, STEP_PLAN, EBADMSG, "signal");
	struct task *t = find(request.exec.ptr, e);
	if (t == NULL)
		return -1;
	if (t->phase != TASK_RUNNING && t->phase != TASK_STARTING)
		return fail_with(e, STEP_STATE, ESRCH, request.exec.ptr);
	return sys_pidfd_send_signal(t->pidfd, (int)request.signal) == 0 ? 0 : fail(e, STEP_STATE, "signal");
}

static int resize(struct cur body, struct err *e)
{
	struct msg_resize request;
	if (!msg_resize_parse(&body, &request))
		return fail_with(e, STEP_PLAN, EBADMSG, "resize");
	struct task *t = find(request.exec.ptr, e);
	if (t == NULL)
		return -1;
	if (!(t->flags & PROCESS_TTY) || t->out[0].fd < 0)
		return fail_with(e, STEP_STATE, ENOTTY, request.exec.ptr);
	return tty_resize(t->out[0].fd, request.rows, request.cols) == 0 ? 0 : fail(e, STEP_TTY, "resize");
}

static int prepare_exec(struct cur body, struct waiter who, struct err *e)
{
	struct msg_exec_prepare request;
	if (!msg_exec_prepare_parse(&body, &request))
		return fail_with(e, STEP_PLAN, EBADMSG, "execPrepare");
	return exec_prepare(request.exec.ptr, (struct cur){request.plan.ptr, request.plan.len}, who, e) == 0 ? 1 : -1;
}

static int go_exec(struct cur body, struct waiter who, struct err *e)
{
	struct msg_exec_go request;
	if (!msg_exec_go_parse(&body, &request) || request.exec.len == 0)
		return fail_with(e, STEP_PLAN, EBADMSG, "execGo");
	struct task *t = find(request.exec.ptr, e);
	return t != NULL && task_go(t, who, e) == 0 ? 1 : -1;
}

/* The namespace by its process, which is not reaped yet, so its number is its own. */
static int open_netns(struct err *e)
{
	char path[64];
	if (CONTAINER->phase != TASK_RUNNING && CONTAINER->phase != TASK_PREPARED)
		return fail_with(e, STEP_STATE, ESRCH, "network");
	snprintf(path, sizeof path, "/proc/%d/ns/net", CONTAINER->pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : fail(e, STEP_LINK, path);
}

static int add_endpoints(struct cur body, struct err *e)
{
	struct msg_endpoint_add request;
	struct plan_endpoint endpoint;
	if (!msg_endpoint_add_parse(&body, &request))
		return fail_with(e, STEP_PLAN, EBADMSG, "endpointAdd");
	SCOPED_FD netns = open_netns(e);
	if (netns < 0)
		return -1;
	EACH_RECORD(((struct cur){request.plan.ptr, request.plan.len}), ENDPOINT, endpoint, endpoint) {
		if (net_endpoint_add(&endpoint, netns, e) != 0)
			return -1;
	}
	return 0;
}

static int delete_endpoint(struct cur body, struct err *e)
{
	struct msg_endpoint_del request;
	if (!msg_endpoint_del_parse(&body, &request))
		return fail_with(e, STEP_PLAN, EBADMSG, "endpointDel");
	SCOPED_FD netns = open_netns(e);
	return netns < 0 ? -1 : net_endpoint_del(request.ifname.ptr, netns, e);
}

static int abort_container(struct waiter who, struct err *e)
{
	if (shim.phase == PHASE_FAILED || shim.phase == PHASE_EXITED)
		return 0;
	if (shim.abort.client != NULL)
		return fail_with(e, STEP_STATE, EALREADY, "abort");
	shim.abort = who;
	/* one that just ended is not there any more; then its end is what is waited for */
	return sys_pidfd_send_signal(CONTAINER->pidfd, SIGKILL) == 0 || errno == ESRCH ? 1
										       : fail(e, STEP_STATE, "abort");
}

static int dismiss(struct waiter who, struct err *e)
{
	if (shim.phase != PHASE_FAILED && shim.phase != PHASE_EXITED)
		return fail_with(e, STEP_STATE, EBUSY, "dismiss");
	shim.dismiss = who;
	shim.dismissed = true;
	return 1;
}

static int answer(struct ctl_client *c, const struct request *r, struct waiter who, struct err *e)
{
	switch (r->type) {
	case MSG_HELLO:
		return hello(c, r->body, who, e);
	case MSG_GO:
		return task_go(CONTAINER, who, e) == 0 ? 1 : -1;
	case MSG_SIGNAL:
		return send_signal(r->body, e);
	case MSG_RESIZE:
		return resize(r->body, e);
	case MSG_EXEC_PREPARE:
		return prepare_exec(r->body, who, e);
	case MSG_EXEC_GO:
		return go_exec(r->body, who, e);
	case MSG_ENDPOINT_ADD:
		return add_endpoints(r->body, e);
	case MSG_ENDPOINT_DEL:
		return delete_endpoint(r->body, e);
	case MSG_ABORT:
		return abort_container(who, e);
	case MSG_DISMISS:
		return dismiss(who, e);
	default:
		return fail_with(e, STEP_PLAN, ENOSYS, "message");
	}
}

static void handle(struct ctl_client *c, const struct request *r)
{
	struct waiter who = {c, c->serial, r->id};
	struct err e = {0};
	int result = answer(c, r, who, &e);
	if (result == 0)
		ctl_reply_ok(&who);
	else if (result < 0)
		ctl_reply_failed(&who, &e);
}

/* ---- in ---- */

static void consume(struct ctl_client *c)
{
	size_t at = 0, size = 0;
	struct request r;
	int got = 0;
	while (c->watch.fd >= 0 && (got = request_next(c->in + at, c->in_used - at, &r, &size)) == 1) {
		handle(c, &r);
		at += size;
	}
	if (got < 0)
		close_client(c);
	c->in_used -= (uint32_t)at;
	memmove(c->in, c->in + at, c->in_used);
	if (c->in_used == 0 && at > 0)
		madvise(c->in, IN_ROOM, MADV_DONTNEED);
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct ctl_client *c = HOLDER(w, struct ctl_client, watch);
	if (events & EPOLLOUT)
		flush(c);
	if (w->fd < 0 || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = recv(w->fd, c->in + c->in_used, IN_ROOM - c->in_used, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close_client(c);
	} else if (n > 0) {
		c->in_used += (uint32_t)n;
		consume(c);
	}
}

static void accept_client(struct watch *w, uint32_t events)
{
	struct ctl_client *c = clients;
	(void)events;
	int fd = launch_dir_accept(w->fd);
	while (c < clients + MAX_CTL && c->watch.fd >= 0)
		c++;
	if (fd < 0)
		return;
	if (c == clients + MAX_CTL) {
		close(fd);
		return;
	}
	c->watch = (struct watch){.fd = fd, .ready = client_ready};
	c->greeted = false;
	c->in_used = c->out_used = 0;
	if (loop_watch(&c->watch, EPOLLIN) != 0)
		close_client(c);
}

int ctl_open(int fd)
{
	for (unsigned i = 0; i < MAX_CTL; i++)
		clients[i] = (struct ctl_client){.watch.fd = -1, .in = in_buffers[i], .out = out_buffers[i]};
	listener = (struct watch){.fd = fd, .ready = accept_client};
	return loop_watch(&listener, EPOLLIN);
}
