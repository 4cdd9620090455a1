/* The blocks of a tar archive: headers, their checksum, numbers, and the long names that precede an entry. */
#include <stdio.h>
#include <string.h>
#include "tar.h"

/* One header block as POSIX.1-1988 lays it out; GNU's own variant differs only behind the names. */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], kind, link[100];
	char magic[8], uname[32], gname[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");

static bool is_zero(const unsigned char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

/* Octal with spaces or NULs around it, or GNU's base-256 when the top bit of the first byte is set. */
static bool number(const char *field, size_t len, int64_t *out)
{
	const unsigned char *p = (const unsigned char *)field;
	uint64_t value = 0;
	if (p[0] & 0x80) {
		bool negative = (p[0] & 0x40) != 0;
		for (size_t i = 0; i < len; i++) {
			unsigned char byte = negative ? (unsigned char)~p[i] : p[i];
			if (i == 0)
				byte &= 0x7f;
			if (value >> 55)
				return false;
			value = value << 8 | byte;
		}
		*out = negative ? -(int64_t)value - 1 : (int64_t)value;
		return true;
	}
	size_t i = 0;
	while (i < len && p[i] == ' ')
		i++;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		value = value << 3 | (p[i] - (unsigned char)'0');
	for (; i < len; i++)
		if (p[i] != ' ' && p[i] != '\0')
			return false;
	*out = (int64_t)value;
	return true;
}

/* The sum counts the checksum field as spaces; some old archivers summed signed bytes. */
static bool sum_ok(const struct header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	int64_t want, plain = 0, with_sign = 0;
	if (!number(h->sum, sizeof h->sum, &want))
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		bool in_sum = i >= offsetof(struct header, sum) && i < offsetof(struct header, kind);
		plain += in_sum ? ' ' : p[i];
		with_sign += in_sum ? ' ' : (signed char)p[i];
	}
	return want == plain || want == with_sign;
}

static void copy_names(const struct header *h, struct tar_entry *t, const struct tar_extra *x)
{
	bool ustar = memcmp(h->magic, "ustar\0", 6) == 0;
	if (!x->has_path && ustar && h->prefix[0] != '\0')
		snprintf(t->path, sizeof t->path, "%.155s/%.100s", h->prefix, h->name);
	else if (!x->has_path)
		snprintf(t->path, sizeof t->path, "%.100s", h->name);
	if (!x->has_link)
		snprintf(t->link, sizeof t->link, "%.100s", h->link);
}

static bool owner_ok(int64_t id)
{
	return id >= 0 && id < UINT32_MAX;
}

static int copy_numbers(const struct header *h, struct tar_entry *t, const struct tar_extra *x, struct fs_err *e)
{
	int64_t mode, uid, gid, size, mtime, major = 0, minor = 0;
	bool device = h->kind == '3' || h->kind == '4';
	bool ok = number(h->mode, 8, &mode) && number(h->uid, 8, &uid) && number(h->gid, 8, &gid) &&
		  number(h->size, 12, &size) && number(h->mtime, 12, &mtime);
	if (ok && device)
		ok = number(h->major, 8, &major) && number(h->minor, 8, &minor);
	if (!ok || size < 0 || (!x->has_uid && !owner_ok(uid)) || (!x->has_gid && !owner_ok(gid)) || major < 0 ||
		major > 0xfff || minor < 0 || minor > 0xfffff)
		return fs_fail_with(e, "number", EINVAL, t->path);
	t->mode = (mode_t)mode & 07777;
	if (!x->has_uid)
		t->uid = (uid_t)uid;
	if (!x->has_gid)
		t->gid = (gid_t)gid;
	if (!x->has_size)
		t->size = (uint64_t)size;
	if (!x->has_mtime)
		t->mtime = (struct timespec){.tv_sec = mtime};
	t->major = (unsigned int)major;
	t->minor = (unsigned int)minor;
	return 0;
}

/* Brings the many spellings down to the seven kinds; only files have content. */
static int set_kind(char kind, struct tar_entry *t, struct fs_err *e)
{
	size_t len = strlen(t->path);
	if (kind == '\0' || kind == '7')
		kind = '0';
	if (kind == '0' && len > 0 && t->path[len - 1] == '/')
		kind = '5';
	if (kind == 'S')
		return fs_fail_with(e, "sparse", ENOTSUP, t->path);
	if (kind < '0' || kind > '6')
		return fs_fail_with(e, "type", EINVAL, t->path);
	t->kind = kind;
	if (kind != '0')
		t->size = 0;
	return 0;
}

/* The content of a header entry (long name, PAX), NUL-terminated. */
static char *read_content(struct input *in, int64_t size, struct fs_err *e)
{
	if (size < 0 || size > TAR_HEADER_MAX) {
		(void)fs_fail_with(e, "header-size", E2BIG, "");
		return NULL;
	}
	_free_ char *text = malloc((size_t)size + 1);
	if (text == NULL) {
		(void)fs_fail(e, "memory", "");
		return NULL;
	}
	if (input_read(in, text, (size_t)size, false, e) != 0 || input_skip(in, tar_padding((uint64_t)size), e) < 0)
		return NULL;
	text[size] = '\0';
	char *result = text;
	text = NULL;
	return result;
}

static int long_name(struct input *in, const struct header *h, int64_t size, struct tar_entry *t, struct tar_extra *x,
	struct fs_err *e)
{
	_free_ char *text = read_content(in, size, e);
	if (text == NULL)
		return -1;
	char *into = h->kind == 'L' ? t->path : t->link;
	if (strlen(text) >= TAR_PATH)
		return fs_fail_with(e, "path", ENAMETOOLONG, "");
	memcpy(into, text, strlen(text) + 1);
	if (h->kind == 'L')
		x->has_path = true;
	else
		x->has_link = true;
	return 0;
}

/* Takes in an entry that only describes the next one. Returns 1 when the header is none of these. */
static int describe(
	struct input *in, const struct header *h, struct tar_entry *t, struct tar_extra *x, struct fs_err *e)
{
	int64_t size;
	if (strchr("LKxg", h->kind) == NULL || h->kind == '\0')
		return 1;
	if (!number(h->size, sizeof h->size, &size))
		return fs_fail_with(e, "number", EINVAL, "");
	if (h->kind == 'L' || h->kind == 'K')
		return long_name(in, h, size, t, x, e);
	char *text = read_content(in, size, e);
	if (text == NULL)
		return -1;
	if (h->kind == 'g') {
		/* global records (git's comment) say nothing an image needs */
		free(text);
		return 0;
	}
	free(t->records);
	t->records = text;
	t->xattr_count = 0;
	return pax_parse(text, (size_t)size, t, x, e);
}

void tar_entry_free(struct tar_entry *t)
{
	free(t->records);
	t->records = NULL;
	t->xattr_count = 0;
}

int tar_next(struct input *in, struct tar_entry *t, struct fs_err *e)
{
	struct header h;
	struct tar_extra x = {0};
	tar_entry_free(t);
	t->path[0] = t->link[0] = '\0';
	for (;;) {
		int got = input_read(in, &h, sizeof h, true, e);
		if (got != 0)
			return got;
		if (is_zero((const unsigned char *)&h))
			return 1;
		if (!sum_ok(&h))
			return fs_fail_with(e, "checksum", EINVAL, "");
		got = describe(in, &h, t, &x, e);
		if (got < 0)
			return -1;
		if (got == 0)
			continue;
		copy_names(&h, t, &x);
		if (copy_numbers(&h, t, &x, e) < 0)
			return -1;
		return set_kind(h.kind, t, e);
	}
}
