/* What a container's process does to its own namespaces before it becomes somebody else. */
#include "container.h"
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "cgroup.h"
#include "plan.h"
#include "rootfs.h"
#include "settle.h"
#include "sync.h"
#include "sysctl.h"
#include "sys.h"

static int join_namespaces(const struct container_start *s, struct err *e)
{
	for (uint32_t i = 0; i < s->join_count; i++)
		if (s->joins[i].type != CLONE_NEWPID && setns(s->joins[i].fd, (int)s->joins[i].type) != 0)
			return fail(e, STEP_JOIN, "setns");
	return 0;
}

/* The cgroup namespace shows what lies below where its maker stands, so it is made after the move. */
static int own_cgroup_namespace(const struct container_start *s, struct err *e)
{
	if (!(s->create & CLONE_NEWCGROUP))
		return 0;
	return unshare(CLONE_NEWCGROUP) == 0 ? 0 : fail(e, STEP_CLONE, "cgroup namespace");
}

static int set_names(struct cur plan, struct err *e)
{
	struct plan_hostname h;
	if (!ONE_RECORD(plan, HOSTNAME, hostname, &h))
		return 0;
	if (sethostname(h.host.ptr, h.host.len) != 0 ||
		(h.domain.len > 0 && setdomainname(h.domain.ptr, h.domain.len) != 0))
		return fail(e, STEP_HOSTNAME, h.host.ptr);
	return 0;
}

static int set_up(struct container_start *s, const struct plan_process *p, struct err *e)
{
	struct cur plan = s->process.plan;
	if (cgroup_enter(plan, s->born_in_cgroup, e) != 0 || join_namespaces(s, e) != 0 ||
		process_oom_score(p, e) != 0 || own_cgroup_namespace(s, e) != 0 || rootfs_build(plan, e) != 0)
		return -1;
	if (p->flags & PROCESS_TTY && process_tty(&s->process, p, true, e) != 0)
		return -1;
	sync_await(s->process.sync, SYNC_NET_READY);
	if (set_names(plan, e) != 0 || sysctl_apply(plan, e) != 0 || process_make_workdir(p, e) != 0)
		return -1;
	return rootfs_seal(plan, e);
}

void container_child(struct container_start *s)
{
	struct plan_process p;
	struct err e = {0};
	/* dies with the shim from the start; a change of user would undo it and sets it again */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || setsid() < 0) {
		fail(&e, STEP_INTERNAL, "setsid");
		process_fail(s->process.sync, &e);
	}
	umask(0);
	if (!ONE_RECORD(s->process.plan, PROCESS, process, &p))
		fail_with(&e, STEP_PLAN, EBADMSG, "process");
	else if (set_up(s, &p, &e) == 0)
		process_run(&s->process);
	process_fail(s->process.sync, &e);
}
