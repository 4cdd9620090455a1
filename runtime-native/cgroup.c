/* cgroup folders: made, filled, entered, emptied, removed. Which files and values is the plan's business. */
#include "cgroup.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "in_root.h"
#include "plan.h"
#include "sys.h"

#define MAX_NESTING 8 /* of cgroups a container made inside its own */

/* How many leaves of the plan this shim made, and so may remove: one that another shim holds is not ours. */
static unsigned made;

static int write_file(int dir, const char *file, const char *text, size_t len)
{
	SCOPED_FD fd = openat(dir, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	/* one write: the kernel takes each as a whole value */
	ssize_t n;
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)len ? 0 : -1;
}

static int open_leaf(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static int write_setting(const struct plan_cgroup_file *f, struct err *e)
{
	char path[256];
	SCOPED_FD dir = open_leaf(f->dir.ptr);
	if (dir >= 0 && write_file(dir, f->file.ptr, f->value.ptr, f->value.len) == 0)
		return 0;
	if (f->optional && (errno == ENOENT || errno == EOPNOTSUPP))
		return 0;
	int eno = errno;
	snprintf(path, sizeof path, "%s/%s", f->dir.ptr, f->file.ptr);
	return fail_with(e, STEP_CGROUP, eno, path);
}

int cgroup_make(struct cur plan, struct err *e)
{
	struct plan_cgroup c;
	struct plan_cgroup_file f;
	struct plan_cgroup_devices d;
	EACH_RECORD(plan, CGROUP, cgroup, c) {
		/* one left by a shim that was killed is taken over when nothing lives in it */
		if (mkdir(c.dir.ptr, 0755) != 0 &&
			(errno != EEXIST || rmdir(c.dir.ptr) != 0 || mkdir(c.dir.ptr, 0755) != 0))
			return fail(e, STEP_CGROUP, c.dir.ptr);
		made++;
	}
	EACH_RECORD(plan, CGROUP_DEVICES, cgroup_devices, d) {
		SCOPED_FD dir = open_leaf(d.dir.ptr);
		if (dir < 0 || cgroup_bpf_attach(dir, &d.program) != 0)
			return fail(e, STEP_CGROUP, d.dir.ptr);
	}
	EACH_RECORD(plan, CGROUP_FILE, cgroup_file, f) {
		if (write_setting(&f, e) != 0)
			return -1;
	}
	return 0;
}

int cgroup_birthplace(struct cur plan)
{
	struct plan_cgroup c;
	EACH_RECORD(plan, CGROUP, cgroup, c) {
		SCOPED_FD dir = open_leaf(c.dir.ptr);
		if (dir >= 0 && fs_magic(dir) == CGROUP2_SUPER_MAGIC)
			return take_fd(&dir);
	}
	return -1;
}

/* On version 1 as a thread: whoever moves a process, itself too, waits 2 to 30 ms for a grace period of the kernel, and
 * only a thread that moves itself does not. */
int cgroup_enter(struct cur plan, bool born, struct err *e)
{
	struct plan_cgroup c;
	EACH_RECORD(plan, CGROUP, cgroup, c) {
		SCOPED_FD dir = open_leaf(c.dir.ptr);
		bool unified = dir >= 0 && fs_magic(dir) == CGROUP2_SUPER_MAGIC;
		if (unified && born)
			continue;
		if (dir < 0 || write_file(dir, unified ? "cgroup.procs" : "tasks", "0", 1) != 0)
			return fail(e, STEP_CGROUP, c.dir.ptr);
	}
	return 0;
}

/* Kills the processes of one cgroup. They are root's own, listed this moment, and their cgroup is about to go. */
static void kill_members(int dir)
{
	char chunk[1024];
	pid_t pid = 0;
	ssize_t n;
	if (write_file(dir, "cgroup.kill", "1", 1) == 0)
		return;
	SCOPED_FD fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (chunk[i] >= '0' && chunk[i] <= '9') {
				pid = pid * 10 + (chunk[i] - '0');
				continue;
			}
			if (pid > 1)
				kill(pid, SIGKILL);
			pid = 0;
		}
}

/* One hierarchy is enough, for every process is in all of them. */
void cgroup_kill(struct cur plan)
{
	struct plan_cgroup c;
	if (made == 0 || !ONE_RECORD(plan, CGROUP, cgroup, &c))
		return;
	SCOPED_FD dir = open_leaf(c.dir.ptr);
	if (dir >= 0)
		kill_members(dir);
}

static int remove_tree(int parent, const char *name, int depth);

static int remove_children(int dir, int depth)
{
	char entries[2048] __attribute__((aligned(8)));
	long n;
	while ((n = syscall(SYS_getdents64, dir, entries, sizeof entries)) > 0)
		for (long at = 0; at < n;) {
			struct dirent64 *d = (struct dirent64 *)(void *)(entries + at);
			at += d->d_reclen;
			if (d->d_type == DT_DIR && strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
				remove_tree(dir, d->d_name, depth - 1);
		}
	return n < 0 ? -1 : 0;
}

static int remove_tree(int parent, const char *name, int depth)
{
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY || depth == 0)
		return -1;
	SCOPED_FD dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return -1;
	kill_members(dir);
	if (remove_children(dir, depth) != 0)
		return -1;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1;
}

int cgroup_remove(struct cur plan)
{
	struct plan_cgroup c;
	unsigned left = made;
	int result = 0;
	EACH_RECORD(plan, CGROUP, cgroup, c) {
		if (left-- == 0)
			break;
		if (remove_tree(AT_FDCWD, c.dir.ptr, MAX_NESTING) != 0)
			result = -1;
	}
	return result;
}
