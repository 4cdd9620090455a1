/* Puts the root file system together. The overlay never appears in the host's mount table. */
#include "rootfs.h"
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "in_root.h"
#include "plan.h"
#include "sys.h"

static struct mount_sources sources; /* too large for a stack */
static int null_mount = -1;

/* `lowerdir+` came with 6.5; trying it on an older kernel would leave a line in its log for every container. */
static bool takes_layers_singly(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;
	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 5));
}

/* The layers one by one. */
static int overlay_by_fs(struct cur plan, const struct plan_overlay *o, struct err *e)
{
	struct plan_layer layer;
	SCOPED_FD fs = sys_fsopen("overlay");
	if (fs < 0)
		return fail(e, STEP_OVERLAY, "fsopen");
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", "overlay") != 0)
		return fail(e, STEP_OVERLAY, "source");
	EACH_RECORD(plan, LAYER, layer, layer) {
		if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", layer.path.ptr) != 0)
			return fail(e, STEP_OVERLAY, layer.path.ptr);
	}
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", o->upper.ptr) != 0 ||
		sys_fsconfig(fs, FSCONFIG_SET_STRING, "workdir", o->work.ptr) != 0)
		return fail(e, STEP_OVERLAY, o->upper.ptr);
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "index", "off") != 0 ||
		sys_fsconfig(fs, FSCONFIG_SET_STRING, "metacopy", "off") != 0 ||
		/* an upper folder becomes a layer, which knows no redirects */
		sys_fsconfig(fs, FSCONFIG_SET_STRING, "redirect_dir", "off") != 0 ||
		sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) != 0)
		return fail(e, STEP_OVERLAY, o->upper.ptr);
	int mounted = sys_fsmount(fs, 0);
	return mounted >= 0 ? mounted : fail(e, STEP_OVERLAY, "fsmount");
}

/* mount(2) takes one page of options: layers are named by descriptor, so that 200 of them fit. */
static int overlay_by_mount(struct cur plan, const struct plan_overlay *o, struct err *e)
{
	char options[4096] = "index=off,metacopy=off,redirect_dir=off,lowerdir=", end[PATH_MAX];
	struct plan_layer layer;
	size_t used = strlen(options);
	const char *between = "";
	SCOPED_FD upper = open(o->upper.ptr, O_PATH | O_DIRECTORY | O_CLOEXEC);
	SCOPED_FD work = open(o->work.ptr, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0 || work < 0)
		return fail(e, STEP_OVERLAY, o->upper.ptr);
	EACH_RECORD(plan, LAYER, layer, layer) {
		int fd = open(layer.path.ptr, O_PATH | O_DIRECTORY | O_CLOEXEC); /* closed by execve */
		if (fd < 0)
			return fail(e, STEP_OVERLAY, layer.path.ptr);
		used += (size_t)snprintf(options + used, sizeof options - used, "%s/proc/self/fd/%d", between, fd);
		between = ":";
		if (used >= sizeof options)
			return fail_with(e, STEP_OVERLAY, E2BIG, layer.path.ptr);
	}
	int len = snprintf(end, sizeof end, ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", upper, work);
	if (used + (size_t)len >= sizeof options)
		return fail_with(e, STEP_OVERLAY, E2BIG, o->upper.ptr);
	memcpy(options + used, end, (size_t)len + 1);
	if (sys_mount("overlay", o->upper.ptr, "overlay", 0, options) != 0)
		return fail(e, STEP_OVERLAY, o->upper.ptr);
	/* a clone, so that both ways give a detached mount */
	int mounted = sys_open_tree(AT_FDCWD, o->upper.ptr, OPEN_TREE_CLONE);
	return mounted >= 0 ? mounted : fail(e, STEP_OVERLAY, o->upper.ptr);
}

static int overlay_mount(struct cur plan, struct err *e)
{
	struct plan_overlay o;
	if (!ONE_RECORD(plan, OVERLAY, overlay, &o))
		return fail_with(e, STEP_PLAN, EBADMSG, "overlay missing");
	int mounted = takes_layers_singly() ? overlay_by_fs(plan, &o, e) : overlay_by_mount(plan, &o, e);
	if (mounted < 0)
		return -1;
	/* a mount point is needed once; the upper folder has no other use in this namespace */
	SCOPED_FD at = open(o.upper.ptr, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0 || sys_move_mount(mounted, at) != 0) {
		fail(e, STEP_OVERLAY, o.upper.ptr);
		close(mounted);
		return -1;
	}
	return mounted;
}

/* Nothing that is mounted from here on is seen by the host, nor the other way round. */
static int cut_propagation(struct err *e)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	if (sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr) != 0)
		return fail(e, STEP_MOUNT, "/");
	return 0;
}

static int pivot(int root, struct err *e)
{
	if (fchdir(root) != 0 || sys_pivot_root(".", ".") != 0)
		return fail(e, STEP_PIVOT, "pivot_root");
	/* the old root now lies on top of the new one */
	if (sys_umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
		return fail(e, STEP_PIVOT, "umount");
	return 0;
}

int rootfs_build(struct cur plan, struct err *e)
{
	if (mounts_open(plan, &sources, e) != 0 || (null_mount = masks_open(e)) < 0 || cut_propagation(e) != 0)
		return -1;
	SCOPED_FD root = overlay_mount(plan, e);
	if (root < 0 || pivot(root, e) != 0)
		return -1;
	SCOPED_FD inside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (inside < 0)
		return fail(e, STEP_PIVOT, "/");
	return mounts_attach(plan, &sources, inside, e) != 0 || devices_make(plan, inside, e) != 0 ? -1 : 0;
}

int rootfs_seal(struct cur plan, struct err *e)
{
	struct plan_overlay o;
	struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
	SCOPED_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || masks_apply(plan, root, null_mount, e) != 0)
		return root < 0 ? fail(e, STEP_MASK, "/") : -1;
	if (ONE_RECORD(plan, OVERLAY, overlay, &o) && o.readonly &&
		sys_mount_setattr(root, "", AT_EMPTY_PATH, &readonly) != 0)
		return fail(e, STEP_MOUNT, "/");
	return 0;
}
