/* Fills an empty volume with what the image has at its place: contents, owners, modes, times, links and extended
 * attributes. Everything goes by descriptor; nothing is followed. */
#include <dirent.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include "copy_links.h"
#include "in_root.h"
#include "rootfs.h"

#define MAX_DEPTH 200

static int volume = -1; /* its top */
static char attr_names[65536], attr_value[65536];

/* Attributes the target cannot hold are left out, as Docker does. */
static int copy_attributes(int from, int to)
{
	ssize_t len = flistxattr(from, attr_names, sizeof attr_names);
	if (len < 0)
		return errno == EOPNOTSUPP ? 0 : -1;
	for (char *name = attr_names; name < attr_names + len; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, attr_value, sizeof attr_value);
		if (size >= 0 && fsetxattr(to, name, attr_value, (size_t)size, 0) != 0 && errno != EOPNOTSUPP &&
			errno != EPERM)
			return -1;
	}
	return 0;
}

/* Owner before mode and attributes: chown clears set-id bits and file capabilities. */
static int copy_metadata(int from, int to)
{
	struct stat st;
	if (fstat(from, &st) != 0 || fchown(to, st.st_uid, st.st_gid) != 0 || fchmod(to, st.st_mode & 07777) != 0)
		return -1;
	const struct timespec times[2] = {st.st_atim, st.st_mtim};
	return copy_attributes(from, to) != 0 ? -1 : futimens(to, times);
}

static int copy_bytes(int from, int to)
{
	ssize_t n;
	while ((n = sendfile(to, from, NULL, 1u << 30)) > 0)
		;
	return n == 0 ? 0 : -1;
}

static int copy_file(int dir, const char *name, int into, const struct stat *st)
{
	if (copy_links_make(volume, st, into, name))
		return 0;
	SCOPED_FD from = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	SCOPED_FD to = from < 0 ? -1 : openat(into, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || copy_bytes(from, to) != 0 || copy_metadata(from, to) != 0)
		return -1;
	copy_links_note(st);
	return 0;
}

static int copy_link(int dir, const char *name, int into, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir, name, target, sizeof target - 1);
	if (len < 0)
		return -1;
	target[len] = '\0';
	if (symlinkat(target, into, name) != 0)
		return -1;
	return fchownat(into, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
}

static int copy_node(int dir, const char *name, int into, const struct stat *st)
{
	(void)dir;
	if (S_ISSOCK(st->st_mode))
		return 0; /* means nothing without its listener */
	if (mknodat(into, name, st->st_mode, st->st_rdev) != 0)
		return -1;
	return fchownat(into, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
}

static int copy_dir(int from, int to, int depth);

static int copy_entry(int dir, const char *name, int into, int depth)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	if (S_ISREG(st.st_mode))
		return copy_file(dir, name, into, &st);
	if (S_ISLNK(st.st_mode))
		return copy_link(dir, name, into, &st);
	if (!S_ISDIR(st.st_mode))
		return copy_node(dir, name, into, &st);
	SCOPED_FD from = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0 || mkdirat(into, name, 0700) != 0)
		return -1;
	SCOPED_FD to = openat(into, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return to < 0 ? -1 : copy_dir(from, to, depth - 1);
}

/* Copies every entry of a folder; stops at the first failure. */
static int copy_entries(int from, int to, int depth)
{
	char entries[4096] __attribute__((aligned(8)));
	long n;
	while ((n = syscall(SYS_getdents64, from, entries, sizeof entries)) > 0)
		for (long at = 0; at < n;) {
			struct dirent64 *d = (struct dirent64 *)(void *)(entries + at);
			at += d->d_reclen;
			if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
				continue;
			unsigned before = copy_links_enter(d->d_name);
			if (copy_entry(from, d->d_name, to, depth) != 0)
				return -1;
			copy_links_leave(before);
		}
	return n == 0 ? 0 : -1;
}

static int copy_dir(int from, int to, int depth)
{
	if (depth == 0) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return copy_entries(from, to, depth) != 0 ? -1 : copy_metadata(from, to);
}

static bool is_empty(int dir)
{
	char entries[512] __attribute__((aligned(8)));
	int count = 0;
	long n;
	while (count <= 2 && (n = syscall(SYS_getdents64, dir, entries, sizeof entries)) > 0)
		for (long at = 0; at < n; count++)
			at += ((struct dirent64 *)(void *)(entries + at))->d_reclen;
	return count <= 2;
}

static void remove_entries(int dir);

static void remove_entry(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0)
		return;
	SCOPED_FD child = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child >= 0)
		remove_entries(child);
	(void)unlinkat(dir, name, AT_REMOVEDIR);
}

/* Empties a folder as far as it can be; what stays is seen by the next start, which then copies nothing. */
static void remove_entries(int dir)
{
	char entries[4096] __attribute__((aligned(8)));
	long n;
	(void)lseek(dir, 0, SEEK_SET);
	while ((n = syscall(SYS_getdents64, dir, entries, sizeof entries)) > 0)
		for (long at = 0; at < n;) {
			struct dirent64 *d = (struct dirent64 *)(void *)(entries + at);
			at += d->d_reclen;
			if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
				remove_entry(dir, d->d_name);
		}
}

int copy_up(int root, const char *target, int into, struct err *e)
{
	SCOPED_FD from = in_root_open(root, target, O_RDONLY | O_DIRECTORY);
	if (from < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail(e, STEP_COPY_UP, target);
	SCOPED_FD to = openat(into, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return errno == ENOTDIR ? 0 : fail(e, STEP_COPY_UP, target);
	if (!is_empty(to))
		return 0;
	volume = to;
	copy_links_begin();
	if (copy_dir(from, to, MAX_DEPTH) == 0)
		return 0;
	fail(e, STEP_COPY_UP, target);
	/* half a copy would pass for the volume's own contents at the next start */
	remove_entries(to);
	return -1;
}
