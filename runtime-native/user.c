/* User and group lookup. A string of digits is always a number and never a name, and a number that is too large is an
 * error, not something else (CVE-2024-40635, CVE-2026-46680). The first matching line counts. */
#include "user.h"
#include <string.h>
#include <sys/stat.h>
#include "in_root.h"

#define MAX_ID 0x7fffffffu
#define MAX_FILE (1u << 20)

static char passwd_text[MAX_FILE], group_text[MAX_FILE];

static bool next_line(struct text *in, struct text *line)
{
	while (in->len > 0) {
		const char *end = memchr(in->ptr, '\n', in->len);
		line->ptr = in->ptr;
		line->len = end != NULL ? (size_t)(end - in->ptr) : in->len;
		size_t used = line->len + (end != NULL);
		in->ptr += used;
		in->len -= used;
		if (line->len > 0 && line->ptr[0] != '#')
			return true;
	}
	return false;
}

/* Cuts off what stands before the next separator. */
static struct text next_field(struct text *rest, char separator)
{
	const char *end = rest->len > 0 ? memchr(rest->ptr, separator, rest->len) : NULL;
	struct text out = {rest->ptr, end != NULL ? (size_t)(end - rest->ptr) : rest->len};
	size_t used = out.len + (end != NULL);
	if (used > 0)
		rest->ptr += used;
	rest->len -= used;
	return out;
}

static bool same(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool all_digits(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] < '0' || t.ptr[i] > '9')
			return false;
	return t.len > 0;
}

static bool parse_id(struct text t, uint32_t *out)
{
	uint64_t value = 0;
	if (!all_digits(t))
		return false;
	for (size_t i = 0; i < t.len && value <= MAX_ID; i++)
		value = value * 10 + (uint64_t)(t.ptr[i] - '0');
	*out = (uint32_t)value;
	return value <= MAX_ID;
}

struct entry {
	struct text name, id, fourth, home;
};

/* Finds a line by name or by number, whichever `by` is; both files have name:x:id:… */
static bool find_entry(struct text file, struct text by, bool number, struct entry *out)
{
	struct text line;
	uint32_t want = 0, id;
	if (number && !parse_id(by, &want))
		return false;
	while (next_line(&file, &line)) {
		out->name = next_field(&line, ':');
		next_field(&line, ':');
		out->id = next_field(&line, ':');
		out->fourth = next_field(&line, ':');
		next_field(&line, ':');
		out->home = next_field(&line, ':');
		if (number ? parse_id(out->id, &id) && id == want : same(out->name, by))
			return true;
	}
	return false;
}

static int fail_name(struct err *e, int eno, const char *mark, struct text name)
{
	char shown[200];
	snprintf(shown, sizeof shown, "%s%.*s", mark, (int)(name.len < 180 ? name.len : 180),
		name.len > 0 ? name.ptr : "");
	return fail_with(e, STEP_USER, eno, shown);
}

static int add_group(struct user *u, gid_t gid, struct err *e)
{
	for (uint32_t i = 0; i < u->group_count; i++)
		if (u->groups[i] == gid)
			return 0;
	if (u->group_count == MAX_GROUPS)
		return fail_with(e, STEP_USER, E2BIG, "groups");
	u->groups[u->group_count++] = gid;
	return 0;
}

/* The number a group's name or number stands for. */
static int group_id(struct text group, struct text name, gid_t *out, struct err *e)
{
	struct entry found;
	if (all_digits(name))
		return parse_id(name, out) ? 0 : fail_name(e, ERANGE, ":", name);
	if (!find_entry(group, name, false, &found))
		return fail_name(e, ENOENT, ":", name);
	return parse_id(found.id, out) ? 0 : fail_name(e, EINVAL, ":", name);
}

static bool is_member(struct text members, struct text name)
{
	while (members.len > 0)
		if (same(next_field(&members, ','), name))
			return true;
	return false;
}

static int add_memberships(struct text group, struct text name, struct user *u, struct err *e)
{
	struct text line;
	uint32_t gid;
	while (next_line(&group, &line)) {
		next_field(&line, ':');
		next_field(&line, ':');
		struct text id = next_field(&line, ':');
		if (is_member(next_field(&line, ':'), name) && parse_id(id, &gid) && add_group(u, gid, e) != 0)
			return -1;
	}
	return 0;
}

static int resolve_user(struct text passwd, struct text name, struct entry *found, struct user *u, struct err *e)
{
	struct text zero = {"0", 1};
	bool number = name.len == 0 || all_digits(name);
	if (name.len == 0)
		name = zero;
	if (number && !parse_id(name, &u->uid))
		return fail_name(e, ERANGE, "", name);
	if (!find_entry(passwd, name, number, found)) {
		*found = (struct entry){0};
		return number ? 0 : fail_name(e, ENOENT, "", name);
	}
	if (!parse_id(found->id, &u->uid) || !parse_id(found->fourth, &u->gid))
		return fail_name(e, EINVAL, "", name);
	if (found->home.len > 0 && found->home.len < MAX_HOME) {
		memcpy(u->home, found->home.ptr, found->home.len);
		u->home[found->home.len] = '\0';
	}
	return 0;
}

int user_resolve(struct text passwd, struct text group, const struct plan_process *p, struct user *out, struct err *e)
{
	struct text spec = {p->user.ptr, p->user.len}, name = next_field(&spec, ':');
	struct strs extra = p->groups;
	struct entry found;
	struct span item;
	gid_t gid;
	out->uid = out->gid = out->group_count = 0;
	memcpy(out->home, "/", 2);
	if (resolve_user(passwd, name, &found, out, e) != 0)
		return -1;
	if (spec.len > 0 && group_id(group, spec, &out->gid, e) != 0)
		return -1;
	if (add_group(out, out->gid, e) != 0)
		return -1;
	/* a group that was named stands alone */
	if (spec.len == 0 && found.name.len > 0 && add_memberships(group, found.name, out, e) != 0)
		return -1;
	for (uint32_t i = 0; i < extra.count && cur_str(&extra.items, &item); i++)
		if (group_id(group, (struct text){item.ptr, item.len}, &gid, e) != 0 || add_group(out, gid, e) != 0)
			return -1;
	return 0;
}

static int read_text(int root, const char *path, char *room, struct text *out, struct err *e)
{
	struct stat st;
	*out = (struct text){room, 0};
	SCOPED_FD fd = in_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail(e, STEP_USER, path);
	if (fstat(fd, &st) != 0)
		return fail(e, STEP_USER, path);
	if (!S_ISREG(st.st_mode))
		return fail_with(e, STEP_USER, EINVAL, path);
	while (out->len < MAX_FILE) {
		ssize_t n = read(fd, room + out->len, MAX_FILE - out->len);
		if (n < 0)
			return fail(e, STEP_USER, path);
		if (n == 0)
			return 0;
		out->len += (size_t)n;
	}
	return fail_with(e, STEP_USER, EFBIG, path);
}

int user_lookup(int root, const struct plan_process *p, struct user *out, struct err *e)
{
	struct text passwd, group;
	if (read_text(root, "etc/passwd", passwd_text, &passwd, e) != 0 ||
		read_text(root, "etc/group", group_text, &group, e) != 0)
		return -1;
	return user_resolve(passwd, group, p, out, e);
}
