/* Headers as POSIX.1-2001 lays them out. What a reader could take two ways (long names split at a slash) goes into a
 * PAX record instead, so that there is one form for each entry and archives can be compared. */
#include "tar_write.h"
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/sysmacros.h>

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], kind, link[100];
	char magic[8], uname[32], gname[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");

enum { OCTAL7 = 07777777 };

/* Records of one PAX header. */
struct records {
	char *data;
	size_t len, cap;
};

static int flush(struct tar_out *out, struct fs_err *e)
{
	size_t used = out->used;
	out->used = 0;
	return used == 0 ? 0 : write_all(out->fd, out->buf, used, "", e);
}

static int put(struct tar_out *out, const void *data, size_t len, struct fs_err *e)
{
	const unsigned char *from = data;
	if (recipe_literal(out->recipe, from, len, e) < 0)
		return -1;
	while (len > 0) {
		size_t room = sizeof out->buf - out->used, part = len < room ? len : room;
		memcpy(out->buf + out->used, from, part);
		out->used += part;
		from += part;
		len -= part;
		if (out->used == sizeof out->buf && flush(out, e) < 0)
			return -1;
	}
	return 0;
}

static int put_zeros(struct tar_out *out, uint64_t len, struct fs_err *e)
{
	static const unsigned char zeros[8 * TAR_BLOCK];
	for (size_t part; len > 0; len -= part) {
		part = len < sizeof zeros ? (size_t)len : sizeof zeros;
		if (put(out, zeros, part, e) < 0)
			return -1;
	}
	return 0;
}

static int put_padding(struct tar_out *out, uint64_t size, struct fs_err *e)
{
	return put_zeros(out, tar_padding(size), e);
}

static int grow(struct records *r, size_t more, struct fs_err *e)
{
	if (r->len + more <= r->cap)
		return 0;
	size_t cap = (r->len + more) * 2 + 512;
	char *data = realloc(r->data, cap);
	if (data == NULL)
		return fs_fail(e, "memory", "");
	r->data = data;
	r->cap = cap;
	return 0;
}

/* "LENGTH KEY=VALUE\n"; the length counts its own digits. */
static int add_record(
	struct records *r, const char *prefix, const char *key, const void *value, size_t len, struct fs_err *e)
{
	char number[24];
	size_t rest = 3 + strlen(prefix) + strlen(key) + len;
	size_t digits = (size_t)snprintf(number, sizeof number, "%zu", rest);
	digits = (size_t)snprintf(number, sizeof number, "%zu", rest + digits);
	digits = (size_t)snprintf(number, sizeof number, "%zu", rest + digits);
	if (grow(r, rest + digits + 1, e) < 0)
		return -1;
	r->len += (size_t)sprintf(r->data + r->len, "%s %s%s=", number, prefix, key);
	memcpy(r->data + r->len, value, len);
	r->len += len;
	r->data[r->len++] = '\n';
	return 0;
}

static int add_text(struct records *r, const char *key, const char *value, struct fs_err *e)
{
	return add_record(r, "", key, value, strlen(value), e);
}

static int add_number(struct records *r, const char *key, int64_t value, struct fs_err *e)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)value);
	return add_text(r, key, text, e);
}

/* What the header's own fields cannot say. */
static int add_records(struct records *r, const struct tar_entry *t, struct fs_err *e)
{
	if (strlen(t->path) > sizeof((struct header *)0)->name && add_text(r, "path", t->path, e) < 0)
		return -1;
	if (strlen(t->link) > sizeof((struct header *)0)->link && add_text(r, "linkpath", t->link, e) < 0)
		return -1;
	if (t->size > 077777777777 && add_number(r, "size", (int64_t)t->size, e) < 0)
		return -1;
	if (t->uid > OCTAL7 && add_number(r, "uid", t->uid, e) < 0)
		return -1;
	if (t->gid > OCTAL7 && add_number(r, "gid", t->gid, e) < 0)
		return -1;
	if ((t->mtime.tv_sec < 0 || t->mtime.tv_sec > 077777777777) && add_number(r, "mtime", t->mtime.tv_sec, e) < 0)
		return -1;
	for (size_t i = 0; i < t->xattr_count; i++) {
		const struct tar_xattr *x = &t->xattrs[i];
		if (add_record(r, "SCHILY.xattr.", x->name, x->value, x->len, e) < 0)
			return -1;
	}
	return 0;
}

