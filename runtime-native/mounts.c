/* The plan's mounts: attributes are set while a mount is still detached, targets are descriptors below the new root. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "in_root.h"
#include "plan.h"
#include "rootfs.h"

#ifndef MOUNT_ATTR__ATIME
#define MOUNT_ATTR__ATIME 0x70
#endif

/* What of /proc a user may mount over, as lxcfs and the like do. Everything else there is the kernel's word. */
static const char *const PROC_TARGETS[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/uptime",
	"/proc/loadavg",
	"/proc/slabinfo",
	"/proc/net/dev",
	"/proc/sys/kernel/ns_last_pid",
};

static int set_attributes(int fd, const struct plan_mount *m)
{
	struct mount_attr attr = {
		.attr_set = m->attr, .propagation = m->propagation != 0 ? m->propagation : MS_PRIVATE};
	struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
	unsigned recursive = m->flags & MOUNT_RECURSIVE ? AT_RECURSIVE : 0;
	if (m->attr & MOUNT_ATTR__ATIME)
		attr.attr_clr = MOUNT_ATTR__ATIME;
	attr.propagation &= ~(uint64_t)MS_REC;
	struct mount_attr spread = {.propagation = attr.propagation};
	if (recursive && sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &spread) != 0)
		return -1;
	if (m->flags & MOUNT_READONLY_RECURSIVE &&
		sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &readonly) != 0)
		return -1;
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr);
}

static int open_source(const struct plan_mount *m, struct err *e)
{
	SCOPED_FD fd = sys_open_tree(
		AT_FDCWD, m->source.ptr, OPEN_TREE_CLONE | (m->flags & MOUNT_RECURSIVE ? AT_RECURSIVE : 0));
	/* a volume that is filled first gets its attributes then: it may be a read-only one */
	if (fd < 0 || (!(m->flags & MOUNT_COPY_UP) && set_attributes(fd, m) != 0))
		return fail(e, STEP_MOUNT, m->source.ptr);
	return take_fd(&fd);
}

int mounts_open(struct cur plan, struct mount_sources *sources, struct err *e)
{
	struct plan_mount m;
	sources->count = 0;
	EACH_RECORD(plan, MOUNT, mount, m) {
		if (sources->count == MAX_MOUNTS)
			return fail_with(e, STEP_MOUNT, E2BIG, m.target.ptr);
		int fd = m.fstype.len == 0 ? open_source(&m, e) : -1;
		if (fd < 0 && m.fstype.len == 0)
			return -1;
		sources->fd[sources->count++] = fd;
	}
	return 0;
}

/* One option of a comma list: "key=value" or a flag. */
static int set_option(int fs, char *option)
{
	char *value = strchr(option, '=');
	if (value == NULL)
		return sys_fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL);
	*value++ = '\0';
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, option, value);
}

int mount_new(const char *fstype, const char *source, const char *options, uint32_t attr)
{
	char list[4096], *rest = list, *option;
	SCOPED_FD fs = sys_fsopen(fstype);
	if (fs < 0)
		return -1;
	if ((size_t)snprintf(list, sizeof list, "%s", options) >= sizeof list) {
		errno = E2BIG;
		return -1;
	}
	if (source[0] != '\0' && sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source) != 0)
		return -1;
	while ((option = strsep(&rest, ",")) != NULL)
		if (option[0] != '\0' && set_option(fs, option) != 0)
			return -1;
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) != 0)
		return -1;
	return sys_fsmount(fs, attr);
}

/* A tmpfs without a mode takes the one of the folder it covers (/run stays 0755, /tmp stays sticky). */
static void add_mode(char *options, size_t room, const struct plan_mount *m, int target)
{
	struct stat st;
	size_t used = (size_t)snprintf(options, room, "%s", m->options.ptr);
	if (strcmp(m->fstype.ptr, "tmpfs") != 0 || strstr(m->options.ptr, "mode=") != NULL || fstat(target, &st) != 0)
		return;
	if (used < room)
		snprintf(options + used, room - used, "%smode=%o", used > 0 ? "," : "", (unsigned)st.st_mode & 07777);
}

