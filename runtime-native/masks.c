/* Masked and read-only paths. The null device comes from the host and is checked, and a path of /proc or /sys must
 * really be there, so a rootfs with prepared /dev or /proc cannot redirect a mask (CVE-2025-31133). */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "in_root.h"
#include "plan.h"
#include "rootfs.h"

int masks_open(struct err *e)
{
	struct stat st;
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .propagation = MS_PRIVATE};
	SCOPED_FD null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (null < 0 || fstat(null, &st) != 0)
		return fail(e, STEP_MASK, "/dev/null");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return fail_with(e, STEP_MASK, ENODEV, "/dev/null");
	SCOPED_FD tree = sys_open_tree(null, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	if (tree < 0 || sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr) != 0)
		return fail(e, STEP_MASK, "/dev/null");
	return take_fd(&tree);
}

/* Opens what is to be masked: 1 = there, 0 = this kernel has no such path, -1 = it is not what it claims to be. */
static int open_path(int root, const char *path, int *fd)
{
	*fd = in_root_open(root, path, O_PATH);
	if (*fd < 0)
		return errno == ENOENT ? 0 : -1;
	bool proc = strncmp(path, "/proc/", 6) == 0, sys = strncmp(path, "/sys/", 5) == 0;
	uint64_t magic = fs_magic(*fd);
	/* below /sys other kernel file systems are mounted (cgroup, debug), all made by the plan itself */
	if ((proc && magic != PROC_SUPER_MAGIC) || (sys && (magic == OVERLAYFS_SUPER_MAGIC || magic == 0))) {
		errno = EPERM;
		return -1;
	}
	return 1;
}

/* Mounts a copy of `*mask` on the target; the first use mounts the thing itself, for only what is mounted can be
 * cloned. */
static int mask_with(int mask, bool *used, int target)
{
	if (!*used) {
		*used = true;
		return sys_move_mount(mask, target);
	}
	SCOPED_FD copy = sys_open_tree(mask, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	return copy < 0 ? -1 : sys_move_mount(copy, target);
}

static int make_readonly(int target)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	SCOPED_FD copy = sys_open_tree(target, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | AT_RECURSIVE);
	if (copy < 0 || sys_mount_setattr(copy, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr) != 0)
		return -1;
	return sys_move_mount(copy, target);
}

static int apply_readonly(struct cur plan, int root, struct err *e)
{
	struct plan_readonly_path r;
	EACH_RECORD(plan, READONLY_PATH, readonly_path, r) {
		int target, there = open_path(root, r.path.ptr, &target);
		if (there < 0 || (there == 1 && make_readonly(target) != 0)) {
			fail(e, STEP_MASK, r.path.ptr);
			close_fd(&target);
			return -1;
		}
		close_fd(&target);
	}
	return 0;
}

int masks_apply(struct cur plan, int root, int null, struct err *e)
{
	struct plan_mask m;
	bool null_used = false, empty_used = false;
	SCOPED_FD empty = mount_new("tmpfs", "tmpfs", "nr_blocks=1,nr_inodes=1,mode=555",
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID);
	if (empty < 0)
		return fail(e, STEP_MASK, "tmpfs");
	EACH_RECORD(plan, MASK, mask, m) {
		struct stat st;
		int target, there = open_path(root, m.path.ptr, &target);
		int done = there < 0 || (there == 1 && fstat(target, &st) != 0) ? -1 : 0;
		if (there == 1 && done == 0)
			done = S_ISDIR(st.st_mode) ? mask_with(empty, &empty_used, target)
						   : mask_with(null, &null_used, target);
		if (done != 0)
			fail(e, STEP_MASK, m.path.ptr);
		close_fd(&target);
		if (done != 0)
			return -1;
	}
	return apply_readonly(plan, root, e);
}
