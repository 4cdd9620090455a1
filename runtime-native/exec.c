/* A further process in a running container. A helper enters cgroups and namespaces, the pid namespace last, and forks
 * the process as a child of the shim (CLONE_PARENT): the container never sees anything that still holds host things. */
#include <sched.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "cgroup.h"
#include "plan.h"
#include "process.h"
#include "shim.h"
#include "sync.h"
#include "sys.h"

struct exec_start {
	struct process_start process;
	int container; /* pidfd of pid 1 */
};

/* Moves what is needed to 3…7 and closes everything else. */
static int keep_only(struct exec_start *s, struct err *e)
{
	int *fds[] = {
		&s->process.sync, &s->container, &s->process.stdio[0], &s->process.stdio[1], &s->process.stdio[2]};
	int first = 3;
	for (unsigned i = 0; i < 5; i++) /* out of the way first */
		if (*fds[i] >= 0 && (*fds[i] = fcntl(*fds[i], F_DUPFD_CLOEXEC, 200)) < 0)
			return fail(e, STEP_INTERNAL, "dup");
	for (unsigned i = 0; i < 5; i++)
		if (*fds[i] >= 0) {
			if (dup3(*fds[i], first, O_CLOEXEC) < 0)
				return fail(e, STEP_INTERNAL, "dup");
			*fds[i] = first++;
		}
	return sys_close_range((unsigned)first, ~0U, 0) == 0 ? 0 : fail(e, STEP_INTERNAL, "close_range");
}

static int enter(const struct exec_start *s, struct err *e)
{
	int others = (int)(shim.namespaces & ~(uint32_t)CLONE_NEWPID);
	if (setns(s->container, others) != 0)
		return fail(e, STEP_JOIN, "setns");
	if (shim.namespaces & CLONE_NEWPID && setns(s->container, CLONE_NEWPID) != 0)
		return fail(e, STEP_JOIN, "pid");
	return 0;
}

__attribute__((noreturn)) static void exec_process(struct exec_start *s, const struct plan_process *p)
{
	struct err e = {0};
	sync_await(s->process.sync, SYNC_ATTACHED); /* the shim knows our number now */
	close(s->container);
	umask(0);
	if (setsid() < 0)
		fail(&e, STEP_INTERNAL, "setsid");
	else if (!(p->flags & PROCESS_TTY) || process_tty(&s->process, p, false, &e) == 0)
		process_run(&s->process);
	process_fail(s->process.sync, &e);
}

/* Ends when the process is forked; the shim is told its number. */
__attribute__((noreturn)) static void helper(struct exec_start *s)
{
	struct clone_args args = {.flags = CLONE_PARENT};
	struct sync_message m = {.kind = SYNC_PID};
	struct plan_process p;
	struct err e = {0};
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || !ONE_RECORD(s->process.plan, PROCESS, process, &p)) {
		fail_with(&e, STEP_PLAN, EBADMSG, "process");
		process_fail(s->process.sync, &e);
	}
	if (process_oom_score(&p, &e) != 0 || cgroup_enter(shim.plan, false, &e) != 0 || keep_only(s, &e) != 0 ||
		enter(s, &e) != 0)
		process_fail(s->process.sync, &e);
	pid_t pid = sys_clone3(&args);
	if (pid == 0)
		exec_process(s, &p);
	if (pid < 0) {
		fail(&e, STEP_CLONE, "clone3");
		process_fail(s->process.sync, &e);
	}
	m.value = (uint32_t)pid;
	_exit(sync_send(s->process.sync, &m, -1) == 0 ? 0 : 1);
}

/* The id becomes part of a file name. */
static bool name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	return len > 0 && len <= 64 && name[len] == '\0';
}

static int start(struct task *t, struct exec_start *s, struct err *e)
{
	char socket_name[MAX_NAME + 2];
	int ends[2];
	snprintf(socket_name, sizeof socket_name, "x-%s", t->name);
	t->listener.fd = launch_dir_listen(shim.dir, socket_name, e);
	if (t->listener.fd < 0 || stdio_open(t, s->process.stdio, e) != 0)
		return -1;
	if (sync_pair(ends) != 0)
		return fail(e, STEP_SOCKET, "sync");
	t->sync.fd = ends[0];
	s->process.sync = ends[1];
	pid_t pid = fork();
	if (pid == 0)
		helper(s);
	int forked = pid < 0 ? fail(e, STEP_CLONE, "fork") : 0;
	close(ends[1]);
	if (forked != 0 || (!(t->flags & PROCESS_TTY) && stdio_start(t, -1, e) != 0))
		return -1;
	t->helper = pid;
	if (loop_watch(&t->sync, EPOLLIN) != 0 || loop_watch(&t->listener, EPOLLIN) != 0)
		return fail(e, STEP_INTERNAL, "epoll");
	return 0;
}

int exec_prepare(const char *name, struct cur plan, struct waiter who, struct err *e)
{
	struct exec_start s = {.process = {.plan = plan}, .container = CONTAINER->pidfd};
	struct plan_process p;
	if (!name_ok(name))
		return fail_with(e, STEP_PLAN, EINVAL, name);
	if (CONTAINER->phase != TASK_RUNNING)
		return fail_with(e, STEP_STATE, ESRCH, name);
	if (task_named(name) != NULL)
		return fail_with(e, STEP_STATE, EEXIST, name);
	if (plan_check(plan, e) != 0 || !ONE_RECORD(plan, PROCESS, process, &p))
		return -1;
	struct task *t = task_new(name);
	if (t == NULL)
		return fail_with(e, STEP_CLONE, EAGAIN, name);
	t->flags = p.flags;
	int started = start(t, &s, e);
	for (int i = 0; i < 3; i++)
		close_fd(&s.process.stdio[i]);
	t->waiter = t->owner = who;
	if (started != 0)
		task_free(t);
	return started;
}
