/* The shim's own life: what it takes over from the zygote, its loop, and the end of its container. */
#include "shim.h"
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include "cgroup.h"
#include "log.h"
#include "memory.h"
#include "oom.h"
#include "settle.h"
#include "sys.h"

#define IDLE_MS 1000          /* after this long without output, buffers are given back */
#define CGROUP_RETRY 2000000u /* ns */
#define NET_PAUSE 1000000000u /* ns: the least between two starts of the net child */

struct shim shim;
static struct watch signals;

static void end_net_child(void)
{
	if (shim.net_child > 0 && kill(shim.net_child, SIGKILL) == 0)
		waitpid(shim.net_child, NULL, 0);
	shim.net_child = 0;
	close_fd(&shim.life);
}

void shim_container_finished(void)
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

static bool serves(void)
{
	return (shim.phase == PHASE_PREPARED || shim.phase == PHASE_RUNNING) && CONTAINER->phase < TASK_REAPED;
}

/* Names and ports answer again at once; after one that lived less than a second, a second later. */
static void net_child_ended(void)
{
	shim.net_child = 0;
	shim.net_retry = shim.net_begun + NET_PAUSE;
}

static void renew_net_child(void)
{
	struct err e = {0};
	shim.net_retry = 0;
	if (serves() && prepare_net_child_again(&e) != 0)
		shim.net_retry = now_ns(CLOCK_MONOTONIC) + NET_PAUSE;
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
			net_child_ended();
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

/* Execs end with the container, but their last output and status are told before the shim goes. */
static bool execs_left(void)
{
	for (struct task *t = shim.tasks + 1; t < shim.tasks + MAX_TASKS; t++)
		if (t->phase != TASK_FREE)
			return true;
	return false;
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
	if (shim.oom_recheck != 0 && shim.oom_recheck <= now) {
		shim.oom_recheck = 0;
		oom_check();
	}
	next = earliest(next, shim.oom_recheck);
	if (shim.net_retry != 0 && shim.net_retry <= now)
		renew_net_child();
	next = earliest(next, shim.net_retry);
	if ((shim.phase == PHASE_EXITED || shim.phase == PHASE_FAILED) && !shim.cgroups_gone) {
		if (shim.retry <= now) {
			shim.cgroups_gone = cgroup_remove(shim.plan) == 0;
			shim.retry = now + CGROUP_RETRY;
		}
		next = shim.cgroups_gone ? next : earliest(next, shim.retry);
	}
	if (shim.dismissed && shim.cgroups_gone && !execs_left()) {
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
