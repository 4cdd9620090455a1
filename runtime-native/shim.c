/* The shim: one container's processes from prepare to the end, its records, and the order in which things end. */
#include "shim.h"
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "cgroup.h"
#include "log.h"
#include "memory.h"
#include "oom.h"
#include "settle.h"
#include "sync.h"
#include "sys.h"

#define IDLE_MS 1000           /* after this long without output, buffers are given back */
#define CGROUP_RETRY 2000000u  /* ns */

struct shim shim;
static char stdin_buffers[MAX_TASKS][STDIN_ROOM];
static struct watch signals;

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

/* ---- records ---- */

static void write_record(const char *name)
{
	const struct task *t = CONTAINER;
	char text[256];
	struct err e;
	snprintf(text, sizeof text, "status=%u\noom=%u\nstarted=%llu\nfinished=%llu\npid=%d\ndropped=%llu\n", t->status, shim.oom,
		(unsigned long long)t->started_ns, (unsigned long long)t->finished_ns, t->pid, (unsigned long long)log_dropped());
	if (launch_dir_write(shim.dir, name, text, &e) != 0)
		return; /* /run is full: a living shim still tells it on its socket */
}

/* ---- going ---- */

int task_go(struct task *t, struct waiter who, struct err *e)
{
	struct sync_message m = {.kind = SYNC_GO};
	if (t->phase != TASK_PREPARED)
		return fail_with(e, STEP_STATE, t->phase == TASK_RUNNING || t->phase == TASK_STARTING ? EALREADY : ESRCH, t->name);
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
		write_record("started");
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

static void take_sync(struct task *t, const struct sync_message *m, int fd)
{
	struct sync_message attached = {.kind = SYNC_ATTACHED};
	struct err e = {0};
	if (m->kind == SYNC_PID) {
		t->pid = (pid_t)m->value;
		t->pidfd = sys_pidfd_open(t->pid);
		if (t->pidfd < 0 || sync_send(t->sync.fd, &attached, -1) != 0)
			fail(&e, STEP_CLONE, t->name);
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

static void end_net_child(void)
{
	if (shim.net_child > 0 && kill(shim.net_child, SIGKILL) == 0)
		waitpid(shim.net_child, NULL, 0);
	shim.net_child = 0;
	close_fd(&shim.life);
}

static void container_finished(void)
{
	const struct task *t = CONTAINER;
	struct message m;
	end_net_child(); /* its ports are free when the end is announced */
	oom_close();
	shim.cgroups_gone = cgroup_remove(shim.plan) == 0;
	shim.phase = PHASE_EXITED;
	message_begin(&m, MSG_EXITED, 0);
	put_u32(&m, t->status);
	put_u32(&m, shim.oom);
	put_u64(&m, t->finished_ns);
	message_end(&m);
	ctl_broadcast(&m);
	ctl_reply_ok(&shim.abort);
}

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
		container_finished();
	else
		exec_finished(t);
}

void task_reaped(struct task *t, int wait_status)
{
	if (t->sync.fd >= 0)
		task_sync_ready(&t->sync, 0); /* what it said before it died comes first */
	loop_close(&t->sync);
	if (t->phase == TASK_FREE)
		return;
	t->status = WIFSIGNALED(wait_status) ? 128 + (uint32_t)WTERMSIG(wait_status) : (uint32_t)WEXITSTATUS(wait_status);
	t->finished_ns = now_ns(CLOCK_REALTIME);
	if (t != CONTAINER && t->phase < TASK_STARTING) {
		task_free(t); /* never was, for anybody outside */
		return;
	}
	t->phase = TASK_REAPED;
	t->deadline = now_ns(CLOCK_MONOTONIC) + OUTPUT_PATIENCE;
	if (t == CONTAINER) {
		shim.oom = oom_seen();
		write_record("exit");
		cgroup_kill(shim.plan); /* with a pid namespace of others, the rest of the container lives on until here */
	}
	loop_close(&t->in);
	attach_stdin(t);
	task_check(t);
}

static void signals_ready(struct watch *w, uint32_t events)
{
	struct signalfd_siginfo info[4];
	pid_t pid;
	int status;
	(void)events;
	while (read(w->fd, info, sizeof info) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == shim.net_child)
			shim.net_child = 0;
		for (struct task *t = shim.tasks; t < shim.tasks + MAX_TASKS; t++)
			if (t->phase != TASK_FREE && t->phase < TASK_REAPED && t->pid == pid)
				task_reaped(t, status);
	}
}

/* ---- life ---- */

static void undo_prepare(const struct err *e)
{
	struct task *t = CONTAINER;
	if (t->pid > 0 && (kill(t->pid, SIGKILL) != 0 || waitpid(t->pid, NULL, 0) < 0))
		t->pid = 0;
	t->pid = 0;
	t->failure = *e;
	t->phase = TASK_FINISHED;
	end_net_child();
	oom_close();
	stdio_close(t);
	log_finish();
	loop_close(&t->sync);
	loop_close(&t->listener);
	close_fd(&t->pidfd);
	shim.cgroups_gone = cgroup_remove(shim.plan) == 0;
	shim.phase = PHASE_FAILED;
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* What has to be done at some time even if nothing happens; gives the time to the next such thing in ms, -1 = never. */
static int tick(void)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC), next = 0;
	for (struct task *t = shim.tasks; t < shim.tasks + MAX_TASKS; t++) {
		if (t->phase == TASK_REAPED && t->deadline <= now)
			task_check(t);
		if (t->phase == TASK_REAPED)
			next = earliest(next, t->deadline);
	}
	if ((shim.phase == PHASE_EXITED || shim.phase == PHASE_FAILED) && !shim.cgroups_gone) {
		if (shim.retry <= now) {
			shim.cgroups_gone = cgroup_remove(shim.plan) == 0;
			shim.retry = now + CGROUP_RETRY;
		}
		next = shim.cgroups_gone ? next : earliest(next, shim.retry);
	}
	if (shim.dismissed && shim.cgroups_gone) {
		ctl_reply_ok(&shim.dismiss);
		ctl_flush();
		_exit(0);
	}
	int idle = shim.busy ? IDLE_MS : -1;
	int wait = next == 0 ? -1 : next <= now ? 0 : (int)((next - now) / 1000000u) + 1;
	return idle < 0 || (wait >= 0 && wait < idle) ? wait : idle;
}