/* Octal digits and a NUL; what is too large stands in a PAX record, and here as 0. */
static void octal(char *field, size_t len, uint64_t value)
{
	char text[24];
	if (value >> (3 * (len - 1)))
		value = 0;
	snprintf(text, sizeof text, "%0*llo", (int)len - 1, (unsigned long long)value);
	memcpy(field, text, len);
}

static void close_sum(struct header *h)
{
	unsigned int sum = 0;
	memset(h->sum, ' ', sizeof h->sum);
	for (size_t i = 0; i < sizeof *h; i++)
		sum += ((unsigned char *)h)[i];
	octal(h->sum, 7, sum);
	h->sum[7] = ' ';
}

static struct header plain_header(char kind, const char *path, uint64_t size)
{
	struct header h = {.kind = kind, .magic = {'u', 's', 't', 'a', 'r', '\0', '0', '0'}};
	size_t len = strnlen(path, sizeof h.name);
	memcpy(h.name, path, len);
	octal(h.size, sizeof h.size, size);
	return h;
}

static void fill_header(struct header *h, const struct tar_entry *t)
{
	octal(h->mode, sizeof h->mode, t->mode & 07777);
	octal(h->uid, sizeof h->uid, t->uid);
	octal(h->gid, sizeof h->gid, t->gid);
	octal(h->mtime, sizeof h->mtime, t->mtime.tv_sec < 0 ? 0 : (uint64_t)t->mtime.tv_sec);
	memcpy(h->link, t->link, strnlen(t->link, sizeof h->link));
	if (t->kind == '3' || t->kind == '4') {
		octal(h->major, sizeof h->major, t->major);
		octal(h->minor, sizeof h->minor, t->minor);
	}
}

static int put_records(struct tar_out *out, const struct records *r, struct fs_err *e)
{
	struct header h = plain_header('x', "PaxHeaders/entry", r->len);
	octal(h.mode, sizeof h.mode, 0644);
	octal(h.uid, sizeof h.uid, 0);
	octal(h.gid, sizeof h.gid, 0);
	octal(h.mtime, sizeof h.mtime, 0);
	close_sum(&h);
	return put(out, &h, sizeof h, e) < 0 ? -1 : tar_put_bytes(out, r->data, r->len, e);
}

void tar_describe(struct tar_entry *t, char kind, const struct stat *st)
{
	t->kind = kind;
	t->link[0] = '\0';
	t->mode = st->st_mode & 07777;
	t->uid = st->st_uid;
	t->gid = st->st_gid;
	t->size = kind == '0' ? (uint64_t)st->st_size : 0;
	t->mtime = st->st_mtim;
	t->major = major(st->st_rdev);
	t->minor = minor(st->st_rdev);
	t->xattr_count = 0;
}

int tar_put_header(struct tar_out *out, const struct tar_entry *t, struct fs_err *e)
{
	struct records r = {0};
	int result = add_records(&r, t, e);
	if (result == 0 && r.len > 0)
		result = put_records(out, &r, e);
	free(r.data);
	if (result < 0)
		return -1;
	struct header h = plain_header(t->kind, t->path, t->size);
	fill_header(&h, t);
	close_sum(&h);
	return put(out, &h, sizeof h, e);
}

int tar_put_bytes(struct tar_out *out, const void *data, size_t len, struct fs_err *e)
{
	return put(out, data, len, e) < 0 ? -1 : put_padding(out, len, e);
}

int tar_put_content(struct tar_out *out, int file, const struct tar_entry *t, struct fs_err *e)
{
	uint64_t left = t->size;
	if (flush(out, e) < 0 || recipe_file(out->recipe, t->path, t->size, e) < 0)
		return -1;
	while (left > 0) {
		ssize_t sent = sendfile(out->fd, file, NULL, left < (1u << 30) ? (size_t)left : 1u << 30);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return fs_fail(e, "write", t->path);
		if (sent == 0)
			return out->fills ? put_zeros(out, left + tar_padding(t->size), e)
					  : fs_fail_with(e, "changed", EINVAL, t->path);
		left -= (uint64_t)sent;
	}
	return put_padding(out, t->size, e);
}

int tar_put_end(struct tar_out *out, struct fs_err *e)
{
	static const unsigned char zeros[2 * TAR_BLOCK];
	if (put(out, zeros, sizeof zeros, e) < 0 || flush(out, e) < 0)
		return -1;
	return recipe_flush(out->recipe, e);
}
