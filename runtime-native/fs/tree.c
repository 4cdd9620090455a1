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
#include "links_seen.h"

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

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A stream of its own over a folder, from the start. */
static DIR *open_list(int dir)
{
	_close_ int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (list != NULL)
		(void)take_fd(&fd);
	return list;
}

int folder_each(int dir, folder_visit visit, void *data, struct fs_err *e)
{
	DIR *list = open_list(dir);
	if (list == NULL)
		return fs_fail(e, "list", "");
	int result = 0;
	struct dirent *item;
	while (result == 0 && (errno = 0, item = readdir(list)) != NULL)
		if (!is_dots(item->d_name))
			result = visit(data, item->d_name, e);
	if (result == 0 && errno != 0)
		result = fs_fail(e, "list", "");
	closedir(list);
	return result;
}

/* A folder that is being emptied. */
struct removal {
	/* where the walk began, and whether another round is needed */
	int top;
	bool *again;
	int dir;
	unsigned int depth;
};

/* Too deep for one walk: the folder is moved up beside the walk's start, where the next round finds it. */
static int lift(const struct removal *r, const char *name, struct fs_err *e)
{
	static unsigned int counter;
	char fresh[48];
	snprintf(fresh, sizeof fresh, ".gantry-remove-%u-%u", (unsigned int)getpid(), counter++);
	*r->again = true;
	return renameat(r->dir, name, r->top, fresh) < 0 ? fs_fail(e, "rename", name) : 0;
}

/* 1 when it is a folder, which unlink leaves. */
static int remove_plain(int dir, const char *name, struct fs_err *e)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	return errno == EISDIR || errno == EPERM ? 1 : fs_fail(e, "unlink", name);
}

static int remove_one(void *data, const char *name, struct fs_err *e)
{
	struct removal *r = data;
	int plain = remove_plain(r->dir, name, e);
	if (plain <= 0)
		return plain;
	if (r->depth > REMOVE_DEPTH)
		return lift(r, name, e);
	_close_ int child = folder_child(r->dir, name);
	if (child < 0)
		return fs_fail(e, "open-folder", name);
	struct removal inner = {.top = r->top, .again = r->again, .dir = child, .depth = r->depth + 1};
	if (folder_each(child, remove_one, &inner, e) < 0)
		return -1;
	return unlinkat(r->dir, name, AT_REMOVEDIR) < 0 ? fs_fail(e, "rmdir", name) : 0;
}

int tree_remove(int dir, const char *name, struct fs_err *e)
{
	int plain = remove_plain(dir, name, e);
	if (plain <= 0)
		return plain;
	_close_ int child = folder_child(dir, name);
	if (child < 0)
		return fs_fail(e, "open-folder", name);
	bool again;
	struct removal top = {.top = child, .again = &again, .dir = child, .depth = 1};
	do {
		again = false;
		if (folder_each(child, remove_one, &top, e) < 0)
			return -1;
	} while (again);
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? fs_fail(e, "rmdir", name) : 0;
}

/* A folder that is being measured, and the files with several names that were counted. */
struct measure {
	struct links_seen *links;
	uint64_t *bytes;
	int dir;
	unsigned int depth;
};

static int size_one(void *data, const char *name, struct fs_err *e)
{
	const struct measure *m = data;
	struct stat st;
	const char *first = NULL;
	if (fstatat(m->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fs_fail(e, "stat", name);
	if (S_ISDIR(st.st_mode)) {
		if (m->depth > SIZE_DEPTH)
			return fs_fail_with(e, "depth", ELOOP, name);
		_close_ int child = folder_child(m->dir, name);
		if (child < 0)
			return errno == ENOENT || errno == EXDEV ? 0 : fs_fail(e, "open-folder", name);
		struct measure inner = {.links = m->links, .bytes = m->bytes, .dir = child, .depth = m->depth + 1};
		return folder_each(child, size_one, &inner, e);
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_nlink > 1 && links_seen(m->links, &st, "", &first, e) < 0)
		return -1;
	*m->bytes += first == NULL ? (uint64_t)st.st_size : 0;
	return 0;
}

int tree_size(int dir, uint64_t *bytes, struct fs_err *e)
{
	struct links_seen links = {0};
	struct measure top = {.links = &links, .bytes = bytes, .dir = dir};
	int result = folder_each(dir, size_one, &top, e);
	links_seen_free(&links);
	return result;
}