static int mount_filesystem(const struct plan_mount *m, int target)
{
	char options[4096];
	add_mode(options, sizeof options, m, target);
	SCOPED_FD fd = mount_new(m->fstype.ptr, m->source.ptr, options, (uint32_t)m->attr);
	if (fd < 0)
		return -1;
	return take_fd(&fd);
}

/* procfs may be mounted on /proc and on nothing else's place; other mounts stay out of a procfs (CVE-2023-27561). */
static int check_proc(const struct plan_mount *m, int root, int source, int target)
{
	bool is_proc = source >= 0 ? fs_magic(source) == PROC_SUPER_MAGIC : strcmp(m->fstype.ptr, "proc") == 0;
	if (strcmp(m->target.ptr, "/proc") == 0) {
		SCOPED_FD plain =
			sys_openat2(root, "proc", O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
		errno = EPERM;
		return plain >= 0 && is_proc ? 0 : -1;
	}
	if (fs_magic(target) != PROC_SUPER_MAGIC)
		return 0;
	for (unsigned i = 0; i < sizeof PROC_TARGETS / sizeof *PROC_TARGETS; i++)
		if (strcmp(m->target.ptr, PROC_TARGETS[i]) == 0)
			return 0;
	errno = EPERM;
	return -1;
}

/* The kernel says EINVAL; ENOTDIR tells what is wrong. */
static int check_kind(int source, int target)
{
	struct stat from, to;
	if (fstat(source, &from) != 0 || fstat(target, &to) != 0)
		return -1;
	errno = ENOTDIR;
	return S_ISDIR(from.st_mode) == S_ISDIR(to.st_mode) ? 0 : -1;
}

static int open_target(const struct plan_mount *m, int root)
{
	if (m->flags & MOUNT_CREATE_DIR)
		return in_root_mkdirs(root, m->target.ptr);
	if (m->flags & MOUNT_CREATE_FILE)
		return in_root_mkfile(root, m->target.ptr);
	return in_root_open(root, m->target.ptr, O_PATH);
}

static int fill_volume(const struct plan_mount *m, int source, int root, struct err *e)
{
	if (copy_up(root, m->target.ptr, source, e) != 0)
		return -1;
	return set_attributes(source, m) == 0 ? 0 : fail(e, STEP_MOUNT, m->source.ptr);
}

static int attach_one(const struct plan_mount *m, int source, int root, struct err *e)
{
	if (m->flags & MOUNT_COPY_UP && source >= 0 && fill_volume(m, source, root, e) != 0)
		return -1;
	SCOPED_FD target = open_target(m, root);
	if (target < 0 || check_proc(m, root, source, target) != 0)
		return fail(e, STEP_MOUNT, m->target.ptr);
	SCOPED_FD made = source < 0 ? mount_filesystem(m, target) : -1;
	if (source < 0 && made < 0)
		return fail(e, STEP_MOUNT, m->target.ptr);
	if (source >= 0 && check_kind(source, target) != 0)
		return fail(e, STEP_MOUNT, m->target.ptr);
	if (sys_move_mount(source >= 0 ? source : made, target) != 0)
		return fail(e, STEP_MOUNT, m->target.ptr);
	if (made >= 0 && m->propagation != 0 && set_attributes(made, m) != 0)
		return fail(e, STEP_MOUNT, m->target.ptr);
	return 0;
}

int mounts_attach(struct cur plan, struct mount_sources *sources, int root, struct err *e)
{
	struct plan_mount m;
	uint32_t i = 0;
	EACH_RECORD(plan, MOUNT, mount, m) {
		if (attach_one(&m, sources->fd[i], root, e) != 0)
			return -1;
		close_fd(&sources->fd[i++]);
	}
	return 0;
}
