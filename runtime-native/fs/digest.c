/* Finds files by patterns below a root, and a digest of each: of its kind, mode and content, of a folder everything in
 * it. Times do not count, and owners only when asked for: most of what a build copies gets owners of its own. Output:
 * "KIND SHA256 PATH NUL" for each match, KIND one of f (file), d (folder), o (other). */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "root.h"
#include "sha256.h"
#include "xattrs_digest.h"
#include "verbs.h"

enum {
	DIGEST_DEPTH = 1000,
	PATH_ROOM = 4096,
	BUFFER = 256 * 1024,
};

static unsigned char buffer[BUFFER];
static bool with_owners;

static int add_bytes(struct sha256 *s, int fd, const char *name, struct fs_err *e)
{
	ssize_t got;
	while ((got = read(fd, buffer, sizeof buffer)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fs_fail(e, "read", name);
		sha256_add(s, buffer, (size_t)got);
	}
	return 0;
}

static int add_content(struct sha256 *s, int dir, const char *name, struct fs_err *e)
{
	_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fs_fail(e, "open", name);
	return add_bytes(s, fd, name, e) < 0 ? -1 : add_xattrs(s, fd, name, e);
}

static void add_owner(struct sha256 *s, const struct stat *st)
{
	char line[32];
	int len = with_owners ? snprintf(line, sizeof line, "%u:%u ", st->st_uid, st->st_gid) : 0;
	sha256_add(s, line, (size_t)len);
}

static int add_link(struct sha256 *s, int dir, const char *name, struct fs_err *e)
{
	char target[PATH_ROOM];
	ssize_t len = readlinkat(dir, name, target, sizeof target);
	if (len < 0)
		return fs_fail(e, "readlink", name);
	sha256_add(s, target, (size_t)len);
	return 0;
}

static int add_tree(struct sha256 *s, int dir, unsigned int depth, struct fs_err *e);

/* Each part is preceded by its length or ends with a NUL, so that no two trees run together. */
static int add_one(struct sha256 *s, int dir, const char *name, unsigned int depth, struct fs_err *e)
{
	char line[128];
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fs_fail(e, "stat", name);
	bool sized = S_ISREG(st.st_mode) || S_ISLNK(st.st_mode);
	int len = snprintf(line, sizeof line, "%o %llu %llu ", (unsigned int)st.st_mode,
		(unsigned long long)(sized ? st.st_size : 0), (unsigned long long)st.st_rdev);
	sha256_add(s, line, (size_t)len);
	add_owner(s, &st);
	if (S_ISREG(st.st_mode))
		return add_content(s, dir, name, e);
	if (S_ISLNK(st.st_mode))
		return add_link(s, dir, name, e);
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (depth > DIGEST_DEPTH)
		return fs_fail_with(e, "depth", ELOOP, name);
	_close_ int child = folder_child(dir, name);
	if (child < 0)
		return fs_fail(e, "open-folder", name);
	return add_xattrs(s, child, name, e) < 0 ? -1 : add_tree(s, child, depth + 1, e);
}

static int add_tree(struct sha256 *s, int dir, unsigned int depth, struct fs_err *e)
{
	struct names list = {0};
	int result = names_sorted(dir, &list, e);
	for (size_t i = 0; result == 0 && i < list.count; i++) {
		sha256_add(s, list.names[i], strlen(list.names[i]) + 1);
		result = add_one(s, dir, list.names[i], depth, e);
	}
	sha256_add(s, "/", 2);
	names_free(&list);
	return result;
}

/* The matched thing itself is followed when it is a symlink. */
static int print_match(int root, const char *path, struct fs_err *e)
{
	char line[PATH_ROOM + 80], hex[65];
	struct sha256 s;
	struct stat st;
	_close_ int fd = root_path(root, path, O_RDONLY | O_NONBLOCK, e);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? -1 : fs_fail(e, "stat", path);
	sha256_init(&s);
	size_t head = (size_t)snprintf(line, sizeof line, "%o ", (unsigned int)st.st_mode);
	sha256_add(&s, line, head);
	if (!S_ISDIR(st.st_mode))
		add_owner(&s, &st);
	if ((S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)) && add_xattrs(&s, fd, path, e) < 0)
		return -1;
	if (S_ISDIR(st.st_mode) && add_tree(&s, fd, 0, e) < 0)
		return -1;
	if (S_ISREG(st.st_mode) && add_bytes(&s, fd, path, e) < 0)
		return -1;
	sha256_hex(&s, hex);
	char kind = S_ISDIR(st.st_mode) ? 'd' : S_ISREG(st.st_mode) ? 'f' : 'o';
	int len = snprintf(line, sizeof line, "%c %s %s", kind, hex, path);
	return write_all(STDOUT_FILENO, line, (size_t)len + 1, path, e);
}

