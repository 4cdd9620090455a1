/* Copies by descriptor: a folder's entries, one file. Nothing here resolves a path but that of an earlier copy. */
#include "copy_tree.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include "xattrs.h"

enum {
	COPY_DEPTH = 1000,
	PATH_ROOM = 4096,
	XATTR_NAMES = 16 * 1024,
	XATTR_VALUE = 64 * 1024,
};

/* A file system without a kind of attribute is no failure. */
static int copy_xattrs(int from, int into, const char *path, struct fs_err *e)
{
	static char names[XATTR_NAMES], value[XATTR_VALUE];
	ssize_t len = flistxattr(from, names, sizeof names);
	if (len < 0)
		return errno == ENOTSUP ? 0 : fs_fail(e, "xattr", path);
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		if (!xattr_allowed(name))
			continue;
		ssize_t size = fgetxattr(from, name, value, sizeof value);
		if (size < 0 || (fsetxattr(into, name, value, (size_t)size, 0) < 0 && errno != ENOTSUP))
			return fs_fail(e, "xattr", path);
	}
	return 0;
}

/* Who a copy belongs to. */
static uid_t uid_of(const struct copy_job *job, const struct stat *st)
{
	return job->keep_owners ? st->st_uid : job->uid;
}

static gid_t gid_of(const struct copy_job *job, const struct stat *st)
{
	return job->keep_owners ? st->st_gid : job->gid;
}

/* Owner first: chown clears setuid bits and file capabilities. */
static int dress(
	const struct copy_job *job, int from, int into, const struct stat *st, const char *path, struct fs_err *e)
{
	mode_t mode = job->mode >= 0 ? (mode_t)job->mode : st->st_mode & 07777;
	const struct timespec times[2] = {st->st_mtim, st->st_mtim};
	if (fchown(into, uid_of(job, st), gid_of(job, st)) < 0 || fchmod(into, mode) < 0)
		return fs_fail(e, "chown", path);
	if (copy_xattrs(from, into, path, e) < 0)
		return -1;
	return futimens(into, times) < 0 ? fs_fail(e, "utimes", path) : 0;
}

static int copy_range(int from, int into, off_t start, off_t end, const char *path, struct fs_err *e)
{
	off_t out = start;
	while (start < end) {
		ssize_t done = copy_file_range(from, &start, into, &out, (size_t)(end - start), 0);
		if (done < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS)) {
			if (lseek(into, out, SEEK_SET) < 0)
				return fs_fail(e, "seek", path);
			done = sendfile(into, from, &start, (size_t)(end - start));
			out = start;
		}
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fs_fail(e, "write", path);
		if (done == 0)
			return 0;
	}
	return 0;
}

/* Holes stay holes. */
static int copy_content(int from, int into, off_t size, const char *path, struct fs_err *e)
{
	if (ftruncate(into, size) < 0)
		return fs_fail(e, "write", path);
	for (off_t at = 0; at < size;) {
		off_t start = lseek(from, at, SEEK_DATA);
		if (start < 0 && errno == ENXIO)
			return 0;
		off_t end = start < 0 ? -1 : lseek(from, start, SEEK_HOLE);
		if (start < 0 || end < 0)
			start = at, end = size;
		if (copy_range(from, into, start, end, path, e) < 0)
			return -1;
		at = end;
	}
	return 0;
}

/* A folder stays for a folder; everything else makes place. */
static int clear_place(int dir, const char *name, bool folder, bool *exists, struct fs_err *e)
{
	struct stat st;
	*exists = false;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(e, "stat", name);
	*exists = folder && S_ISDIR(st.st_mode);
	if (!folder && S_ISDIR(st.st_mode))
		return fs_fail_with(e, "is-folder", EISDIR, name);
	return *exists ? 0 : tree_remove(dir, name, e);
}

static int put_file(struct copy_job *job, int from, int dir, const char *name, const char *path, struct fs_err *e)
{
	struct stat st;
	_close_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(from, &st) < 0)
		return fs_fail(e, "create", path);
	return copy_content(from, fd, st.st_size, path, e) < 0 ? -1 : dress(job, from, fd, &st, path, e);
}

/* 1 when the file was copied before and is now linked to that. */
static int put_link(
	struct copy_job *job, const struct stat *st, int dir, const char *name, const char *path, struct fs_err *e)
{
	const char *first;
	char parent[PATH_ROOM];
	if (st->st_nlink < 2 || links_seen(&job->links, st, path, &first, e) < 0)
		return st->st_nlink < 2 ? 0 : -1;
	if (first == NULL)
		return 0;
	snprintf(parent, sizeof parent, "%s", first);
	char *slash = strrchr(parent, '/');
	if (slash != NULL)
		*slash = '\0';
	_close_ int old = folder_open(job->into, slash != NULL ? parent : "", false, e);
	if (old < 0)
		return -1;
	return linkat(old, slash != NULL ? slash + 1 : parent, dir, name, 0) < 0 ? fs_fail(e, "link", path) : 1;
}

