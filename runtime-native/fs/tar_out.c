/* The writing side of tar. Times are whole seconds, as Docker's archives have them. */
#include "tar_out.h"
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum {
	BLOCK = 512,
	/* cap on the PAX records of one entry */
	RECORDS = 256 * 1024,
};

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], kind, link[100];
	char magic[8], uname[32], gname[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* Records "LENGTH KEY=VALUE\n" in the making. */
struct records {
	size_t len;
	char data[RECORDS];
};

static int flush(struct tar_out *out, struct fs_err *e)
{
	size_t used = out->used;
	out->used = 0;
	return write_all(out->fd, out->buf, used, "", e);
}

int tar_bytes(struct tar_out *out, const void *data, size_t len, struct fs_err *e)
{
	const char *at = data;
	while (len > 0) {
		size_t room = sizeof out->buf - out->used, part = len < room ? len : room;
		memcpy(out->buf + out->used, at, part);
		out->used += part;
		at += part;
		len -= part;
		if (out->used == sizeof out->buf && flush(out, e) < 0)
			return -1;
	}
	return 0;
}

static int zeros(struct tar_out *out, uint64_t len, struct fs_err *e)
{
	static const char none[4096];
	while (len > 0) {
		size_t part = len < sizeof none ? (size_t)len : sizeof none;
		if (tar_bytes(out, none, part, e) < 0)
			return -1;
		len -= part;
	}
	return 0;
}

static int pad(struct tar_out *out, uint64_t size, struct fs_err *e)
{
	return zeros(out, (BLOCK - size % BLOCK) % BLOCK, e);
}

/* The length counts itself. */
static int add_record(struct records *r, const char *key, const void *value, size_t len, struct fs_err *e)
{
	char start[400];
	size_t rest = strlen(key) + len + 3, digits = 1, total;
	for (size_t bound = 10; rest + digits >= bound; bound *= 10)
		digits++;
	total = rest + digits;
	if (total > sizeof r->data - r->len)
		return fs_fail_with(e, "attributes", E2BIG, key);
	int head = snprintf(start, sizeof start, "%zu %s=", total, key);
	memcpy(r->data + r->len, start, (size_t)head);
	memcpy(r->data + r->len + head, value, len);
	r->len += total;
	r->data[r->len - 1] = '\n';
	return 0;
}

static int add_text(struct records *r, const char *key, const char *value, struct fs_err *e)
{
	return add_record(r, key, value, strlen(value), e);
}

static int add_number(struct records *r, const char *key, int64_t value, struct fs_err *e)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)value);
	return add_text(r, key, text, e);
}

/* What other engines take as well; labels and overlayfs's own marks belong to this host. */
static bool attribute_kept(const char *name)
{
	return strcmp(name, "security.capability") == 0 ||
	       (strncmp(name, "user.", 5) == 0 && strncmp(name, "user.overlay.", 13) != 0);
}

static int add_attributes(struct records *r, int fd, const char *path, struct fs_err *e)
{
	static char names[65536], value[65536];
	char key[300];
	ssize_t len = fd < 0 ? 0 : flistxattr(fd, names, sizeof names);
	if (len < 0)
		return errno == ENOTSUP || errno == EBADF ? 0 : fs_fail(e, "attributes", path);
	for (char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t size = attribute_kept(name) ? fgetxattr(fd, name, value, sizeof value) : -1;
		if (size < 0)
			continue;
		snprintf(key, sizeof key, "SCHILY.xattr.%.255s", name);
		if (add_record(r, key, value, (size_t)size, e) < 0)
			return -1;
	}
	return 0;
}

/* Octal with a NUL at its end. False when it does not fit; the field then holds zero. */
static bool octal(char *field, size_t len, int64_t value)
{
	bool fits = value >= 0 && (uint64_t)value < UINT64_C(1) << (3 * (len - 1));
	uint64_t left = fits ? (uint64_t)value : 0;
	field[len - 1] = '\0';
	for (size_t i = len - 1; i-- > 0; left >>= 3)
		field[i] = (char)('0' + (left & 7));
	return fits;
}

/* A name in the header's own fields: whole, or cut at a slash into prefix and name. */
static bool put_name(struct header *h, const char *path)
{
	size_t len = strlen(path);
	if (len <= sizeof h->name) {
		memcpy(h->name, path, len);
		return true;
	}
	for (size_t cut = len - sizeof h->name - 1; cut < len && cut <= sizeof h->prefix; cut++)
		if (path[cut] == '/' && cut > 0 && cut + 1 < len) {
			memcpy(h->prefix, path, cut);
			memcpy(h->name, path + cut + 1, len - cut - 1);
			return true;
		}
	memcpy(h->name, path, sizeof h->name);
	return false;
}

