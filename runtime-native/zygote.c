/* The zygote: answers the daemon's requests (launch, net) and reaps. It stays small, because every shim starts as a
 * copy of it, and it never waits: what takes time runs in a forked child. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "launch_dir.h"
#include "loop.h"
#include "message.h"
#include "nat.h"
#include "net.h"
#include "orphans.h"
#include "rules_watch.h"
#include "settle.h"
#include "shim.h"
#include "sys.h"
#include "zygote.h"

#define DAEMON_FD 3
#define MAX_HELPERS 32
#define MAX_SHIMS 8192
#define OUT_ROOM 65536u

struct helper {
	struct watch watch; /* reads its result */
	pid_t pid;
	uint32_t id;
};

static struct {
	struct watch daemon, signals;
	struct helper helpers[MAX_HELPERS];
	pid_t shims[MAX_SHIMS];
	unsigned shim_count, helper_count;
	uint32_t rules_id; /* of the request that waits for a change of rules */
	uint32_t in_used, out_used;
	char out[OUT_ROOM];
	/* page-aligned: given back after each request, for a plan holds secrets and the next shim is a copy of this */
	char in[MAX_MESSAGE + 4096] __attribute__((aligned(4096)));
} zygote;

/* ---- answering ---- */

static void daemon_interest(void)
{
	bool full = zygote.out_used > OUT_ROOM / 2 || zygote.helper_count == MAX_HELPERS;
	if (zygote.daemon.fd < 0)
		return;
	if (loop_watch(&zygote.daemon,
		    (full ? 0 : (uint32_t)EPOLLIN) | (zygote.out_used > 0 ? (uint32_t)EPOLLOUT : 0)) != 0)
		loop_close(&zygote.daemon);
}

