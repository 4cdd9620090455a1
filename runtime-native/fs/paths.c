/* Paths of archive entries as text. */
#include <string.h>
#include "tar.h"

int clean_path(char *path, struct fs_err *e)
{
	char *out = path;
	for (const char *p = path; *p != '\0';) {
		size_t len = strcspn(p, "/");
		const char *next = p + len + (p[len] == '/');
		if (len == 2 && p[0] == '.' && p[1] == '.')
			return fs_fail_with(e, "path", EXDEV, path);
		if (len > 0 && !(len == 1 && p[0] == '.')) {
			if (len > 255)
				return fs_fail_with(e, "path", ENAMETOOLONG, path);
			if (out > path)
				*out++ = '/';
			memmove(out, p, len);
			out += len;
		}
		p = next;
	}
	*out = '\0';
	return 0;
}

int path_below(const char *below, char *path, struct fs_err *e)
{
	size_t front = below == NULL ? 0 : strlen(below), len = strlen(path);
	if (front == 0)
		return 0;
	if (front + 1 + len >= TAR_PATH)
		return fs_fail_with(e, "path", ENAMETOOLONG, path);
	memmove(path + front + 1, path, len + 1);
	memcpy(path, below, front);
	path[front] = '/';
	return 0;
}

int path_rename(const char *name, char *path, struct fs_err *e)
{
	size_t first = strcspn(path, "/"), len = strlen(path), want = name == NULL ? 0 : strlen(name);
	if (name == NULL)
		return 0;
	if (len - first + want >= TAR_PATH)
		return fs_fail_with(e, "path", ENAMETOOLONG, path);
	memmove(path + want, path + first, len - first + 1);
	memcpy(path, name, want);
	return 0;
}
