/* Walking, making and removing folders by descriptor. No function here follows a path out of the folder it is given,
 * and none crosses a mount. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include "fs.h"

enum {
	/* open folders at once; deeper trees are first moved up (removal) or refused (size) */
	REMOVE_DEPTH = 64,
	SIZE_DEPTH = 1000,
};

static int openat2_(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
	int fd;
	do {
		fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd;
}

/* Where paths may lead; a property of the whole run. */
static uint64_t below = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;

void tree_cross_mounts(void)
{
	below = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
}

/* Nothing is made, removed or given away in a procfs, which a container has at a known place. */
static int open_below(int root, const char *path)
{
	struct statfs fs;
	_close_ int fd = openat2_(root, path, O_RDONLY | O_DIRECTORY, below);
	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -1;
	if (fs.f_type == PROC_SUPER_MAGIC) {
		errno = EPERM;
		return -1;
	}
	return take_fd(&fd);
}

int folder_child(int dir, const char *name)
{
	return openat2_(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/* Makes each missing folder of a path, from the top. Every prefix is resolved from root again. */
static int make_folders(int root, const char *path, struct fs_err *e)
{
	char prefix[4096];
	size_t len = strlen(path);
	if (len >= sizeof prefix)
		return fs_fail_with(e, "path", ENAMETOOLONG, path);
	memcpy(prefix, path, len + 1);
	_close_ int parent = fcntl(root, F_DUPFD_CLOEXEC, 0);
	if (parent < 0)
		return fs_fail(e, "dup", path);
	char *name = prefix;
	for (char *slash = strchr(prefix, '/');; slash = strchr(name, '/')) {
		if (slash != NULL)
			*slash = '\0';
		int next = open_below(root, prefix);
		if (next < 0 && errno == ENOENT) {
			if (mkdirat(parent, name, 0755) < 0)
				return fs_fail(e, "mkdir", path);
			next = folder_child(parent, name);
		}
		if (next < 0)
			return fs_fail(e, "open-folder", path);
		close(parent);
		parent = next;
		if (slash == NULL)
			return take_fd(&parent);
		*slash = '/';
		name = slash + 1;
	}
}

int folder_open(int root, const char *path, bool make, struct fs_err *e)
{
	int fd = open_below(root, *path == '\0' ? "." : path);
	if (fd < 0 && errno == ENOENT && make)
		return make_folders(root, path, e);
	return fd < 0 ? fs_fail(e, "open-folder", path) : fd;
}

static int remove_children(int top, int dir, unsigned int depth, bool *again, struct fs_err *e);

/* Too deep for one walk: the folder is moved up beside the walk's start, where the next round finds it. */
static int lift(int top, int dir, const char *name, bool *again, struct fs_err *e)
{
	static unsigned int counter;
	char fresh[48];
	snprintf(fresh, sizeof fresh, ".gantry-remove-%u-%u", (unsigned int)getpid(), counter++);
	*again = true;
	return renameat(dir, name, top, fresh) < 0 ? fs_fail(e, "rename", name) : 0;
}

static int remove_one(int top, int dir, const char *name, unsigned int depth, bool *again, struct fs_err *e)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return fs_fail(e, "unlink", name);
	if (depth > REMOVE_DEPTH)
		return lift(top, dir, name, again, e);
	_close_ int child = folder_child(dir, name);
	if (child < 0)
		return fs_fail(e, "open-folder", name);
	if (remove_children(top, child, depth + 1, again, e) < 0)
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? fs_fail(e, "rmdir", name) : 0;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

DIR *folder_list(int dir, struct fs_err *e)
{
	_close_ int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (list == NULL)
		(void)fs_fail(e, "list", "");
	else
		(void)take_fd(&fd);
	return list;
}

static int remove_children(int top, int dir, unsigned int depth, bool *again, struct fs_err *e)
{
	DIR *list = folder_list(dir, e);
	if (list == NULL)
		return -1;
	int result = 0;
	struct dirent *item;
	while (result == 0 && (errno = 0, item = readdir(list)) != NULL)
		if (!is_dots(item->d_name))
			result = remove_one(top, dir, item->d_name, depth, again, e);
	if (result == 0 && item == NULL && errno != 0)
		result = fs_fail(e, "list", "");
	closedir(list);
	return result;
}

int tree_remove(int dir, const char *name, struct fs_err *e)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return fs_fail(e, "unlink", name);
	_close_ int child = folder_child(dir, name);
	if (child < 0)
		return fs_fail(e, "open-folder", name);
	bool again;
	do {
		again = false;
		if (remove_children(child, child, 1, &again, e) < 0)
			return -1;
	} while (again);
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? fs_fail(e, "rmdir", name) : 0;
}

/* Inodes with several names that were counted; open addressing, 0 = free. */
struct seen {
	uint64_t *slots;
	size_t cap, used;
};

static bool seen_put(struct seen *s, uint64_t inode)
{
	size_t at = (size_t)(inode * 0x9e3779b97f4a7c15u) & (s->cap - 1);
	for (; s->slots[at] != 0; at = (at + 1) & (s->cap - 1))
		if (s->slots[at] == inode)
			return false;
	s->slots[at] = inode;
	s->used++;
	return true;
}

static int seen_grow(struct seen *s, struct fs_err *e)
{
	struct seen bigger = {.cap = s->cap == 0 ? 1024 : s->cap * 2};
	bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
	if (bigger.slots == NULL)
		return fs_fail(e, "memory", "");
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i] != 0)
			(void)seen_put(&bigger, s->slots[i]);
	free(s->slots);
	*s = bigger;
	return 0;
}

static int size_walk(int dir, unsigned int depth, struct seen *s, uint64_t *bytes, struct fs_err *e);

static int size_one(int dir, const char *name, unsigned int depth, struct seen *s, uint64_t *bytes, struct fs_err *e)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(e, "stat", name);
	if (S_ISDIR(st.st_mode)) {
		if (depth > SIZE_DEPTH)
			return fs_fail_with(e, "depth", ELOOP, name);
		_close_ int child = folder_child(dir, name);
		if (child < 0)
			return errno == ENOENT || errno == EXDEV ? 0 : fs_fail(e, "open-folder", name);
		return size_walk(child, depth + 1, s, bytes, e);
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_nlink > 1) {
		if (s->used * 2 >= s->cap && seen_grow(s, e) < 0)
			return -1;
		if (!seen_put(s, st.st_ino))
			return 0;
	}
	*bytes += (uint64_t)st.st_size;
	return 0;
}

static int size_walk(int dir, unsigned int depth, struct seen *s, uint64_t *bytes, struct fs_err *e)
{
	DIR *list = folder_list(dir, e);
	if (list == NULL)
		return -1;
	int result = 0;
	struct dirent *item;
	while (result == 0 && (errno = 0, item = readdir(list)) != NULL)
		if (!is_dots(item->d_name))
			result = size_one(dir, item->d_name, depth, s, bytes, e);
	if (result == 0 && item == NULL && errno != 0)
		result = fs_fail(e, "list", "");
	closedir(list);
	return result;
}

int tree_size(int dir, uint64_t *bytes, struct fs_err *e)
{
	struct seen s = {0};
	int result = size_walk(dir, 0, &s, bytes, e);
	free(s.slots);
	return result;
}
