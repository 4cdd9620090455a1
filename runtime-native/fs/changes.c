/* Compares an overlay's upper folder with the layers below it, without mounting anything: the layers and the folder are
 * the engine's own, and no symlink in them is followed. A folder counts as changed when itself or something directly in
 * it came or went, as with other engines. */
#include "changes.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum {
	PATH_ROOM = 4096,
	LAYERS = 512,
	DEPTH = 900,
};

/* A folder on the walk: its own descriptor and, where it exists, that of each layer. */
struct level {
	int upper;
	int layers[LAYERS];
	const struct level *parent;
};

struct diff {
	unsigned int count, depth;
	char path[PATH_ROOM];
	size_t len;
	struct fs_err *e;
};

static void close_level(struct level *l, unsigned int count)
{
	close_fd(&l->upper);
	for (unsigned int i = 0; i < count; i++)
		close_fd(&l->layers[i]);
}

static int print(char kind, const char *path)
{
	return printf("%c %s%c", kind, path, 0) < 0 ? -1 : 0;
}

static bool is_opaque(int fd)
{
	char value = 0;
	return fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

/* What the layers show at a name of a folder: the topmost that has it says. */
static bool below(const struct diff *d, const struct level *l, const char *name, struct stat *out)
{
	for (unsigned int i = 0; i < d->count; i++)
		if (l->layers[i] >= 0 && fstatat(l->layers[i], name, out, AT_SYMLINK_NOFOLLOW) == 0)
			return !is_whiteout(out);
	return false;
}

static int open_child(int dir, const char *name)
{
	errno = ENOENT;
	return dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A layer is seen down to the first in which the name is no folder or an opaque one. */
static int open_layers(const struct diff *d, const struct level *l, const char *name, struct level *child)
{
	bool hidden = is_opaque(child->upper);
	for (unsigned int i = 0; i < d->count; i++)
		child->layers[i] = -1;
	for (unsigned int i = 0; i < d->count && !hidden; i++) {
		child->layers[i] = open_child(l->layers[i], name);
		if (child->layers[i] >= 0)
			hidden = is_opaque(child->layers[i]);
		else if (errno == ENOTDIR || errno == ELOOP)
			hidden = true;
		else if (errno != ENOENT)
			return fs_fail(d->e, "open", d->path);
	}
	return 0;
}

static bool same_folder(const struct stat *a, const struct stat *b)
{
	return S_ISDIR(a->st_mode) && S_ISDIR(b->st_mode) && a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	       a->st_gid == b->st_gid && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int diff_folder(struct diff *d, const struct level *l);

static int diff_inside(struct diff *d, const struct level *l, const char *name, struct level *child)
{
	child->upper = open_child(l->upper, name);
	if (child->upper < 0)
		return errno == ENOENT ? 0 : fs_fail(d->e, "open", d->path);
	int result = open_layers(d, l, name, child) < 0 ? -1 : diff_folder(d, child);
	close_level(child, d->count);
	return result;
}

static int diff_child(struct diff *d, const struct level *l, const char *name)
{
	struct stat st, was;
	if (fstatat(l->upper, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(d->e, "stat", d->path);
	bool existed = below(d, l, name, &was);
	if (is_whiteout(&st))
		return existed ? print('D', d->path) : 0;
	if (!existed ? print('A', d->path) < 0 : !same_folder(&st, &was) && print('C', d->path) < 0)
		return fs_fail(d->e, "write", d->path);
	if (!S_ISDIR(st.st_mode))
		return 0;
	struct level *child = malloc(sizeof *child);
	if (child == NULL)
		return fs_fail(d->e, "memory", d->path);
	int result = diff_inside(d, l, name, child);
	free(child);
	return result;
}

static int diff_named(struct diff *d, const struct level *l, const char *name)
{
	size_t before = d->len, add = strlen(name);
	if (before + add + 2 > sizeof d->path)
		return fs_fail_with(d->e, "path", ENAMETOOLONG, d->path);
	d->path[before] = '/';
	memcpy(d->path + before + 1, name, add + 1);
	d->len = before + 1 + add;
	int result = diff_child(d, l, name);
	d->len = before;
	d->path[before] = '\0';
	return result;
}

static int diff_folder(struct diff *d, const struct level *l)
{
	struct names list = {0};
	if (++d->depth > DEPTH)
		return fs_fail_with(d->e, "depth", ELOOP, d->path);
	int result = names_sorted(l->upper, &list, d->e);
	for (size_t i = 0; result == 0 && i < list.count; i++)
		result = diff_named(d, l, list.names[i]);
	names_free(&list);
	d->depth--;
	return result;
}

int changes_print(const char *upper, const char *const *layers, unsigned int count, struct fs_err *e)
{
	static struct level top;
	struct diff d = {.count = count, .e = e};
	top.upper = open(upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (top.upper < 0)
		return fs_fail(e, "open", upper);
	for (unsigned int i = 0; i < count; i++) {
		top.layers[i] = open(layers[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (top.layers[i] < 0)
			return fs_fail(e, "open", layers[i]);
	}
	int result = diff_folder(&d, &top);
	close_level(&top, count);
	return result < 0 || fflush(stdout) != 0 ? -1 : 0;
}
