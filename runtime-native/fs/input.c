/* Buffered reading and the error record. */
#include <stdio.h>
#include <string.h>
#include "fs.h"

int fs_fail_with(struct fs_err *e, const char *step, int eno, const char *path)
{
	e->step = step;
	e->eno = eno;
	snprintf(e->path, sizeof e->path, "%s", path != NULL ? path : "");
	return -1;
}

int fs_fail(struct fs_err *e, const char *step, const char *path)
{
	return fs_fail_with(e, step, errno, path);
}

ssize_t input_fill(struct input *in, struct fs_err *e)
{
	if (in->pos < in->len)
		return (ssize_t)(in->len - in->pos);
	if (in->fd < 0)
		return 0;
	ssize_t got;
	do {
		got = read(in->fd, in->buf, in->cap);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return fs_fail(e, "read", "");
	in->pos = 0;
	in->len = (size_t)got;
	return got;
}

int input_read(struct input *in, void *out, size_t len, bool may_end, struct fs_err *e)
{
	size_t done = 0;
	while (done < len) {
		ssize_t have = input_fill(in, e);
		if (have < 0)
			return -1;
		if (have == 0)
			return done == 0 && may_end ? 1 : fs_fail_with(e, "truncated", EIO, "");
		size_t part = len - done < (size_t)have ? len - done : (size_t)have;
		memcpy((char *)out + done, in->buf + in->pos, part);
		if (recipe_literal(in->recipe, in->buf + in->pos, part, e) < 0)
			return -1;
		in->pos += part;
		done += part;
	}
	return 0;
}

int input_skip(struct input *in, uint64_t len, struct fs_err *e)
{
	while (len > 0) {
		ssize_t have = input_fill(in, e);
		if (have < 0)
			return -1;
		if (have == 0)
			return fs_fail_with(e, "truncated", EIO, "");
		size_t part = len < (uint64_t)have ? (size_t)len : (size_t)have;
		if (recipe_literal(in->recipe, in->buf + in->pos, part, e) < 0)
			return -1;
		in->pos += part;
		len -= part;
	}
	return 0;
}

int input_drain(struct input *in, struct fs_err *e)
{
	ssize_t have;
	while ((have = input_fill(in, e)) > 0)
		if (input_skip(in, (uint64_t)have, e) < 0)
			return -1;
	return (int)have;
}

int write_all(int fd, const void *data, size_t len, const char *path, struct fs_err *e)
{
	const char *at = data;
	while (len > 0) {
		ssize_t done = write(fd, at, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fs_fail(e, "write", path);
		at += done;
		len -= (size_t)done;
	}
	return 0;
}