static void seal(struct header *h)
{
	unsigned int sum = 0;
	memset(h->sum, ' ', sizeof h->sum);
	for (size_t i = 0; i < BLOCK; i++)
		sum += ((unsigned char *)h)[i];
	snprintf(h->sum, sizeof h->sum, "%06o", sum);
	h->sum[7] = ' ';
}

static void begin(struct header *h, char kind)
{
	memset(h, 0, sizeof *h);
	memcpy(h->magic, "ustar\00000", 8);
	h->kind = kind;
}

/* The entry that carries the records of the next one. */
static int write_records(struct tar_out *out, const struct records *r, struct fs_err *e)
{
	struct header h;
	if (r->len == 0)
		return 0;
	begin(&h, 'x');
	memcpy(h.name, "PaxHeaders.0/entry", 18);
	(void)octal(h.mode, sizeof h.mode, 0644);
	(void)octal(h.uid, sizeof h.uid, 0);
	(void)octal(h.gid, sizeof h.gid, 0);
	(void)octal(h.size, sizeof h.size, (int64_t)r->len);
	(void)octal(h.mtime, sizeof h.mtime, 0);
	seal(&h);
	if (tar_bytes(out, &h, sizeof h, e) < 0 || tar_bytes(out, r->data, r->len, e) < 0)
		return -1;
	return pad(out, r->len, e);
}

static int put_numbers(struct header *h, const struct tar_item *item, struct records *r, struct fs_err *e)
{
	const struct stat *st = item->st;
	int64_t size = item->kind == '0' ? (int64_t)st->st_size : 0;
	(void)octal(h->mode, sizeof h->mode, st->st_mode & 07777);
	if (!octal(h->uid, sizeof h->uid, st->st_uid) && add_number(r, "uid", st->st_uid, e) < 0)
		return -1;
	if (!octal(h->gid, sizeof h->gid, st->st_gid) && add_number(r, "gid", st->st_gid, e) < 0)
		return -1;
	if (!octal(h->size, sizeof h->size, size) && add_number(r, "size", size, e) < 0)
		return -1;
	if (!octal(h->mtime, sizeof h->mtime, st->st_mtim.tv_sec) && add_number(r, "mtime", st->st_mtim.tv_sec, e) < 0)
		return -1;
	bool device = item->kind == '3' || item->kind == '4';
	(void)octal(h->major, sizeof h->major, device ? major(st->st_rdev) : 0);
	(void)octal(h->minor, sizeof h->minor, device ? minor(st->st_rdev) : 0);
	return 0;
}

int tar_header(struct tar_out *out, const struct tar_item *item, struct fs_err *e)
{
	static struct records r;
	struct header h;
	const char *link = item->link != NULL ? item->link : "";
	size_t len = strlen(link);
	r.len = 0;
	begin(&h, item->kind);
	if (!put_name(&h, item->path) && add_text(&r, "path", item->path, e) < 0)
		return -1;
	memcpy(h.link, link, len < sizeof h.link ? len : sizeof h.link);
	if (len > sizeof h.link && add_text(&r, "linkpath", link, e) < 0)
		return -1;
	if (put_numbers(&h, item, &r, e) < 0 || add_attributes(&r, item->attributes, item->path, e) < 0)
		return -1;
	seal(&h);
	return write_records(out, &r, e) < 0 ? -1 : tar_bytes(out, &h, sizeof h, e);
}

int tar_content(struct tar_out *out, int fd, uint64_t size, const char *path, struct fs_err *e)
{
	uint64_t left = size;
	while (left > 0) {
		size_t room = sizeof out->buf - out->used, part = left < room ? (size_t)left : room;
		ssize_t got = read(fd, out->buf + out->used, part);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fs_fail(e, "read", path);
		if (got == 0)
			break;
		out->used += (size_t)got;
		left -= (uint64_t)got;
		if (out->used == sizeof out->buf && flush(out, e) < 0)
			return -1;
	}
	return zeros(out, left, e) < 0 ? -1 : pad(out, size, e);
}

int tar_end(struct tar_out *out, struct fs_err *e)
{
	return zeros(out, 2 * BLOCK, e) < 0 ? -1 : flush(out, e);
}
