/* The shim's side of a launch: cgroups, stdio, the new process with its namespaces, network. While the process enters
 * its cgroups and does its mounts, the shim makes the network; they meet before the process goes on. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "cgroup.h"
#include "container.h"
#include "log.h"
#include "net.h"
#include "oom.h"
#include "plan.h"
#include "shim.h"
#include "sync.h"
#include "sys.h"

#define NAMESPACE_AT_CLONE (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWTIME)

/* The pid namespace to join is entered by the next child only, so the shim switches for the time of the clone. */
static int switch_pid_namespace(const struct container_start *start)
{
	for (uint32_t i = 0; i < start->join_count; i++)
		if (start->joins[i].type == CLONE_NEWPID)
			return (int)syscall(SYS_setns, start->joins[i].fd, CLONE_NEWPID) == 0 ? 1 : -1;
	return 0;
}

static int switch_back(void)
{
	SCOPED_FD own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	return own < 0 ? -1 : (int)syscall(SYS_setns, own, CLONE_NEWPID);
}

static pid_t clone_container(struct container_start *start, uint32_t create, int *pidfd)
{
	SCOPED_FD birthplace = cgroup_birthplace(shim.plan);
	struct clone_args args = {
		.flags = (create & NAMESPACE_AT_CLONE) | CLONE_NEWNS | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)birthplace,
	};
	start->born_in_cgroup = birthplace >= 0;
	if (birthplace >= 0)
		args.flags |= CLONE_INTO_CGROUP;
	pid_t pid = sys_clone3(&args);
	if (pid < 0 && birthplace >= 0) { /* not every cgroup takes a newborn (threaded, frozen): it is moved later */
		start->born_in_cgroup = false;
		args.flags &= ~(uint64_t)CLONE_INTO_CGROUP;
		args.cgroup = 0;
		pid = sys_clone3(&args);
	}
	return pid;
}

static int spawn(struct container_start *start, struct err *e)
{
	struct plan_namespaces n = {0};
	int switched = switch_pid_namespace(start);
	if (switched < 0)
		return fail(e, STEP_JOIN, "pid");
	ONE_RECORD(shim.plan, NAMESPACES, namespaces, &n);
	start->create = n.create;
	pid_t pid = clone_container(start, n.create, &CONTAINER->pidfd);
	if (pid == 0)
		container_child(start);
	int failed = pid < 0 ? fail(e, STEP_CLONE, "clone3") : 0;
	if (switched == 1 && switch_back() != 0)
		failed = fail(e, STEP_JOIN, "pid");
	CONTAINER->pid = pid < 0 ? 0 : pid;
	return failed;
}

/* ---- network ---- */

static int start_net_child(int netns, bool again, struct err *e)
{
	struct net_child_plan plan = {shim.plan, netns, again};
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(e, STEP_SOCKET, "pipe");
	SCOPED_FD theirs = ends[0];
	shim.life = ends[1];
	pid_t pid = net_child_start(&plan, theirs, e);
	if (pid < 0)
		return -1;
	shim.net_child = pid;
	shim.net_begun = now_ns(CLOCK_MONOTONIC);
	return 0;
}

static int open_netns(struct err *e)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/net", CONTAINER->pid);
	int netns = open(path, O_RDONLY | O_CLOEXEC);
	return netns < 0 ? fail(e, STEP_LINK, path) : netns;
}

int prepare_net_child_again(struct err *e)
{
	struct plan_namespaces n;
	close_fd(&shim.life);
	if (!ONE_RECORD(shim.plan, NAMESPACES, namespaces, &n) || !(n.create & CLONE_NEWNET))
		return start_net_child(-1, true, e);
	SCOPED_FD netns = open_netns(e);
	return netns < 0 ? -1 : start_net_child(netns, true, e);
}