/* Keeps stdio and the three descriptors, as 3, 4 and 5. */
static int keep_descriptors(struct launch_dir *dir)
{
	int *fds[] = {&dir->dir, &dir->ctl, &dir->attach};
	for (int i = 0; i < 3; i++)
		if ((*fds[i] = fcntl(*fds[i], F_DUPFD_CLOEXEC, 64)) < 0)
			return -1;
	for (int i = 0; i < 3; i++) {
		if (dup3(*fds[i], 3 + i, O_CLOEXEC) < 0)
			return -1;
		*fds[i] = 3 + i;
	}
	return sys_close_range(6, ~0U, 0);
}

/* The plan moves to pages of its own size; the zygote's buffer is emptied, for processes are forked from here. */
static int take_plan(struct span plan, char *request, size_t room)
{
	char *copy = mmap(NULL, plan.len + 1ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		return -1;
	memcpy(copy, plan.ptr, plan.len);
	shim.plan = (struct cur){copy, plan.len};
	return madvise(request, room, MADV_DONTNEED);
}

static int settle(const struct launch_dir *given, struct span plan, char *request, size_t room)
{
	struct launch_dir dir = *given;
	if (take_plan(plan, request, room) != 0 || keep_descriptors(&dir) != 0 || setsid() < 0)
		return -1;
	prctl(PR_SET_NAME, "gantry-shim");
	/* orphans of a container without a pid namespace of its own come here */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || loop_open() < 0)
		return -1;
	signals = (struct watch){.fd = settle_child_signals(), .ready = signals_ready};
	attach_open();
	shim.dir = dir.dir;
	shim.life = -1;
	struct task *container = task_new("");
	container->listener.fd = dir.attach;
	return signals.fd < 0 || ctl_open(dir.ctl) != 0 || loop_watch(&container->listener, EPOLLIN) != 0 ? -1 : 0;
}

void shim_main(const struct launch_dir *dir, struct span plan, char *request, size_t room)
{
	struct err e = {0};
	if (settle(dir, plan, request, room) != 0)
		_exit(1);
	if (prepare_container(&e) == 0)
		shim.phase = PHASE_PREPARED;
	else
		undo_prepare(&e);
	if (loop_watch(&signals, EPOLLIN) != 0)
		_exit(1);
	shim.busy = true;
	for (;;) {
		int events = loop_once(tick());
		if (events == 0 && shim.busy) {
			log_relax();
			memory_drop_code();
			shim.busy = false;
		}
	}
}
