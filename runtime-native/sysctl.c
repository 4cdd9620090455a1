/* A sysctl is written below a freshly made, never attached procfs, so nothing in the rootfs can stand in for it
 * (CVE-2019-19921, CVE-2025-52881). */
#include "sysctl.h"
#include <stdio.h>
#include "in_root.h"
#include "plan.h"
#include "rootfs.h"

/* net.ipv4.conf.eth0/1.x → sys/net/ipv4/conf/eth0.1/x: dots and slashes trade places, as sysctl(8) does. */
static int path_of(const char *key, char *out, size_t room)
{
	size_t len = (size_t)snprintf(out, room, "sys/%s", key);
	if (len >= room) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *c = out + 4; *c != '\0'; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return 0;
}

static int apply_one(int proc, const struct plan_sysctl *s)
{
	char path[256];
	if (path_of(s->key.ptr, path, sizeof path) != 0)
		return -1;
	SCOPED_FD fd = sys_openat2(proc, path, O_WRONLY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return -1;
	return write(fd, s->value.ptr, s->value.len) == (ssize_t)s->value.len ? 0 : -1;
}

int sysctl_apply(struct cur plan, struct err *e)
{
	struct plan_sysctl s;
	SCOPED_FD proc = -1;
	EACH_RECORD(plan, SYSCTL, sysctl, s) {
		if (proc < 0 && (proc = mount_new("proc", "proc", "", 0)) < 0)
			return fail(e, STEP_SYSCTL, "proc");
		if (apply_one(proc, &s) != 0)
			return fail(e, STEP_SYSCTL, s.key.ptr);
	}
	return 0;
}