static int match(int root, const char *before, const char *pattern, struct fs_err *e);

/* The names in the folder `before` that fit one part of a pattern, each with the rest of it. */
static int match_part(int root, const char *before, const char *part, const char *rest, struct fs_err *e)
{
	char path[PATH_ROOM];
	struct names list = {0};
	_close_ int dir = root_path(root, before, O_RDONLY | O_DIRECTORY, e);
	if (dir < 0)
		return e->eno == ENOENT || e->eno == ENOTDIR ? 0 : -1;
	int result = names_sorted(dir, &list, e);
	for (size_t i = 0; result == 0 && i < list.count; i++) {
		if (fnmatch(part, list.names[i], 0) != 0)
			continue;
		const char *slash = *before == '\0' ? "" : "/";
		if ((size_t)snprintf(path, sizeof path, "%s%s%s", before, slash, list.names[i]) >= sizeof path)
			result = fs_fail_with(e, "path", ENAMETOOLONG, path);
		else
			result = match(root, path, rest, e);
	}
	names_free(&list);
	return result;
}

/* A path that turns out to lead nowhere is no match when a wildcard brought us there. */
static int match(int root, const char *before, const char *pattern, struct fs_err *e)
{
	char part[PATH_ROOM], path[PATH_ROOM];
	size_t len = strcspn(pattern, "/");
	const char *rest = pattern + len + strspn(pattern + len, "/");
	if (len == 0)
		return print_match(root, before, e) < 0 && e->eno != ENOENT && e->eno != ENOTDIR ? -1 : 0;
	if (len >= sizeof part)
		return fs_fail_with(e, "path", ENAMETOOLONG, pattern);
	memcpy(part, pattern, len);
	part[len] = '\0';
	if (strpbrk(part, "*?[\\") != NULL)
		return match_part(root, before, part, rest, e);
	if ((size_t)snprintf(path, sizeof path, "%s%s%s", before, *before == '\0' ? "" : "/", part) >= sizeof path)
		return fs_fail_with(e, "path", ENAMETOOLONG, pattern);
	return match(root, path, rest, e);
}

static int find(int root, const char *pattern, struct fs_err *e)
{
	while (*pattern == '/')
		pattern++;
	if (strpbrk(pattern, "*?[\\") != NULL)
		return match(root, "", pattern, e);
	return print_match(root, pattern, e);
}

int verb_digest(char **args, struct fs_err *e)
{
	static struct root_spec spec;
	while (*args != NULL && strcmp(*args, "--") != 0) {
		if (strcmp(*args, "--owners") == 0) {
			with_owners = true;
			args++;
		} else if (!root_option(&args, &spec)) {
			return VERB_USAGE;
		}
	}
	if (*args == NULL)
		return VERB_USAGE;
	_close_ int root = root_open(&spec, e);
	if (root < 0)
		return -1;
	for (args++; *args != NULL; args++)
		if (find(root, *args, e) < 0)
			return -1;
	return 0;
}
