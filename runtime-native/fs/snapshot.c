/* An overlay's upper folder as a layer archive: its files, and what it hides of the layers below in OCI's form
 * (.wh.NAME, .wh..wh..opq). Folders come before what is in them, names in the order of their bytes, so that the same
 * tree always makes the same archive. Nothing is followed and no mount is crossed. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include "links_seen.h"
#include "tar_write.h"
#include "xattrs.h"

enum {
	SNAPSHOT_DEPTH = 1000,
	XATTR_NAMES = 16 * 1024,
	/* the kernel's own cap on one value */
	XATTR_VALUE = 64 * 1024,
};

struct snapshot {
	struct tar_out out;
	struct tar_entry entry;
	struct links_seen links;
	char names[XATTR_NAMES];
	/* the values of one entry's attributes, one behind the other */
	char values[2 * XATTR_VALUE];
	uint64_t bytes;
};

static int walk(struct snapshot *s, int dir, unsigned int depth, struct fs_err *e);

static int read_value(struct snapshot *s, const char *path, const char *name, size_t *used, struct fs_err *e)
{
	struct tar_entry *t = &s->entry;
	char *into = s->values + *used;
	ssize_t len = lgetxattr(path, name, into, sizeof s->values - *used);
	if (len < 0)
		return fs_fail(e, "xattr", t->path);
	if (t->xattr_count == TAR_XATTRS)
		return fs_fail_with(e, "xattr", E2BIG, t->path);
	t->xattrs[t->xattr_count++] = (struct tar_xattr){.name = name, .value = into, .len = (size_t)len};
	*used += (size_t)len;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct tar_xattr *)a)->name, ((const struct tar_xattr *)b)->name);
}

/* A path through /proc names exactly one inode of a folder that is open; a symlink in the last place is not followed.
 */
static void proc_path(char *into, size_t size, int dir, const char *name)
{
	snprintf(into, size, "/proc/self/fd/%d/%s", dir, name);
}

/* Sets `opaque` when the folder hides what is below it. */
static int read_xattrs(struct snapshot *s, int dir, const char *name, bool *opaque, struct fs_err *e)
{
	char path[320];
	size_t used = 0;
	proc_path(path, sizeof path, dir, name);
	s->entry.xattr_count = 0;
	*opaque = false;
	ssize_t len = llistxattr(path, s->names, sizeof s->names);
	if (len < 0)
		return errno == ENOTSUP ? 0 : fs_fail(e, "xattr", s->entry.path);
	for (const char *p = s->names; p < s->names + len; p += strlen(p) + 1) {
		if (strcmp(p, "trusted.overlay.opaque") == 0)
			*opaque = true;
		else if (strcmp(p, "trusted.overlay.redirect") == 0 || strcmp(p, "trusted.overlay.metacopy") == 0)
			return fs_fail_with(e, "redirect", ENOTSUP, s->entry.path);
		else if (xattr_allowed(p) && read_value(s, path, p, &used, e) < 0)
			return -1;
	}
	qsort(s->entry.xattrs, s->entry.xattr_count, sizeof *s->entry.xattrs, by_name);
	return 0;
}

static char kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return '0';
	case S_IFLNK:
		return '2';
	case S_IFCHR:
		return '3';
	case S_IFBLK:
		return '4';
	case S_IFDIR:
		return '5';
	case S_IFIFO:
		return '6';
	default:
		return '\0';
	}
}

static int put_file(struct snapshot *s, int dir, const char *name, const struct stat *st, struct fs_err *e)
{
	_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat now;
	if (fd < 0 || fstat(fd, &now) < 0)
		return fs_fail(e, "open", s->entry.path);
	if (now.st_ino != st->st_ino)
		return fs_fail_with(e, "changed", EINVAL, s->entry.path);
	s->entry.size = (uint64_t)now.st_size;
	s->bytes += s->entry.size;
	if (tar_put_header(&s->out, &s->entry, e) < 0)
		return -1;
	return tar_put_content(&s->out, fd, &s->entry, e);
}

