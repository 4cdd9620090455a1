/* Turns tar entries into files below one folder. An entry's parent is resolved by openat2 inside the folder, the last
 * component is only ever used with calls that do not follow it. Whiteouts become overlayfs's own form; extended
 * attributes that overlayfs would obey are dropped, since they could make it reach into other layers. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include "tar.h"
#include "xattrs.h"

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

/* cap on the remembered names of folders */
enum { FOLDERS_MAX = 256 * 1024 * 1024 };

/* Folders get their time last, since filling them changes it: "TIMESPEC PATH NUL" one after the other. */
struct folders {
	char *data;
	size_t len, cap;
};

struct state {
	int root;
	struct input *in;
	struct unpack *job;
	struct folders folders;
	/* the folder opened last, with its path: neighbours share it */
	int parent;
	char parent_path[TAR_PATH];
};

/* As a uid: nothing is given away. */
#define NO_OWNER ((uid_t)-1)

/* Where an entry goes: `name` in the folder `dir`. */
struct place {
	int dir;
	const char *name;
	const char *path;
};

static void forget_parent(struct state *s)
{
	close_fd(&s->parent);
	s->parent = -1;
}

/* Splits a clean path and opens its folder; the descriptor belongs to the state. */
static int find_place(struct state *s, char *path, bool make, struct place *at, struct fs_err *e)
{
	char folder[TAR_PATH];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	memcpy(folder, path, len);
	folder[len] = '\0';
	if (s->parent < 0 || strcmp(folder, s->parent_path) != 0) {
		forget_parent(s);
		s->parent = folder_open(s->root, folder, make, e);
		if (s->parent < 0)
			return -1;
		memcpy(s->parent_path, folder, len + 1);
	}
	*at = (struct place){.dir = s->parent, .name = slash == NULL ? path : slash + 1, .path = path};
	return 0;
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static int set_opaque(int dir, const char *path, struct fs_err *e)
{
	return fsetxattr(dir, "trusted.overlay.opaque", "y", 1, 0) < 0 ? fs_fail(e, "opaque", path) : 0;
}

/* Makes the place free, except that a folder may take the place of a folder. Sets `opaque` when a whiteout stood
 * there: the new folder must then hide what lies below it. */
static int clear_place(
	struct state *s, const struct place *at, bool folder, bool *exists, bool *opaque, struct fs_err *e)
{
	struct stat st;
	*exists = *opaque = false;
	if (fstatat(at->dir, at->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(e, "stat", at->path);
	if (folder && S_ISDIR(st.st_mode)) {
		*exists = true;
		return 0;
	}
	if (s->job->keep_kinds && folder != S_ISDIR(st.st_mode))
		return fs_fail_with(e, folder ? "not-folder" : "is-folder", EEXIST, at->path);
	*opaque = is_whiteout(&st);
	if (!*opaque && s->in->recipe != NULL)
		s->in->recipe->lost = true;
	if (tree_remove(at->dir, at->name, e) < 0) {
		snprintf(e->path, sizeof e->path, "%s", at->path);
		return -1;
	}
	return 0;
}

/* A file system without a kind of attribute is no failure, as with other engines. */
static int set_xattrs(int fd, const struct tar_entry *t, struct fs_err *e)
{
	for (size_t i = 0; i < t->xattr_count; i++) {
		const struct tar_xattr *x = &t->xattrs[i];
		if (!xattr_allowed(x->name))
			continue;
		if (fsetxattr(fd, x->name, x->value, x->len, 0) < 0 && errno != ENOTSUP)
			return fs_fail(e, "xattr", t->path);
	}
	return 0;
}

/* Owner first: chown clears setuid bits and file capabilities. */
static int set_owner_mode(int fd, const struct tar_entry *t, struct fs_err *e)
{
	if (t->uid != NO_OWNER && fchown(fd, t->uid, t->gid) < 0)
		return fs_fail(e, "chown", t->path);
	if (fchmod(fd, t->mode) < 0)
		return fs_fail(e, "chmod", t->path);
	return set_xattrs(fd, t, e);
}

static int copy_content(struct state *s, int fd, const struct tar_entry *t, struct fs_err *e)
{
	uint64_t left = t->size;
	if (recipe_file(s->in->recipe, t->path, t->size, e) < 0)
		return -1;
	while (left > 0) {
		ssize_t have = input_fill(s->in, e);
		if (have < 0)
			return -1;
		if (have == 0)
			return fs_fail_with(e, "truncated", EIO, t->path);
		size_t part = left < (uint64_t)have ? (size_t)left : (size_t)have;
		if (write_all(fd, s->in->buf + s->in->pos, part, t->path, e) < 0)
			return -1;
		s->in->pos += part;
		left -= part;
	}
	return input_skip(s->in, tar_padding(t->size), e);
}

static int put_file(struct state *s, const struct tar_entry *t, const struct place *at, struct fs_err *e)
{
	_close_ int fd = openat(at->dir, at->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fs_fail(e, "create", t->path);
	if (copy_content(s, fd, t, e) < 0 || set_owner_mode(fd, t, e) < 0)
		return -1;
	const struct timespec times[2] = {t->mtime, t->mtime};
	return futimens(fd, times) < 0 ? fs_fail(e, "utimes", t->path) : 0;
}

static int remember_folder(struct folders *f, const struct tar_entry *t, struct fs_err *e)
{
	size_t path = strlen(t->path) + 1, need = f->len + sizeof t->mtime + path;
	if (need > FOLDERS_MAX)
		return fs_fail_with(e, "folders", E2BIG, t->path);
	if (need > f->cap) {
		size_t cap = f->cap * 2 > need ? f->cap * 2 : need + 65536;
		char *data = realloc(f->data, cap);
		if (data == NULL)
			return fs_fail(e, "memory", t->path);
		f->data = data;
		f->cap = cap;
	}
	memcpy(f->data + f->len, &t->mtime, sizeof t->mtime);
	memcpy(f->data + f->len + sizeof t->mtime, t->path, path);
	f->len = need;
	return 0;
}

static int dress_folder(struct state *s, int fd, const struct tar_entry *t, struct fs_err *e)
{
	return set_owner_mode(fd, t, e) < 0 ? -1 : remember_folder(&s->folders, t, e);
}

static int put_folder(
	struct state *s, const struct tar_entry *t, const struct place *at, bool exists, bool opaque, struct fs_err *e)
{
	if (!exists && mkdirat(at->dir, at->name, 0700) < 0)
		return fs_fail(e, "mkdir", t->path);
	_close_ int fd = openat(at->dir, at->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fs_fail(e, "open-folder", t->path);
	if (opaque && set_opaque(fd, t->path, e) < 0)
		return -1;
	return dress_folder(s, fd, t, e);
}

static int set_link_times(const struct tar_entry *t, const struct place *at, struct fs_err *e)
{
	const struct timespec times[2] = {t->mtime, t->mtime};
	if (t->uid != NO_OWNER && fchownat(at->dir, at->name, t->uid, t->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fs_fail(e, "chown", t->path);
	return utimensat(at->dir, at->name, times, AT_SYMLINK_NOFOLLOW) < 0 ? fs_fail(e, "utimes", t->path) : 0;
}

static int put_symlink(const struct tar_entry *t, const struct place *at, struct fs_err *e)
{
	if (symlinkat(t->link, at->dir, at->name) < 0)
		return fs_fail(e, "symlink", t->path);
	return set_link_times(t, at, e);
}

static int put_node(const struct tar_entry *t, const struct place *at, struct fs_err *e)
{
	mode_t type = t->kind == '3' ? S_IFCHR : t->kind == '4' ? S_IFBLK : S_IFIFO;
	if (mknodat(at->dir, at->name, type | 0600, type == S_IFIFO ? 0 : makedev(t->major, t->minor)) < 0)
		return fs_fail(e, "mknod", t->path);
	if (set_link_times(t, at, e) < 0)
		return -1;
	/* made just now and no symlink, so following is safe; fchmodat has no nofollow form before Linux 6.6 */
	return fchmodat(at->dir, at->name, t->mode, 0) < 0 ? fs_fail(e, "chmod", t->path) : 0;
}

/* The target is an entry of the same archive: resolved below root, never followed. */
static int put_hardlink(struct state *s, struct tar_entry *t, const struct place *at, struct fs_err *e)
{
	char *slash = strrchr(t->link, '/');
	if (slash != NULL)
		*slash = '\0';
	_close_ int from = folder_open(s->root, slash != NULL ? t->link : "", false, e);
	if (from < 0)
		return -1;
	const char *name = slash != NULL ? slash + 1 : t->link;
	return linkat(from, name, at->dir, at->name, 0) < 0 ? fs_fail(e, "link", t->path) : 0;
}

/* Hides `name` of the layers below. What this same archive put there stays, and hides them as well. */
static int put_whiteout(const struct place *at, const char *name, struct fs_err *e)
{
	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return fs_fail_with(e, "whiteout", EINVAL, at->path);
	if (mknodat(at->dir, name, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno != EEXIST)
		return fs_fail(e, "whiteout", at->path);
	_close_ int fd = openat(at->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? 0 : fs_fail(e, "whiteout", at->path);
	return set_opaque(fd, at->path, e);
}

static int put_special(const struct place *at, struct fs_err *e)
{
	if (strcmp(at->name, OPAQUE) == 0)
		return set_opaque(at->dir, at->path, e);
	/* other .wh..wh.* names are bookkeeping of aufs */
	if (strncmp(at->name, WHITEOUT WHITEOUT, 2 * strlen(WHITEOUT)) == 0)
		return 0;
	return put_whiteout(at, at->name + strlen(WHITEOUT), e);
}

static int put_entry(struct state *s, struct tar_entry *t, const struct place *at, struct fs_err *e)
{
	bool exists, opaque;
	if (clear_place(s, at, t->kind == '5', &exists, &opaque, e) < 0)
		return -1;
	switch (t->kind) {
	case '0':
		return put_file(s, t, at, e);
	case '1':
		return put_hardlink(s, t, at, e);
	case '2':
		return put_symlink(t, at, e);
	case '5':
		return put_folder(s, t, at, exists, opaque, e);
	default:
		return put_node(t, at, e);
	}
}

/* What the job says of every entry: its name, its place, its owner. */
static int place_entry(const struct unpack *job, struct tar_entry *t, struct fs_err *e)
{
	if (job->has_owner || job->own) {
		t->uid = job->own ? NO_OWNER : job->uid;
		t->gid = job->gid;
	}
	if (path_rename(job->rename, t->path, e) < 0 || path_below(job->below, t->path, e) < 0)
		return -1;
	if (t->kind != '1')
		return 0;
	return path_rename(job->rename, t->link, e) < 0 ? -1 : path_below(job->below, t->link, e);
}

static int unpack_entry(struct state *s, struct tar_entry *t, struct fs_err *e)
{
	struct place at;
	if (clean_path(t->path, e) < 0 || (t->kind == '1' && clean_path(t->link, e) < 0))
		return -1;
	if (++s->job->entries > s->job->max_entries)
		return fs_fail_with(e, "entries", E2BIG, t->path);
	if (t->size > s->job->max_bytes - s->job->bytes)
		return fs_fail_with(e, "bytes", EFBIG, t->path);
	s->job->bytes += t->size;
	if (t->path[0] == '\0' && s->job->plain)
		return input_skip(s->in, t->size + tar_padding(t->size), e);
	if (t->path[0] == '\0')
		return t->kind == '5' ? dress_folder(s, s->root, t, e) : fs_fail_with(e, "path", EINVAL, "");
	/* would be removed before it is linked */
	if (t->kind == '1' && strcmp(t->link, t->path) == 0)
		return 0;
	if (place_entry(s->job, t, e) < 0)
		return -1;
	if (find_place(s, t->path, true, &at, e) < 0)
		return -1;
	if (!s->job->plain && strncmp(at.name, WHITEOUT, strlen(WHITEOUT)) == 0)
		return put_special(&at, e) < 0 ? -1 : input_skip(s->in, t->size + tar_padding(t->size), e);
	return put_entry(s, t, &at, e);
}

/* A folder may have been replaced since; what is no folder any more has its own time already. */
static int set_folder_times(struct state *s, struct fs_err *e)
{
	for (size_t at = 0; at < s->folders.len;) {
		struct timespec times[2];
		const char *path = s->folders.data + at + sizeof times[0];
		memcpy(&times[0], s->folders.data + at, sizeof times[0]);
		times[1] = times[0];
		at += sizeof times[0] + strlen(path) + 1;
		_close_ int fd = folder_open(s->root, path, false, e);
		if (fd < 0 && e->eno != ENOENT && e->eno != ENOTDIR)
			return -1;
		if (fd >= 0 && futimens(fd, times) < 0)
			return fs_fail(e, "utimes", path);
	}
	return 0;
}

int unpack_tar(int root, struct input *in, struct unpack *job, struct fs_err *e)
{
	struct tar_entry *t = calloc(1, sizeof *t);
	struct state s = {.root = root, .in = in, .job = job, .parent = -1};
	int result = t == NULL ? fs_fail(e, "memory", "") : 0;
	while (result == 0 && (result = tar_next(in, t, e)) == 0)
		result = unpack_entry(&s, t, e);
	if (result >= 0)
		result = set_folder_times(&s, e);
	forget_parent(&s);
	free(s.folders.data);
	if (t != NULL)
		tar_entry_free(t);
	free(t);
	return result;
}
