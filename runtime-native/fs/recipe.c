/* A recipe holds what a tar says beside the contents of its files, so that the very same bytes can be made again from
 * the unpacked layer: a push or save needs them, and keeping the archive would take its place on disk twice.
 * Records: 'L' u32 length, bytes as they stood | 'F' u64 size, u16 length, path of the file whose content stood here.
 * Numbers are little-endian. */
#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include "fs.h"

static int put(struct recipe *r, const void *data, size_t len, struct fs_err *e)
{
	return write_all(r->fd, data, len, "recipe", e);
}

int recipe_flush(struct recipe *r, struct fs_err *e)
{
	if (r == NULL || r->used == 0)
		return 0;
	uint32_t len = htole32((uint32_t)r->used);
	size_t used = r->used;
	r->used = 0;
	if (put(r, "L", 1, e) < 0 || put(r, &len, sizeof len, e) < 0)
		return -1;
	return put(r, r->buf, used, e);
}

int recipe_literal(struct recipe *r, const unsigned char *data, size_t len, struct fs_err *e)
{
	while (r != NULL && len > 0) {
		size_t room = sizeof r->buf - r->used, part = len < room ? len : room;
		memcpy(r->buf + r->used, data, part);
		r->used += part;
		data += part;
		len -= part;
		if (r->used == sizeof r->buf && recipe_flush(r, e) < 0)
			return -1;
	}
	return 0;
}

int recipe_file(struct recipe *r, const char *path, uint64_t size, struct fs_err *e)
{
	if (r == NULL || size == 0)
		return 0;
	uint64_t le_size = htole64(size);
	uint16_t len = htole16((uint16_t)strlen(path));
	if (recipe_flush(r, e) < 0 || put(r, "F", 1, e) < 0 || put(r, &le_size, sizeof le_size, e) < 0)
		return -1;
	return put(r, &len, sizeof len, e) < 0 ? -1 : put(r, path, strlen(path), e);
}

static int copy_literal(struct input *in, struct fs_err *e)
{
	uint32_t left;
	if (input_read(in, &left, sizeof left, false, e) < 0)
		return -1;
	for (left = le32toh(left); left > 0;) {
		ssize_t have = input_fill(in, e);
		if (have < 0)
			return -1;
		if (have == 0)
			return fs_fail_with(e, "recipe", EINVAL, "");
		size_t part = left < (size_t)have ? left : (size_t)have;
		if (write_all(STDOUT_FILENO, in->buf + in->pos, part, "", e) < 0)
			return -1;
		in->pos += part;
		left -= (uint32_t)part;
	}
	return 0;
}

static int copy_file(int root, char *path, uint64_t size, struct fs_err *e)
{
	char *slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	_close_ int dir = folder_open(root, slash != NULL ? path : "", false, e);
	if (dir < 0)
		return -1;
	const char *name = slash != NULL ? slash + 1 : path;
	_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fs_fail(e, "open", name);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != size)
		return fs_fail_with(e, "changed", EINVAL, name);
	while (size > 0) {
		ssize_t sent = sendfile(STDOUT_FILENO, fd, NULL, size < (1u << 30) ? (size_t)size : 1u << 30);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return sent < 0 ? fs_fail(e, "write", name) : fs_fail_with(e, "changed", EINVAL, name);
		size -= (uint64_t)sent;
	}
	return 0;
}

static int copy_named(int root, struct input *in, struct fs_err *e)
{
	uint64_t size;
	uint16_t len;
	char path[4096];
	if (input_read(in, &size, sizeof size, false, e) < 0 || input_read(in, &len, sizeof len, false, e) < 0)
		return -1;
	len = le16toh(len);
	if (len == 0 || len >= sizeof path)
		return fs_fail_with(e, "recipe", EINVAL, "");
	if (input_read(in, path, len, false, e) < 0)
		return -1;
	path[len] = '\0';
	return copy_file(root, path, le64toh(size), e);
}

int recipe_pack(int root, struct input *in, struct fs_err *e)
{
	char kind;
	int got;
	while ((got = input_read(in, &kind, 1, true, e)) == 0) {
		got = kind == 'L'   ? copy_literal(in, e)
		      : kind == 'F' ? copy_named(root, in, e)
				    : fs_fail_with(e, "recipe", EINVAL, "");
		if (got < 0)
			return -1;
	}
	return got < 0 ? -1 : 0;
}