/* An empty file of that name beside or inside the place; `len` is where the folder's path ends. */
static int put_mark(struct snapshot *s, size_t len, const char *prefix, const char *name, struct fs_err *e)
{
	char *end = s->entry.path + len;
	size_t room = sizeof s->entry.path - len;
	if ((size_t)snprintf(end, room, "%s%s", prefix, name) >= room)
		return fs_fail_with(e, "path", ENAMETOOLONG, s->entry.path);
	s->entry.kind = '0';
	s->entry.mode = 0;
	s->entry.uid = s->entry.gid = 0;
	s->entry.mtime = (struct timespec){0};
	s->entry.xattr_count = 0;
	s->entry.size = 0;
	s->entry.link[0] = '\0';
	return tar_put_header(&s->out, &s->entry, e);
}

static int put_folder(struct snapshot *s, int dir, const char *name, bool opaque, unsigned int depth, struct fs_err *e)
{
	size_t len = strlen(s->entry.path);
	if (len + 2 > sizeof s->entry.path || depth > SNAPSHOT_DEPTH)
		return fs_fail_with(e, "path", ENAMETOOLONG, s->entry.path);
	memcpy(s->entry.path + len++, "/", 2);
	if (tar_put_header(&s->out, &s->entry, e) < 0)
		return -1;
	if (opaque && put_mark(s, len, ".wh..wh..opq", "", e) < 0)
		return -1;
	s->entry.path[len] = '\0';
	_close_ int child = folder_child(dir, name);
	if (child < 0)
		return fs_fail(e, "open-folder", s->entry.path);
	return walk(s, child, depth + 1, e);
}

static int put_symlink(struct snapshot *s, int dir, const char *name, struct fs_err *e)
{
	ssize_t len = readlinkat(dir, name, s->entry.link, sizeof s->entry.link - 1);
	if (len < 0)
		return fs_fail(e, "readlink", s->entry.path);
	s->entry.link[len] = '\0';
	return tar_put_header(&s->out, &s->entry, e);
}

static int put_link(struct snapshot *s, const char *first, struct fs_err *e)
{
	s->entry.kind = '1';
	s->entry.xattr_count = 0;
	snprintf(s->entry.link, sizeof s->entry.link, "%s", first);
	return tar_put_header(&s->out, &s->entry, e);
}

static int put_kind(
	struct snapshot *s, int dir, const char *name, const struct stat *st, unsigned int depth, struct fs_err *e)
{
	bool opaque;
	if (read_xattrs(s, dir, name, &opaque, e) < 0)
		return -1;
	if (s->entry.kind == '5')
		return put_folder(s, dir, name, opaque, depth, e);
	const char *first = NULL;
	if (st->st_nlink > 1 && links_seen(&s->links, st, s->entry.path, &first, e) < 0)
		return -1;
	if (first != NULL)
		return put_link(s, first, e);
	if (s->entry.kind == '0')
		return put_file(s, dir, name, st, e);
	return s->entry.kind == '2' ? put_symlink(s, dir, name, e) : tar_put_header(&s->out, &s->entry, e);
}

/* The path of the folder ends at `len`. Sockets have no form in an archive. */
static int put_one(struct snapshot *s, int dir, size_t len, const char *name, unsigned int depth, struct fs_err *e)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fs_fail(e, "stat", name);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0))
		return put_mark(s, len, ".wh.", name, e);
	tar_describe(&s->entry, kind_of(st.st_mode), &st);
	if (s->entry.kind == '\0')
		return 0;
	size_t room = sizeof s->entry.path - len;
	if ((size_t)snprintf(s->entry.path + len, room, "%s", name) >= room)
		return fs_fail_with(e, "path", ENAMETOOLONG, name);
	return put_kind(s, dir, name, &st, depth, e);
}

static int walk(struct snapshot *s, int dir, unsigned int depth, struct fs_err *e)
{
	struct names list = {0};
	size_t len = strlen(s->entry.path);
	int result = names_sorted(dir, &list, e);
	for (size_t i = 0; result == 0 && i < list.count; i++)
		result = put_one(s, dir, len, list.names[i], depth, e);
	s->entry.path[len] = '\0';
	names_free(&list);
	return result;
}

int snapshot_tar(int root, struct recipe *recipe, uint64_t *bytes, struct fs_err *e)
{
	struct snapshot *s = calloc(1, sizeof *s);
	if (s == NULL)
		return fs_fail(e, "memory", "");
	s->out.fd = STDOUT_FILENO;
	s->out.recipe = recipe;
	int result = walk(s, root, 0, e);
	if (result == 0)
		result = tar_put_end(&s->out, e);
	*bytes = s->bytes;
	links_seen_free(&s->links);
	free(s);
	return result;
}
