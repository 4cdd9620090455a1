#include "owner.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include "root.h"

enum {
	NAME_MAX_LEN = 256,
	/* cap on /etc/passwd and /etc/group */
	FILE_MAX = 4 * 1024 * 1024,
};

static char *read_file(int root, const char *path, struct fs_err *e)
{
	struct stat st;
	_close_ int fd = root_path(root, path, O_RDONLY | O_NONBLOCK, e);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		(void)fs_fail_with(e, "owner", EINVAL, path);
		return NULL;
	}
	char *text = calloc(1, (size_t)st.st_size + 1);
	ssize_t got = text == NULL ? -1 : read(fd, text, (size_t)st.st_size);
	if (got < 0) {
		(void)fs_fail(e, "owner", path);
		free(text);
		return NULL;
	}
	return text;
}

static bool number(const char *text, size_t len, uint32_t *out)
{
	uint64_t value = 0;
	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*out = (uint32_t)value;
	return value < UINT32_MAX;
}

bool owner_in_text(const char *text, const char *name, uint32_t *id)
{
	size_t len = strlen(name);
	for (const char *line = text; *line != '\0'; line += strspn(line, "\n")) {
		size_t end = strcspn(line, "\n");
		if (end > len && strncmp(line, name, len) == 0 && line[len] == ':') {
			const char *second = memchr(line + len + 1, ':', end - len - 1);
			if (second != NULL && number(second + 1, strcspn(second + 1, ":\n"), id))
				return true;
		}
		line += end;
	}
	return false;
}

static int find_id(int root, const char *file, const char *step, const char *name, uint32_t *id, struct fs_err *e)
{
	_free_ char *text = read_file(root, file, e);
	if (text != NULL && owner_in_text(text, name, id))
		return 0;
	if (number(name, strlen(name), id))
		return 0;
	return fs_fail_with(e, step, ENOENT, name);
}

int owner_find(int root, const char *text, uid_t *uid, gid_t *gid, struct fs_err *e)
{
	char user[NAME_MAX_LEN];
	size_t len = strcspn(text, ":");
	if (len == 0 || len >= sizeof user)
		return fs_fail_with(e, "user", EINVAL, text);
	memcpy(user, text, len);
	user[len] = '\0';
	const char *group = text[len] == ':' && text[len + 1] != '\0' ? text + len + 1 : user;
	if (find_id(root, "etc/passwd", "user", user, uid, e) < 0)
		return -1;
	return find_id(root, "etc/group", "group", group, gid, e);
}
