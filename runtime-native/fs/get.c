/* Walks a tree by descriptor and writes it as tar. The tree may change meanwhile: what is gone when its turn comes is
 * left out, what was replaced by a symlink is archived as one. Sockets are left out. */
#include "get.h"
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include "links_seen.h"
#include "tar_write.h"
#include "xattrs.h"

enum {
	DEPTH = 900,
	XATTR_ROOM = 64 * 1024,
};

struct walk {
	const struct get_job *job;
	struct tar_out out;
	struct links_seen links;
	/* the entry at hand; its path is the walk's */
	struct tar_entry t;
	size_t len;
	unsigned int depth;
	struct fs_err *e;
	char names[XATTR_ROOM], values[2 * XATTR_ROOM];
};

static int open_in(int dir, const char *name, int flags, bool cross)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | (cross ? 0 : RESOLVE_NO_XDEV),
	};
	return (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
}

/* Attributes that are gone or do not fit any more are left out. */
static void read_xattrs(struct walk *w, int fd)
{
	ssize_t len = flistxattr(fd, w->names, sizeof w->names);
	size_t used = 0;
	for (const char *name = w->names; name < w->names + len; name += strlen(name) + 1) {
		if (!xattr_allowed(name) || w->t.xattr_count == TAR_XATTRS)
			continue;
		ssize_t size = fgetxattr(fd, name, w->values + used, sizeof w->values - used);
		if (size < 0)
			continue;
		w->t.xattrs[w->t.xattr_count++] =
			(struct tar_xattr){.name = name, .value = w->values + used, .len = (size_t)size};
		used += (size_t)size;
	}
}

static int write_plain(struct walk *w, char kind, const struct stat *st)
{
	tar_describe(&w->t, kind, st);
	return tar_put_header(&w->out, &w->t, w->e);
}

static int write_file(struct walk *w, int fd, const struct stat *st)
{
	const char *first = NULL;
	tar_describe(&w->t, '0', st);
	if (st->st_nlink > 1 && links_seen(&w->links, st, w->t.path, &first, w->e) < 0)
		return -1;
	if (first != NULL) {
		w->t.kind = '1';
		w->t.size = 0;
		snprintf(w->t.link, sizeof w->t.link, "%s", first);
		return tar_put_header(&w->out, &w->t, w->e);
	}
	read_xattrs(w, fd);
	return tar_put_header(&w->out, &w->t, w->e) < 0 ? -1 : tar_put_content(&w->out, fd, &w->t, w->e);
}

/* Opened without blocking, and looked at again: a FIFO may have taken its place. */
static int open_file(struct walk *w, int dir, const char *name)
{
	struct stat st;
	_close_ int fd = open_in(dir, name, O_RDONLY | O_NONBLOCK, true);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : fs_fail(w->e, "open", w->t.path);
	if (fstat(fd, &st) < 0)
		return fs_fail(w->e, "stat", w->t.path);
	return S_ISREG(st.st_mode) ? write_file(w, fd, &st) : 0;
}

static int write_symlink(struct walk *w, int dir, const char *name, const struct stat *st)
{
	tar_describe(&w->t, '2', st);
	ssize_t len = readlinkat(dir, name, w->t.link, sizeof w->t.link - 1);
	if (len < 0)
		return errno == ENOENT || errno == EINVAL ? 0 : fs_fail(w->e, "readlink", w->t.path);
	w->t.link[len] = '\0';
	return tar_put_header(&w->out, &w->t, w->e);
}

static int write_children(struct walk *w, int fd);

/* What the kernel shows of itself is no content: such a mount is an empty folder. */
static bool is_kernels(int fd)
{
	struct statfs fs;
	return fstatfs(fd, &fs) == 0 && (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC ||
						fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC);
}

static int write_folder(struct walk *w, int dir, const char *name, const struct stat *st)
{
	_close_ int fd = open_in(dir, name, O_RDONLY | O_DIRECTORY, w->job->cross);
	if (fd < 0 && errno == EXDEV)
		return write_plain(w, '5', st);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : fs_fail(w->e, "open", w->t.path);
	tar_describe(&w->t, '5', st);
	read_xattrs(w, fd);
	if (w->len > 0 && tar_put_header(&w->out, &w->t, w->e) < 0)
		return -1;
	return is_kernels(fd) ? 0 : write_children(w, fd);
}

static int write_entry(struct walk *w, int dir, const char *name)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(w->e, "stat", w->t.path);
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return open_file(w, dir, name);
	case S_IFLNK:
		return write_symlink(w, dir, name, &st);
	case S_IFCHR:
		return write_plain(w, '3', &st);
	case S_IFBLK:
		return write_plain(w, '4', &st);
	case S_IFIFO:
		return write_plain(w, '6', &st);
	case S_IFDIR:
		if (w->len > 0 && w->t.path[w->len - 1] != '/')
			memcpy(w->t.path + w->len++, "/", 2);
		return write_folder(w, dir, name, &st);
	default:
		return 0;
	}
}

static int write_child(struct walk *w, int dir, const char *name)
{
	size_t before = w->len, add = strlen(name);
	if (before + add + 2 > sizeof w->t.path)
		return fs_fail_with(w->e, "path", ENAMETOOLONG, w->t.path);
	memcpy(w->t.path + before, name, add + 1);
	w->len = before + add;
	int result = write_entry(w, dir, name);
	w->len = before;
	w->t.path[before] = '\0';
	return result;
}

static int write_children(struct walk *w, int fd)
{
	struct names list = {0};
	if (++w->depth > DEPTH)
		return fs_fail_with(w->e, "depth", ELOOP, w->t.path);
	int result = names_sorted(fd, &list, w->e);
	for (size_t i = 0; result == 0 && i < list.count; i++)
		result = write_child(w, fd, list.names[i]);
	names_free(&list);
	w->depth--;
	return result;
}

int get_tar(int dir, const char *entry, const struct get_job *job, struct fs_err *e)
{
	static struct walk w;
	w = (struct walk){.job = job, .out = {.fd = STDOUT_FILENO, .fills = true}, .e = e};
	w.len = strlen(job->name);
	if (w.len + 2 > sizeof w.t.path)
		return fs_fail_with(e, "path", ENAMETOOLONG, job->name);
	memcpy(w.t.path, job->name, w.len + 1);
	int result = write_entry(&w, dir, entry);
	links_seen_free(&w.links);
	return result < 0 ? -1 : tar_put_end(&w.out, e);
}
