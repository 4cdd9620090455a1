/* Walks a tree by descriptor and writes it as tar. The tree may change meanwhile: what is gone when its turn comes is
 * left out, what was replaced by a symlink is archived as one. Sockets are left out. */
#include "get.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include "links_seen.h"
#include "tar_out.h"

enum {
	PATH_ROOM = 4096,
	DEPTH = 900,
};

struct walk {
	const struct get_job *job;
	struct tar_out *out;
	struct links_seen links;
	/* name of the entry at hand */
	char path[PATH_ROOM];
	size_t len;
	unsigned int depth;
	struct fs_err *e;
};

static int open_in(int dir, const char *name, int flags, bool cross)
{
	struct open_how how = {.flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | (cross ? 0 : RESOLVE_NO_XDEV)};
	return (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
}

static int write_plain(struct walk *w, char kind, const struct stat *st, const char *link)
{
	const struct tar_item item = {.kind = kind, .path = w->path, .link = link, .st = st, .attributes = -1};
	return tar_header(w->out, &item, w->e);
}

/* Opened without blocking, and looked at again: a FIFO may have taken its place. */
static int write_file(struct walk *w, int dir, const char *name)
{
	struct stat st;
	_close_ int fd = open_in(dir, name, O_RDONLY | O_NONBLOCK, true);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : fs_fail(w->e, "open", w->path);
	if (fstat(fd, &st) < 0)
		return fs_fail(w->e, "stat", w->path);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_nlink > 1) {
		const char *first;
		if (links_seen(&w->links, &st, w->path, &first, w->e) < 0)
			return -1;
		if (first != NULL)
			return write_plain(w, '1', &st, first);
	}
	const struct tar_item item = {.kind = '0', .path = w->path, .st = &st, .attributes = fd};
	if (tar_header(w->out, &item, w->e) < 0)
		return -1;
	return tar_content(w->out, fd, (uint64_t)st.st_size, w->path, w->e);
}

static int write_symlink(struct walk *w, int dir, const char *name, const struct stat *st)
{
	char target[PATH_ROOM];
	ssize_t len = readlinkat(dir, name, target, sizeof target - 1);
	if (len < 0)
		return errno == ENOENT || errno == EINVAL ? 0 : fs_fail(w->e, "readlink", w->path);
	target[len] = '\0';
	return write_plain(w, '2', st, target);
}

/* An empty file whose name begins with .wh. */
static int write_whiteout(struct walk *w, const char *name)
{
	static const struct stat empty = {.st_mode = S_IFREG | 0600};
	size_t before = w->len - strlen(name);
	char path[PATH_ROOM + 8];
	snprintf(path, sizeof path, "%.*s.wh.%s", (int)before, w->path, name);
	const struct tar_item item = {.kind = '0', .path = path, .st = &empty, .attributes = -1};
	return tar_header(w->out, &item, w->e);
}

static int write_opaque(struct walk *w, int fd)
{
	static const struct stat empty = {.st_mode = S_IFREG | 0600};
	char value = 0, path[PATH_ROOM + 16];
	if (!w->job->layer || fgetxattr(fd, "trusted.overlay.opaque", &value, 1) != 1 || value != 'y')
		return 0;
	snprintf(path, sizeof path, "%s.wh..wh..opq", w->path);
	const struct tar_item item = {.kind = '0', .path = path, .st = &empty, .attributes = -1};
	return tar_header(w->out, &item, w->e);
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
		return write_plain(w, '5', st, NULL);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : fs_fail(w->e, "open", w->path);
	if (w->len > 0) {
		const struct tar_item item = {.kind = '5', .path = w->path, .st = st, .attributes = fd};
		if (tar_header(w->out, &item, w->e) < 0)
			return -1;
	}
	if (write_opaque(w, fd) < 0)
		return -1;
	return is_kernels(fd) ? 0 : write_children(w, fd);
}

static int write_entry(struct walk *w, int dir, const char *name)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(w->e, "stat", w->path);
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return write_file(w, dir, name);
	case S_IFLNK:
		return write_symlink(w, dir, name, &st);
	case S_IFCHR:
		if (w->job->layer && st.st_rdev == makedev(0, 0))
			return write_whiteout(w, name);
		return write_plain(w, '3', &st, NULL);
	case S_IFBLK:
		return write_plain(w, '4', &st, NULL);
	case S_IFIFO:
		return write_plain(w, '6', &st, NULL);
	case S_IFDIR:
		if (w->len > 0 && w->path[w->len - 1] != '/') {
			w->path[w->len++] = '/';
			w->path[w->len] = '\0';
		}
		return write_folder(w, dir, name, &st);
	default:
		return 0;
	}
}

static int write_child(struct walk *w, int dir, const char *name)
{
	size_t before = w->len, add = strlen(name);
	if (before + add + 2 > sizeof w->path)
		return fs_fail_with(w->e, "path", ENAMETOOLONG, w->path);
	memcpy(w->path + before, name, add + 1);
	w->len = before + add;
	int result = write_entry(w, dir, name);
	w->len = before;
	w->path[before] = '\0';
	return result;
}

/* Names are sorted, so that the same tree gives the same archive. */
static int write_children(struct walk *w, int fd)
{
	struct dirent **list = NULL;
	if (++w->depth > DEPTH)
		return fs_fail_with(w->e, "depth", ELOOP, w->path);
	int count = scandirat(fd, ".", &list, NULL, alphasort), result = 0;
	if (count < 0)
		return fs_fail(w->e, "list", w->path);
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;
		if (result == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			result = write_child(w, fd, name);
		free(list[i]);
	}
	free(list);
	w->depth--;
	return result;
}

int get_tar(int dir, const char *entry, const struct get_job *job, struct fs_err *e)
{
	static struct tar_out out = {.fd = STDOUT_FILENO};
	static struct walk w;
	w = (struct walk){.job = job, .out = &out, .e = e};
	w.len = strlen(job->name);
	if (w.len + 2 > sizeof w.path)
		return fs_fail_with(e, "path", ENAMETOOLONG, job->name);
	memcpy(w.path, job->name, w.len + 1);
	int result = write_entry(&w, dir, entry);
	links_seen_free(&w.links);
	return result < 0 ? -1 : tar_end(&out, e);
}
