/* The records of a PAX header: "LENGTH KEY=VALUE\n", length counting the whole record. */
#include <string.h>
#include "tar.h"

#define XATTR_PREFIX "SCHILY.xattr."

static int bad(struct fs_err *e, const char *key)
{
	return fs_fail_with(e, "pax", EINVAL, key);
}

/* Decimal digits only; stops at `end`. */
static bool decimal(const char *text, uint64_t max, uint64_t *out, const char **end)
{
	uint64_t value = 0;
	const char *p = text;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (value > (max - (uint64_t)(*p - '0')) / 10)
			return false;
		value = value * 10 + (uint64_t)(*p - '0');
	}
	*out = value;
	*end = p;
	return p > text;
}

static bool whole(const char *text, uint64_t max, uint64_t *out)
{
	const char *end;
	return decimal(text, max, out, &end) && *end == '\0';
}

/* Seconds with an optional fraction, of which nine digits count; negative times round down. */
static bool timestamp(const char *text, struct timespec *out)
{
	bool negative = *text == '-';
	uint64_t seconds;
	const char *p;
	long nanos = 0, unit = 100000000;
	if (!decimal(text + negative, INT64_MAX / 2, &seconds, &p))
		return false;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			nanos += (*p - '0') * unit;
	if (*p != '\0')
		return false;
	out->tv_sec = negative ? -(time_t)seconds - (nanos > 0) : (time_t)seconds;
	out->tv_nsec = negative && nanos > 0 ? 1000000000 - nanos : nanos;
	return true;
}

static int set_path(char *into, bool *has, const char *value, size_t len, struct fs_err *e)
{
	if (len >= TAR_PATH || memchr(value, '\0', len) != NULL)
		return fs_fail_with(e, "path", ENAMETOOLONG, "");
	memcpy(into, value, len + 1);
	*has = true;
	return 0;
}

static int set_owner(uint32_t *into, bool *has, const char *key, const char *value, struct fs_err *e)
{
	uint64_t id;
	if (!whole(value, UINT32_MAX - 1, &id))
		return bad(e, key);
	*into = (uint32_t)id;
	*has = true;
	return 0;
}

static int add_xattr(struct tar_entry *t, const char *name, const char *value, size_t len, struct fs_err *e)
{
	if (t->xattr_count == TAR_XATTRS)
		return fs_fail_with(e, "xattr", E2BIG, name);
	t->xattrs[t->xattr_count++] = (struct tar_xattr){.name = name, .value = value, .len = len};
	return 0;
}

static int apply(
	struct tar_entry *t, struct tar_extra *x, const char *key, const char *value, size_t len, struct fs_err *e)
{
	if (strcmp(key, "path") == 0)
		return set_path(t->path, &x->has_path, value, len, e);
	if (strcmp(key, "linkpath") == 0)
		return set_path(t->link, &x->has_link, value, len, e);
	if (strcmp(key, "size") == 0) {
		x->has_size = true;
		return whole(value, INT64_MAX, &t->size) ? 0 : bad(e, key);
	}
	if (strcmp(key, "uid") == 0)
		return set_owner(&t->uid, &x->has_uid, key, value, e);
	if (strcmp(key, "gid") == 0)
		return set_owner(&t->gid, &x->has_gid, key, value, e);
	if (strcmp(key, "mtime") == 0) {
		x->has_mtime = true;
		return timestamp(value, &t->mtime) ? 0 : bad(e, key);
	}
	if (strncmp(key, XATTR_PREFIX, strlen(XATTR_PREFIX)) == 0)
		return add_xattr(t, key + strlen(XATTR_PREFIX), value, len, e);
	if (strncmp(key, "GNU.sparse.", 11) == 0)
		return fs_fail_with(e, "sparse", ENOTSUP, t->path);
	return 0;
}

int pax_parse(char *text, size_t len, struct tar_entry *t, struct tar_extra *x, struct fs_err *e)
{
	char *p = text, *stop = text + len;
	while (p < stop) {
		uint64_t size;
		const char *after;
		/* the text is NUL-terminated, so the digits end inside it */
		if (!decimal(p, len, &size, &after) || *after != ' ' || size > (uint64_t)(stop - p))
			return bad(e, "");
		char *key = p + (after + 1 - p), *end = p + size - 1;
		if (end <= key || *end != '\n')
			return bad(e, "");
		char *equals = memchr(key, '=', (size_t)(end - key));
		if (equals == NULL || equals == key)
			return bad(e, "");
		*equals = *end = '\0';
		if (apply(t, x, key, equals + 1, (size_t)(end - equals - 1), e) < 0)
			return -1;
		p = end + 1;
	}
	return 0;
}