static int put_symlink(
	struct copy_job *job, int from, const char *name, int dir, const struct stat *st, struct fs_err *e)
{
	char target[PATH_ROOM];
	const struct timespec times[2] = {st->st_mtim, st->st_mtim};
	ssize_t len = readlinkat(from, name, target, sizeof target - 1);
	if (len < 0)
		return fs_fail(e, "readlink", name);
	target[len] = '\0';
	if (symlinkat(target, dir, name) < 0 ||
		fchownat(dir, name, uid_of(job, st), gid_of(job, st), AT_SYMLINK_NOFOLLOW) < 0 ||
		utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return fs_fail(e, "symlink", name);
	return 0;
}

/* A device with number 0 would be a whiteout, and sockets mean nothing without their owner. */
static int put_node(struct copy_job *job, int dir, const char *name, const struct stat *st, struct fs_err *e)
{
	if (S_ISSOCK(st->st_mode))
		return 0;
	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0))
		return fs_fail_with(e, "whiteout", EINVAL, name);
	if (mknodat(dir, name, (st->st_mode & S_IFMT) | 0600, st->st_rdev) < 0 ||
		fchownat(dir, name, uid_of(job, st), gid_of(job, st), AT_SYMLINK_NOFOLLOW) < 0)
		return fs_fail(e, "mknod", name);
	/* made just now and no symlink, so following is safe */
	return fchmodat(dir, name, st->st_mode & 07777, 0) < 0 ? fs_fail(e, "chmod", name) : 0;
}

static int put_folder(struct copy_job *job, int from, int dir, const char *name, bool exists, const char *path,
	unsigned int depth, struct fs_err *e)
{
	struct stat st;
	if (depth > COPY_DEPTH)
		return fs_fail_with(e, "path", ENAMETOOLONG, path);
	if (!exists && mkdirat(dir, name, 0700) < 0)
		return fs_fail(e, "mkdir", path);
	_close_ int into = folder_child(dir, name);
	if (into < 0 || fstat(from, &st) < 0)
		return fs_fail(e, "open-folder", path);
	/* its time last: filling it changes that */
	return copy_tree(job, from, into, path, depth + 1, e) < 0 ? -1 : dress(job, from, into, &st, path, e);
}

static int copy_one(struct copy_job *job, int from, int into, const char *name, const char *path, unsigned int depth,
	struct fs_err *e)
{
	struct stat st;
	bool exists;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fs_fail(e, "stat", name);
	if (clear_place(into, name, S_ISDIR(st.st_mode), &exists, e) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return put_symlink(job, from, name, into, &st, e);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return put_node(job, into, name, &st, e);
	if (S_ISDIR(st.st_mode)) {
		_close_ int child = folder_child(from, name);
		return child < 0 ? fs_fail(e, "open-folder", path)
				 : put_folder(job, child, into, name, exists, path, depth, e);
	}
	int linked = put_link(job, &st, into, name, path, e);
	_close_ int file = linked != 0 ? -1 : openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (linked != 0)
		return linked < 0 ? -1 : 0;
	return file < 0 ? fs_fail(e, "open", path) : put_file(job, file, into, name, path, e);
}

int copy_tree(struct copy_job *job, int from, int into, const char *path, unsigned int depth, struct fs_err *e)
{
	char below[PATH_ROOM];
	struct names list = {0};
	int result = names_sorted(from, &list, e);
	for (size_t i = 0; result == 0 && i < list.count; i++) {
		if ((size_t)snprintf(below, sizeof below, "%s/%s", path, list.names[i]) >= sizeof below)
			result = fs_fail_with(e, "path", ENAMETOOLONG, path);
		else
			result = copy_one(job, from, into, list.names[i], below, depth, e);
	}
	names_free(&list);
	return result;
}

int copy_dress_target(const struct copy_job *job, int from, int into, const char *path, struct fs_err *e)
{
	struct copy_job own = {.uid = job->uid, .gid = job->gid, .mode = job->mode};
	struct stat st;
	return fstat(from, &st) < 0 ? fs_fail(e, "stat", path) : dress(&own, from, into, &st, path, e);
}

int copy_over(struct copy_job *job, int file, int dir, const char *name, const char *path, struct fs_err *e)
{
	bool exists;
	return clear_place(dir, name, false, &exists, e) < 0 ? -1 : put_file(job, file, dir, name, path, e);
}