static int set_up_network(uint32_t create, struct err *e)
{
	struct plan_endpoint endpoint;
	if (!(create & CLONE_NEWNET))
		return start_net_child(-1, false, e);
	SCOPED_FD netns = open_netns(e);
	if (netns < 0)
		return -1;
	if (net_loopback_up(netns, e) != 0)
		return -1;
	EACH_RECORD(shim.plan, ENDPOINT, endpoint, endpoint) {
		if (net_endpoint_add(&endpoint, netns, e) != 0)
			return -1;
	}
	return start_net_child(netns, false, e);
}

/* ---- the dialogue with the process ---- */

static int tell(enum sync_kind kind, struct err *e)
{
	struct sync_message m = {.kind = kind};
	return sync_send(CONTAINER->sync.fd, &m, -1) == 0 ? 0 : fail_with(e, STEP_INTERNAL, EPIPE, "container");
}

static int await_prepared(int *tty, struct err *e)
{
	struct sync_message m;
	int fd;
	while (sync_receive(CONTAINER->sync.fd, &m, &fd, 0) == 1) {
		if (m.kind == SYNC_TTY)
			*tty = fd;
		else if (m.kind == SYNC_PREPARED)
			return 0;
		else if (m.kind == SYNC_FAILED) {
			*e = m.err;
			return -1;
		}
	}
	return fail_with(e, STEP_INTERNAL, ECHILD, "container");
}

static int accompany(const struct container_start *start, int *tty, struct err *e)
{
	struct err theirs;
	if (set_up_network(start->create, e) == 0 && tell(SYNC_NET_READY, e) == 0)
		return await_prepared(tty, e);
	/* when the process ended meanwhile, its own words say why */
	if ((e->eno == EPIPE || e->eno == ESRCH || e->eno == ENOENT) && e->step != STEP_LISTEN &&
		await_prepared(tty, &theirs) != 0 && theirs.step != STEP_INTERNAL)
		*e = theirs;
	return -1;
}

static int open_joins(struct container_start *start, struct err *e)
{
	struct plan_join j;
	EACH_RECORD(shim.plan, JOIN, join, j) {
		if (start->join_count == MAX_JOINS)
			return fail_with(e, STEP_JOIN, E2BIG, j.path.ptr);
		int fd = open(j.path.ptr, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return fail(e, STEP_JOIN, j.path.ptr);
		start->joins[start->join_count++] = (struct join){j.type, fd};
	}
	return 0;
}

static int launch(struct container_start *start, int *tty, struct err *e)
{
	int ends[2];
	if (open_joins(start, e) != 0 || stdio_open(CONTAINER, start->process.stdio, e) != 0)
		return -1;
	if (sync_pair(ends) != 0)
		return fail(e, STEP_SOCKET, "sync");
	CONTAINER->sync = (struct watch){.fd = ends[0], .ready = task_sync_ready};
	start->process.sync = ends[1];
	int spawned = spawn(start, e);
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		close_fd(&start->process.stdio[i]);
	for (uint32_t i = 0; i < start->join_count; i++)
		close_fd(&start->joins[i].fd);
	return spawned != 0 ? -1 : accompany(start, tty, e);
}

int prepare_container(struct err *e)
{
	struct container_start start = {.process = {.plan = shim.plan}};
	struct plan_process p;
	int tty = -1;
	if (plan_check(shim.plan, e) != 0 || !ONE_RECORD(shim.plan, PROCESS, process, &p))
		return -1;
	CONTAINER->flags = p.flags;
	shim.namespaces = plan_namespace_mask(shim.plan) | CLONE_NEWNS;
	if (cgroup_make(shim.plan, e) != 0 || oom_open(shim.plan, e) != 0 || log_open(shim.plan, e) != 0)
		return -1;
	if (launch(&start, &tty, e) != 0 || stdio_start(CONTAINER, tty, e) != 0)
		return -1;
	if (loop_watch(&CONTAINER->sync, EPOLLIN) != 0)
		return fail(e, STEP_INTERNAL, "epoll");
	CONTAINER->phase = TASK_PREPARED;
	return 0;
}
