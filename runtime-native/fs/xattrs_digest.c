#include "xattrs_digest.h"
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include "xattrs.h"

enum {
	XATTR_NAMES = 16 * 1024,
	XATTR_VALUE = 64 * 1024,
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every part is preceded by its length. */
static int add_value(struct sha256 *s, int fd, const char *name, const char *path, struct fs_err *e)
{
	static char value[XATTR_VALUE];
	char line[64];
	ssize_t size = fgetxattr(fd, name, value, sizeof value);
	if (size < 0)
		return fs_fail(e, "xattr", path);
	int len = snprintf(line, sizeof line, "x %zu %zd ", strlen(name), size);
	sha256_add(s, line, (size_t)len);
	sha256_add(s, name, strlen(name));
	sha256_add(s, value, (size_t)size);
	return 0;
}

int add_xattrs(struct sha256 *s, int fd, const char *path, struct fs_err *e)
{
	static char names[XATTR_NAMES];
	static const char *sorted[XATTR_NAMES / 2];
	size_t count = 0;
	ssize_t len = flistxattr(fd, names, sizeof names);
	if (len < 0)
		return errno == ENOTSUP ? 0 : fs_fail(e, "xattr", path);
	for (const char *name = names; name < names + len; name += strlen(name) + 1)
		if (xattr_allowed(name))
			sorted[count++] = name;
	qsort(sorted, count, sizeof *sorted, by_name);
	for (size_t i = 0; i < count; i++)
		if (add_value(s, fd, sorted[i], path, e) < 0)
			return -1;
	return 0;
}
