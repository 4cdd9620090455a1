/* Processes from prepared to finished: what they say before execve, how they start, and the order in which they end:
 * reaped, output delivered, clients served, announced. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "cgroup.h"
#include "log.h"
#include "oom.h"
#include "record.h"
#include "shim.h"
#include "sync.h"
#include "sys.h"

static char stdin_buffers[MAX_TASKS][STDIN_ROOM];

/* ---- tasks ---- */

struct task *task_new(const char *name)
{
	for (struct task *t = shim.tasks; t < shim.tasks + MAX_TASKS; t++) {
		if (t->phase != TASK_FREE)
			continue;
		*t = (struct task){.phase = TASK_PREPARING, .pidfd = -1, .in_kept = stdin_buffers[t - shim.tasks]};
		snprintf(t->name, sizeof t->name, "%s", name);
		t->sync = (struct watch){.fd = -1, .ready = task_sync_ready};
		t->listener = (struct watch){.fd = -1, .ready = attach_accept};
		t->out[0].fd = t->out[1].fd = t->in.fd = -1;
		return t;
	}
	return NULL;
}

struct task *task_named(const char *name)
{
	for (struct task *t = shim.tasks; t < shim.tasks + MAX_TASKS; t++)
		if (t->phase != TASK_FREE && strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

void task_free(struct task *t)
{
	char socket_name[MAX_NAME + 2];
	attach_close(t);
	stdio_close(t);
	loop_close(&t->sync);
	loop_close(&t->listener);
	close_fd(&t->pidfd);
	snprintf(socket_name, sizeof socket_name, "x-%s", t->name);
	unlinkat(shim.dir, socket_name, 0);
	t->phase = TASK_FREE;
}

void task_abandon(const struct ctl_client *owner)
{
	for (struct task *t = shim.tasks + 1; t < shim.tasks + MAX_TASKS; t++) {
		if (t->owner.client != owner || (t->phase != TASK_PREPARING && t->phase != TASK_PREPARED))
			continue;
		loop_close(&t->sync); /* it ends when it finds nobody there, and is then reaped and freed */
		if (t->pid == 0)
			task_free(t);
	}
}

/* ---- going ---- */

int task_go(struct task *t, struct waiter who, struct err *e)
{
	struct sync_message m = {.kind = SYNC_GO};
	if (t->phase != TASK_PREPARED)
		return fail_with(e, STEP_STATE,
			t->phase == TASK_RUNNING || t->phase == TASK_STARTING ? EALREADY : ESRCH, t->name);
	if (sync_send(t->sync.fd, &m, -1) != 0)
		return fail(e, STEP_STATE, t->name);
	t->phase = TASK_STARTING;
	t->waiter = who;
	return 0;
}

static void task_failed(struct task *t, const struct err *e)
{
	t->failed = true;
	t->failure = *e;
	ctl_reply_failed(&t->waiter, e);
}

static void task_started(struct task *t)
{
	struct message m;
	t->phase = TASK_RUNNING;
	shim.busy = true;
	t->started_ns = now_ns(CLOCK_REALTIME);
	if (t == CONTAINER) {
		shim.phase = PHASE_RUNNING;
		record_write("started");
		ctl_reply_ok(&t->waiter);
		return;
	}
	message_begin(&m, MSG_STARTED, t->waiter.id);
	put_u32(&m, (uint32_t)t->pid);
	message_end(&m);
	ctl_reply(&t->waiter, &m);
}

/* The socket was closed by execve, or by death. */
static void sync_ended(struct task *t)
{
	struct err e;
	loop_close(&t->sync);
	if (t->phase == TASK_STARTING && !t->failed) {
		task_started(t);
	} else if (t->phase == TASK_PREPARING) {
		fail_with(&e, STEP_INTERNAL, ECHILD, t->name);
		if (!t->failed)
			task_failed(t, &e);
		if (t->pid == 0)
			task_free(t);
	}
}

/* A process that was killed before its number came may be reaped already, and the number be somebody else's. */
static int take_pid(struct task *t, pid_t pid, struct err *e)
{
	struct sync_message attached = {.kind = SYNC_ATTACHED};
	siginfo_t info;
	t->pidfd = sys_pidfd_open(pid);
	if (t->pidfd < 0 || waitid(P_PIDFD, (id_t)t->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		sync_send(t->sync.fd, &attached, -1) != 0)
		return fail(e, STEP_CLONE, t->name); /* without a number it is freed when its socket ends */
	t->pid = pid;
	return 0;
}

static void take_sync(struct task *t, const struct sync_message *m, int fd)
{
	struct err e = {0};
	if (m->kind == SYNC_PID) {
		if (take_pid(t, (pid_t)m->value, &e) != 0)
			task_failed(t, &e);
	} else if (m->kind == SYNC_TTY) {
		if (stdio_start(t, fd, &e) != 0)
			task_failed(t, &e);
	} else if (m->kind == SYNC_PREPARED && !t->failed) {
		t->phase = TASK_PREPARED;
		ctl_reply_ok(&t->waiter);
	} else if (m->kind == SYNC_FAILED) {
		task_failed(t, &m->err);
	}
}

void task_sync_ready(struct watch *w, uint32_t events)
{
	struct task *t = HOLDER(w, struct task, sync);
	struct sync_message m;
	int fd, got = 0;
	(void)events;
	while (w->fd >= 0 && (got = sync_receive(w->fd, &m, &fd, MSG_DONTWAIT)) == 1)
		take_sync(t, &m, fd);
	if (w->fd >= 0 && got == 0)
		sync_ended(t);
}

/* ---- ending ---- */

static void exec_finished(struct task *t)
{
	struct message m;
	message_begin(&m, MSG_EXEC_EXITED, 0);
	put_str(&m, t->name);
	put_u32(&m, t->status);
	message_end(&m);
	if (!t->failed)
		ctl_broadcast(&m);
	task_free(t);
}

static bool out_of_patience(const struct task *t)
{
	return now_ns(CLOCK_MONOTONIC) >= t->deadline;
}

void task_check(struct task *t)
{
	if (t->phase != TASK_REAPED)
		return;
	if (!stdio_ended(t) && !out_of_patience(t))
		return;
	if (!t->output_done) {
		stdio_close(t);
		if (t == CONTAINER)
			log_finish();
		t->output_done = true;
		t->deadline = now_ns(CLOCK_MONOTONIC) + CLIENT_PATIENCE;
	}
	if (!attach_drained(t) && !out_of_patience(t))
		return;
	t->phase = TASK_FINISHED;
	attach_close(t);
	if (t == CONTAINER)
		shim_container_finished();
	else
		exec_finished(t);
}

/* What it said before it died comes first. Then its socket has ended even if it seems open: the helper of an exec,
 * which holds it too, may have been kept from ending until now. */
static void hear_out(struct task *t)
{
	if (t->sync.fd >= 0)
		task_sync_ready(&t->sync, 0);
	if (t->sync.fd >= 0)
		sync_ended(t);
}

void task_reaped(struct task *t, int wait_status)
{
	hear_out(t);
	if (t->phase == TASK_FREE)
		return;
	t->status =
		WIFSIGNALED(wait_status) ? 128 + (uint32_t)WTERMSIG(wait_status) : (uint32_t)WEXITSTATUS(wait_status);
	t->finished_ns = now_ns(CLOCK_REALTIME);
	if (t != CONTAINER && t->phase < TASK_STARTING) {
		task_free(t); /* never was, for anybody outside */
		return;
	}
	t->phase = TASK_REAPED;
	t->deadline = now_ns(CLOCK_MONOTONIC) + OUTPUT_PATIENCE;
	if (t == CONTAINER) {
		shim.oom = oom_seen();
		record_write("exit");
		cgroup_kill(
			shim.plan); /* with a pid namespace of others, the rest of the container lives on until here */
	}
	loop_close(&t->in);
	attach_stdin(t);
	task_check(t);
}
