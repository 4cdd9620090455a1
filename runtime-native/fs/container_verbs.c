/* The verbs that work on any root (root.h): stat, get, put, delete, changes. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "changes.h"
#include "get.h"
#include "owner.h"
#include "root.h"
#include "verbs.h"

enum {
	PATH_ROOM = 4096,
	LINKS_MAX = 40,
	BUFFER = 256 * 1024,
};

struct args {
	struct root_spec root;
	const char *path;
	const char *name;
	const char *owner;
	const char *rename;
	/* a flag each */
	bool follow, keep_kinds, alone, own;
	char **rest;
};

static bool take_flag(const char *word, struct args *a)
{
	bool *flag = strcmp(word, "--follow") == 0       ? &a->follow
		     : strcmp(word, "--keep-kinds") == 0 ? &a->keep_kinds
		     : strcmp(word, "--own") == 0        ? &a->own
		     : strcmp(word, "--alone") == 0      ? &a->alone
							 : NULL;
	if (flag != NULL)
		*flag = true;
	return flag != NULL;
}

/* Options up to "--" or the end; what follows "--" is `rest`. */
static bool parse(char **args, struct args *a)
{
	for (; *args != NULL && strcmp(*args, "--") != 0;) {
		const char **value = strcmp(*args, "--path") == 0     ? &a->path
				     : strcmp(*args, "--name") == 0   ? &a->name
				     : strcmp(*args, "--owner") == 0  ? &a->owner
				     : strcmp(*args, "--rename") == 0 ? &a->rename
								      : NULL;
		if (value != NULL && args[1] != NULL) {
			*value = args[1];
			args += 2;
		} else if (take_flag(*args, a)) {
			args++;
		} else if (!root_option(&args, &a->root)) {
			return false;
		}
	}
	a->rest = *args == NULL ? args : args + 1;
	return true;
}

/* The folder that holds the last part of a path, and that part; "" and "/" are the root and ".". */
static int open_parent(int root, const char *path, const char **name, struct fs_err *e)
{
	char folder[PATH_ROOM];
	size_t len = strlen(path), start = len;
	while (start > 0 && path[start - 1] != '/')
		start--;
	*name = strspn(path, "/") == len ? "." : path + start;
	if (start >= sizeof folder || **name == '\0' || strcmp(*name, "..") == 0)
		return fs_fail_with(e, "path", EINVAL, path);
	memcpy(folder, path, start);
	folder[start] = '\0';
	return root_path(root, folder, O_RDONLY | O_DIRECTORY, e);
}

/* The path a symlink's target has from the root: behind the folder it stands in, when it is relative. */
static int join_target(int root, const char *path, const char *target, char *out, struct fs_err *e)
{
	const char *name;
	char folder[PATH_ROOM] = "";
	_close_ int dir = target[0] == '/' ? -1 : open_parent(root, path, &name, e);
	if (target[0] != '/' && (dir < 0 || root_name_of(dir, folder, sizeof folder, e) < 0))
		return -1;
	const char *slash = target[0] == '/' || strcmp(folder, "/") == 0 ? "" : "/";
	if ((size_t)snprintf(out, PATH_ROOM, "%s%s%s", folder, slash, target) >= PATH_ROOM)
		return fs_fail_with(e, "path", ENAMETOOLONG, path);
	return 0;
}

/* Where a symlink leads in the end, or as far as it can be followed. */
static int resolve_link(int root, const char *path, char *out, struct fs_err *e)
{
	char at[PATH_ROOM], target[PATH_ROOM], next[PATH_ROOM];
	snprintf(at, sizeof at, "%s", path);
	_close_ int found = root_path(root, path, O_PATH, e);
	if (found >= 0)
		return root_name_of(found, out, PATH_ROOM, e);
	for (int i = 0; i < LINKS_MAX; i++) {
		_close_ int fd = root_path(root, at, O_PATH | O_NOFOLLOW, e);
		ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof target - 1);
		if (len < 0)
			break;
		target[len] = '\0';
		if (join_target(root, at, target, next, e) < 0)
			break;
		memcpy(at, next, sizeof at);
	}
	memcpy(out, at, sizeof at);
	return 0;
}

/* "MODE SIZE SECONDS.NANOSECONDS LINKTARGET NUL" with the whole st_mode in octal. */
static int print_stat(int root, const char *path, const struct stat *st, struct fs_err *e)
{
	char line[PATH_ROOM + 100], target[PATH_ROOM] = "";
	if (S_ISLNK(st->st_mode) && resolve_link(root, path, target, e) < 0)
		return -1;
	int len = snprintf(line, sizeof line, "%o %" PRIu64 " %lld.%09ld %s", (unsigned int)st->st_mode,
		(uint64_t)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, target);
	return write_all(STDOUT_FILENO, line, (size_t)len + 1, path, e);
}