static void flush_out(void)
{
	while (zygote.out_used > 0 && zygote.daemon.fd >= 0) {
		ssize_t n = send(zygote.daemon.fd, zygote.out, zygote.out_used, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			loop_close(&zygote.daemon);
		if (n < 0)
			break;
		zygote.out_used -= (uint32_t)n;
		memmove(zygote.out, zygote.out + n, zygote.out_used);
	}
	daemon_interest();
}

static void reply(const struct message *m)
{
	/* reading stops at half full, and one read yields fewer replies than the other half holds, or this connection
	 * is lost */
	if (m->broken || m->used > OUT_ROOM - zygote.out_used) {
		loop_close(&zygote.daemon);
		return;
	}
	memcpy(zygote.out + zygote.out_used, m->data, m->used);
	zygote.out_used += m->used;
	flush_out();
}

static void reply_failed(uint32_t id, const struct err *e)
{
	struct message m;
	message_failed(&m, id, e);
	reply(&m);
}

/* ---- launch ---- */

static int launch(struct cur body, uint32_t id, struct err *e)
{
	struct msg_launch launched;
	struct launch_dir dir = {-1, -1, -1};
	struct message m;
	if (!msg_launch_parse(&body, &launched))
		return fail_with(e, STEP_PLAN, EBADMSG, NULL);
	if (zygote.shim_count == MAX_SHIMS)
		return fail_with(e, STEP_CLONE, EAGAIN, NULL);
	if (launch_dir_open(&dir, launched.dir.ptr, e) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		shim_main(&dir, launched.plan, zygote.in, sizeof zygote.in);
	int forked = pid < 0 ? fail(e, STEP_CLONE, "fork") : 0;
	launch_dir_close(&dir);
	if (forked != 0)
		return -1;
	zygote.shims[zygote.shim_count++] = pid;
	message_begin(&m, MSG_LAUNCHED, id);
	put_u32(&m, (uint32_t)pid);
	message_end(&m);
	reply(&m);
	return 0;
}

/* ---- network operations ---- */

static void helper_ready(struct watch *w, uint32_t events)
{
	struct helper *h = HOLDER(w, struct helper, watch);
	struct err e;
	struct message m;
	(void)events;
	ssize_t n = recv(w->fd, &e, sizeof e, 0);
	if (n != (ssize_t)sizeof e)
		fail_with(&e, STEP_INTERNAL, EPIPE, "network helper");
	if (e.eno == 0)
		message_empty(&m, MSG_OK, h->id);
	else
		message_failed(&m, h->id, &e);
	loop_close(w);
	h->pid = 0;
	zygote.helper_count--;
	reply(&m);
}

__attribute__((noreturn)) static void helper_main(struct cur ops, int result)
{
	struct err e = {0};
	int kept = dup2(result, DAEMON_FD);
	if (kept < 0 || sys_close_range(DAEMON_FD + 1, ~0U, 0) != 0 || settle_signals() != 0)
		_exit(1);
	if (net_run_ops(ops, &e) == 0)
		e.eno = 0;
	bool told = send(kept, &e, sizeof e, MSG_NOSIGNAL) == (ssize_t)sizeof e;
	nat_linger();
	_exit(told ? 0 : 1);
}

static int net(struct cur body, uint32_t id, struct err *e)
{
	struct msg_net request;
	struct helper *h = zygote.helpers;
	int ends[2];
	if (!msg_net_parse(&body, &request))
		return fail_with(e, STEP_PLAN, EBADMSG, NULL);
	while (h < zygote.helpers + MAX_HELPERS && h->watch.fd >= 0)
		h++;
	if (h == zygote.helpers + MAX_HELPERS)
		return fail_with(e, STEP_INTERNAL, EAGAIN, "network helper");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(e, STEP_SOCKET, "network helper");
	pid_t pid = fork();
	if (pid == 0)
		helper_main((struct cur){request.ops.ptr, request.ops.len}, ends[1]);
	int forked = pid < 0 ? fail(e, STEP_CLONE, "network helper") : 0;
	close(ends[1]);
	*h = (struct helper){.watch = {.fd = ends[0], .ready = helper_ready}, .pid = pid, .id = id};
	if (forked != 0 || loop_watch(&h->watch, EPOLLIN) != 0) {
		loop_close(&h->watch);
		return forked != 0 ? -1 : fail(e, STEP_INTERNAL, "epoll");
	}
	zygote.helper_count++;
	return 0;
}

static void rules_changed(void)
{
	struct message m;
	message_empty(&m, MSG_OK, zygote.rules_id);
	reply(&m);
}

/* ---- requests ---- */

static void handle(const struct request *r)
{
	struct err e = {0};
	struct message m;
	int done = -1;
	if (r->type == MSG_LAUNCH) {
		done = launch(r->body, r->id, &e);
	} else if (r->type == MSG_NET) {
		done = net(r->body, r->id, &e);
	} else if (r->type == MSG_RULES_WATCH) {
		done = rules_watch(rules_changed, &e);
		zygote.rules_id = done == 0 ? r->id : zygote.rules_id;
	} else if (r->type == MSG_HELLO) {
		message_empty(&m, MSG_OK, r->id);
		reply(&m);
		done = 0;
	} else {
		fail_with(&e, STEP_PLAN, ENOSYS, "message");
	}
	if (done != 0)
		reply_failed(r->id, &e);
}

static void consume(void)
{
	size_t at = 0, size = 0;
	struct request r;
	int got = 0;
	while (zygote.daemon.fd >= 0 && zygote.helper_count < MAX_HELPERS &&
		(got = request_next(zygote.in + at, zygote.in_used - at, &r, &size)) == 1) {
		handle(&r);
		at += size;
	}
	if (got < 0)
		loop_close(&zygote.daemon);
	zygote.in_used -= (uint32_t)at;
	memmove(zygote.in, zygote.in + at, zygote.in_used);
	if (zygote.in_used == 0)
		madvise(zygote.in, sizeof zygote.in, MADV_DONTNEED);
	daemon_interest();
}

static void daemon_ready(struct watch *w, uint32_t events)
{
	if (events & EPOLLOUT)
		flush_out();
	if (w->fd < 0 || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = read(w->fd, zygote.in + zygote.in_used, sizeof zygote.in - zygote.in_used);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		loop_close(w);
	if (n <= 0)
		return;
	zygote.in_used += (uint32_t)n;
	consume();
}

/* ---- reaping ---- */

static bool forget_shim(pid_t pid)
{
	for (unsigned i = 0; i < zygote.shim_count; i++)
		if (zygote.shims[i] == pid) {
			zygote.shims[i] = zygote.shims[--zygote.shim_count];
			return true;
		}
	return false;
}

static bool is_ours(pid_t pid)
{
	for (unsigned i = 0; i < zygote.shim_count; i++)
		if (zygote.shims[i] == pid)
			return true;
	for (unsigned i = 0; i < MAX_HELPERS; i++)
		if (zygote.helpers[i].pid == pid)
			return true;
	return false;
}

static void signals_ready(struct watch *w, uint32_t events)
{
	struct signalfd_siginfo info[8];
	bool orphans = false;
	pid_t pid;
	(void)events;
	while (read(w->fd, info, sizeof info) > 0)
		;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		orphans |= forget_shim(pid) || !is_ours(pid);
	/* what a dead shim leaves behind becomes our child: PR_SET_PDEATHSIG is lost when a container changes its user
	 */
	if (orphans)
		orphans_kill(is_ours);
}

int zygote_main(void)
{
	zygote.daemon = (struct watch){.fd = DAEMON_FD, .ready = daemon_ready};
	zygote.signals = (struct watch){.fd = -1, .ready = signals_ready};
	for (unsigned i = 0; i < MAX_HELPERS; i++)
		zygote.helpers[i].watch.fd = -1;
	if (settle_process(DAEMON_FD) != 0 || (zygote.signals.fd = settle_child_signals()) < 0 || loop_open() < 0)
		return 1;
	if (loop_watch(&zygote.signals, EPOLLIN) != 0 || loop_watch(&zygote.daemon, EPOLLIN) != 0)
		return 1;
	while (zygote.daemon.fd >= 0 || zygote.shim_count > 0 || zygote.helper_count > 0) {
		loop_once(-1);
		if (zygote.in_used > 0 && zygote.daemon.fd >= 0) /* requests that waited for a free helper */
			consume();
	}
	/* helpers that have answered may still be closing their sockets; they end before we do */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return 0;
}
