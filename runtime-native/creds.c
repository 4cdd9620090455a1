/* Credentials. Raw system calls: the C library's wrappers of set*id talk to threads, of which there are none. */
#include "creds.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include "plan.h"
#include "sys.h"

static struct sock_filter filter[BPF_MAXINSNS]; /* the plan's bytes are not aligned */

static int drop_bounding(uint64_t keep)
{
	for (int cap = 0; cap < 64; cap++) {
		int have = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (have < 0)
			return 0; /* past the last one this kernel knows */
		if (have == 1 && !(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
			return -1;
	}
	return 0;
}

static int set_caps(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = (uint32_t)effective, .permitted = (uint32_t)permitted},
		{.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32)},
	};
	return (int)syscall(SYS_capset, &head, data);
}

/* After setresuid the effective set is empty; what is still permitted is needed to load the filter. */
static int raise_permitted(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &head, data) != 0)
		return -1;
	return set_caps((uint64_t)data[1].permitted << 32 | data[0].permitted,
		(uint64_t)data[1].permitted << 32 | data[0].permitted);
}

int creds_take(const struct plan_caps *caps, const struct user *user, bool no_new_privileges, struct err *e)
{
	if (drop_bounding(caps->bounding) != 0 || prctl(PR_SET_KEEPCAPS, 1) != 0)
		return fail(e, STEP_CAPS, "bounding");
	if (syscall(SYS_setgroups, user->group_count, user->groups) != 0 ||
		syscall(SYS_setresgid, user->gid, user->gid, user->gid) != 0 ||
		syscall(SYS_setresuid, user->uid, user->uid, user->uid) != 0)
		return fail(e, STEP_USER, "setresuid");
	if (raise_permitted() != 0 || prctl(PR_SET_KEEPCAPS, 0) != 0)
		return fail(e, STEP_CAPS, "permitted");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return fail(e, STEP_CAPS, "ambient");
	if (no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(e, STEP_CAPS, "no_new_privs");
	/* both are reset by a change of user */
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return fail(e, STEP_CAPS, "prctl");
	return 0;
}

static int load_filter(struct cur plan, struct err *e)
{
	struct plan_seccomp s;
	struct sock_fprog program = {.filter = filter};
	if (!ONE_RECORD(plan, SECCOMP, seccomp, &s))
		return 0;
	if (s.program.len == 0 || s.program.len > sizeof filter || s.program.len % sizeof *filter != 0)
		return fail_with(e, STEP_SECCOMP, EINVAL, "program");
	memcpy(filter, s.program.ptr, s.program.len);
	program.len = (unsigned short)(s.program.len / sizeof *filter);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
		return fail(e, STEP_SECCOMP, "program");
	return 0;
}

int creds_finish(struct cur plan, const struct plan_caps *caps, bool no_new_privileges, struct err *e)
{
	/* without no_new_privs the filter needs CAP_SYS_ADMIN; with it, it comes last and sees only execve */
	if (!no_new_privileges && load_filter(plan, e) != 0)
		return -1;
	if (set_caps(caps->effective, caps->permitted) != 0)
		return fail(e, STEP_CAPS, "capset");
	return no_new_privileges ? load_filter(plan, e) : 0;
}