static int stat_path(int root, const struct args *a, struct stat *st, struct fs_err *e)
{
	_close_ int fd = root_path(root, a->path, O_PATH | (a->follow ? 0 : O_NOFOLLOW), e);
	if (fd < 0)
		return -1;
	return fstat(fd, st) < 0 ? fs_fail(e, "stat", a->path) : print_stat(root, a->path, st, e);
}

int verb_stat(char **args, struct fs_err *e)
{
	static struct args a;
	struct stat st;
	if (!parse(args, &a) || a.path == NULL)
		return VERB_USAGE;
	_close_ int root = root_open(&a.root, e);
	return root < 0 ? -1 : stat_path(root, &a, &st, e);
}

/* With --follow a file is archived under the path it has in truth; that it may be swapped meanwhile only changes what
 * is archived, not from where. */
static int get_path(int root, const struct args *a, const struct get_job *job, struct fs_err *e)
{
	char real[PATH_ROOM];
	const char *name = ".", *path = a->path;
	struct stat st;
	if (stat_path(root, a, &st, e) < 0)
		return -1;
	_close_ int found = a->follow ? root_path(root, path, O_PATH, e) : -1;
	if (a->follow && (found < 0 || root_name_of(found, real, sizeof real, e) < 0))
		return -1;
	_close_ int dir = open_parent(root, a->follow ? real : path, &name, e);
	return dir < 0 ? -1 : get_tar(dir, name, job, e);
}

int verb_get(char **args, struct fs_err *e)
{
	static struct args a;
	if (!parse(args, &a) || a.path == NULL)
		return VERB_USAGE;
	const struct get_job job = {.name = a.name != NULL ? a.name : "", .cross = !a.alone};
	_close_ int opened = root_open(&a.root, e);
	_close_ int alone = opened >= 0 && a.alone && a.root.dir == NULL ? root_alone(opened, e) : -1;
	if (opened < 0 || (a.alone && a.root.dir == NULL && alone < 0))
		return -1;
	return get_path(alone >= 0 ? alone : opened, &a, &job, e);
}

/* Numbers are taken as they are, names as the tree that is written has them. */
static int set_owner(const char *text, int root, struct unpack *job, struct fs_err *e)
{
	int end = 0;
	if (text == NULL)
		return 0;
	job->has_owner = true;
	if (sscanf(text, "%9u:%9u%n", &job->uid, &job->gid, &end) == 2 && text[end] == '\0')
		return 0;
	return owner_find(root, text, &job->uid, &job->gid, e);
}

int verb_put(char **args, struct fs_err *e)
{
	static struct args a;
	static unsigned char buf[BUFFER];
	struct input in = {.fd = STDIN_FILENO, .buf = buf, .cap = sizeof buf};
	struct unpack job = {.max_bytes = UINT64_MAX / 2, .max_entries = UINT64_MAX, .plain = true};
	char below[PATH_ROOM];
	if (!parse(args, &a) || a.path == NULL || strlen(a.path) >= sizeof below)
		return VERB_USAGE;
	job.keep_kinds = a.keep_kinds;
	job.own = a.own;
	job.rename = a.rename;
	tree_cross_mounts();
	job.below = strcpy(below, a.path);
	_close_ int root = root_open(&a.root, e);
	if (root < 0 || set_owner(a.owner, root, &job, e) < 0)
		return -1;
	_close_ int folder = root_path(root, a.path, O_RDONLY | O_DIRECTORY, e);
	umask(0);
	if (folder < 0 || clean_path(below, e) < 0)
		return -1;
	return unpack_tar(root, &in, &job, e) < 0 || input_drain(&in, e) < 0 ? -1 : 0;
}

/* A symlink is removed itself. Nothing there, or no folder on the way to it: nothing to do. */
static int delete_one(int root, const char *path, struct fs_err *e)
{
	const char *name;
	_close_ int dir = open_parent(root, path, &name, e);
	if (dir < 0)
		return e->eno == ENOENT || e->eno == ENOTDIR ? 0 : -1;
	if (strcmp(name, ".") == 0)
		return fs_fail_with(e, "path", EINVAL, path);
	if (tree_remove(dir, name, e) < 0) {
		snprintf(e->path, sizeof e->path, "%s", path);
		return -1;
	}
	return 0;
}

int verb_delete(char **args, struct fs_err *e)
{
	static struct args a;
	if (!parse(args, &a))
		return VERB_USAGE;
	_close_ int root = root_open(&a.root, e);
	if (root < 0)
		return -1;
	for (; *a.rest != NULL; a.rest++)
		if (delete_one(root, *a.rest, e) < 0)
			return -1;
	return 0;
}

int verb_changes(char **args, struct fs_err *e)
{
	static struct args a;
	if (!parse(args, &a) || a.root.upper == NULL)
		return VERB_USAGE;
	return changes_print(a.root.upper, a.root.layers, a.root.layer_count, e);
}
