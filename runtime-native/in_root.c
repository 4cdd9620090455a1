/* Resolution below a root. Intermediate folders are made one by one, each opened in the root anew, so what another
 * container does to a shared volume meanwhile can only make this fail. */
#include "in_root.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static int cut(char *out, size_t room, const char *path, size_t len)
{
	if (len >= room) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(out, path, len);
	out[len] = '\0';
	return 0;
}

/* Makes the folder at `prefix` when it is missing; its parent exists. */
static int ensure_dir(int root, char *prefix)
{
	char *slash = strrchr(prefix, '/');
	const char *name = slash != NULL ? slash + 1 : prefix;
	SCOPED_FD there = in_root_open(root, prefix, O_PATH | O_DIRECTORY);
	if (there >= 0 || errno != ENOENT)
		return there >= 0 ? 0 : -1;
	if (slash != NULL)
		*slash = '\0';
	SCOPED_FD parent = in_root_open(root, slash != NULL ? prefix : "/", O_PATH | O_DIRECTORY);
	if (slash != NULL)
		*slash = '/';
	if (parent < 0)
		return -1;
	return mkdirat(parent, name, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

int in_root_mkdirs(int root, const char *path)
{
	char prefix[PATH_MAX];
	int fd = in_root_open(root, path, O_PATH | O_DIRECTORY);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	for (size_t at = 1; at <= strlen(path); at++) {
		if ((path[at] != '/' && path[at] != '\0') || path[at - 1] == '/')
			continue;
		if (cut(prefix, sizeof prefix, path, at) != 0 || ensure_dir(root, prefix) != 0)
			return -1;
	}
	return in_root_open(root, path, O_PATH | O_DIRECTORY);
}

int in_root_parent(int root, const char *path, const char **name)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	*name = slash != NULL ? slash + 1 : path;
	if (**name == '\0' || strcmp(*name, "..") == 0 || strcmp(*name, ".") == 0) {
		errno = EINVAL;
		return -1;
	}
	if (cut(dir, sizeof dir, path, slash != NULL ? (size_t)(slash - path) : 0) != 0)
		return -1;
	return in_root_mkdirs(root, dir[0] == '\0' ? "/" : dir);
}

int in_root_mkfile(int root, const char *path)
{
	const char *name;
	int fd = in_root_open(root, path, O_PATH);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	SCOPED_FD parent = in_root_parent(root, path, &name);
	if (parent < 0)
		return -1;
	SCOPED_FD made = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (made < 0 && errno != EEXIST)
		return -1;
	return in_root_open(root, path, O_PATH);
}

uint64_t fs_magic(int fd)
{
	struct statfs st;
	return fstatfs(fd, &st) == 0 ? (uint64_t)st.f_type : 0;
}
