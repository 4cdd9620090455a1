/* Device nodes and symlinks of the plan, made below the new root by descriptor. */
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "in_root.h"
#include "plan.h"
#include "rootfs.h"

static int make_device(const struct plan_device *d, int root)
{
	const char *name;
	struct stat st;
	mode_t type = d->kind == 'b' ? S_IFBLK : S_IFCHR;
	dev_t number = makedev(d->major, d->minor);
	SCOPED_FD parent = in_root_parent(root, d->path.ptr, &name);
	if (parent < 0)
		return -1;
	if (mknodat(parent, name, type | (d->mode & 07777), number) != 0 && errno != EEXIST)
		return -1;
	SCOPED_FD node = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (node < 0 || fstat(node, &st) != 0)
		return -1;
	if ((st.st_mode & S_IFMT) != type || st.st_rdev != number) {
		errno = EEXIST;
		return -1;
	}
	if (fchownat(node, "", d->uid, d->gid, AT_EMPTY_PATH) != 0)
		return -1;
	/* made with umask 0, so only a node that stood there already can differ */
	if ((st.st_mode & 07777) == (d->mode & 07777))
		return 0;
	errno = EEXIST;
	return -1;
}

static int make_symlink(const struct plan_symlink *s, int root)
{
	const char *name;
	SCOPED_FD parent = in_root_parent(root, s->path.ptr, &name);
	if (parent < 0)
		return -1;
	return symlinkat(s->target.ptr, parent, name) == 0 || errno == EEXIST ? 0 : -1;
}

int devices_make(struct cur plan, int root, struct err *e)
{
	struct plan_device d;
	struct plan_symlink s;
	EACH_RECORD(plan, DEVICE, device, d) {
		if (make_device(&d, root) != 0)
			return fail(e, STEP_DEVICE, d.path.ptr);
	}
	EACH_RECORD(plan, SYMLINK, symlink, s) {
		if (make_symlink(&s, root) != 0)
			return fail(e, STEP_DEVICE, s.path.ptr);
	}
	return 0;
}
