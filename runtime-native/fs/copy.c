/* Finds what is to be copied and where to, and makes the folders on the way; copy_tree.c does the rest. */
#include "copy.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "copy_tree.h"
#include "root.h"

enum {
	PATH_ROOM = 4096,
	LINKS_MAX = 40,
};

static int make_folders(struct copy_job *job, const char *path, unsigned int links, struct fs_err *e);

/* A symlink whose target is missing: that is made, within the root. */
static int make_behind_link(struct copy_job *job, const char *path, unsigned int links, struct fs_err *e)
{
	char target[PATH_ROOM], whole[2 * PATH_ROOM];
	_close_ int link = root_path(job->into, path, O_PATH | O_NOFOLLOW, e);
	ssize_t len = link < 0 ? -1 : readlinkat(link, "", target, sizeof target - 1);
	if (len < 0)
		return fs_fail_with(e, "open-folder", ENOENT, path);
	if (links > LINKS_MAX)
		return fs_fail_with(e, "open", ELOOP, path);
	target[len] = '\0';
	const char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
	snprintf(whole, sizeof whole, "%.*s/%s", slash == NULL ? 0 : (int)(slash - path), path, target);
	return make_folders(job, whole, links + 1, e);
}

static int make_folder(struct copy_job *job, const char *path, unsigned int links, struct fs_err *e)
{
	_close_ int there = folder_open(job->into, path, false, e);
	if (there >= 0 || e->eno != ENOENT)
		return take_fd(&there);
	_close_ int behind = make_behind_link(job, path, links, e);
	if (behind >= 0 || e->eno != ENOENT)
		return take_fd(&behind);
	_close_ int made = folder_open(job->into, path, true, e);
	if (made >= 0 && fchown(made, job->uid, job->gid) < 0)
		return fs_fail(e, "chown", path);
	return take_fd(&made);
}

/* Every prefix is resolved from the root again. */
static int make_folders(struct copy_job *job, const char *path, unsigned int links, struct fs_err *e)
{
	char prefix[PATH_ROOM];
	path += strspn(path, "/");
	if (strlen(path) >= sizeof prefix)
		return fs_fail_with(e, "path", ENAMETOOLONG, path);
	for (size_t len = 0;; len += strspn(path + len, "/")) {
		len += strcspn(path + len, "/");
		memcpy(prefix, path, len);
		prefix[len] = '\0';
		int fd = make_folder(job, prefix, links, e);
		if (fd < 0 || path[len + strspn(path + len, "/")] == '\0')
			return fd;
		close(fd);
	}
}

int copy_make_folder(struct copy_job *job, const char *path, struct fs_err *e)
{
	return make_folders(job, path, 0, e);
}

/* Splits a target into its folder, which is made and opened, and the name in it (NAME_MAX + 1 bytes). A symlink in the
 * last place is followed once, as `cp` does: its own target is then the name. */
static int open_place(struct copy_job *job, const char *target, char *name, struct fs_err *e)
{
	char folder[PATH_ROOM];
	const char *slash = strrchr(target, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - target);
	const char *last = slash == NULL ? target : slash + 1;
	size_t name_len = strlen(last);
	if (len >= sizeof folder || name_len > NAME_MAX || name_len == 0 || strcmp(last, "..") == 0)
		return fs_fail_with(e, "path", EINVAL, target);
	memcpy(folder, target, len);
	folder[len] = '\0';
	memcpy(name, last, name_len + 1);
	return copy_make_folder(job, folder, e);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

static int copy_file(struct copy_job *job, int file, const char *target, struct fs_err *e)
{
	char name[NAME_MAX + 1];
	_close_ int there = root_path(job->into, target, O_PATH, e);
	struct stat st;
	char real[PATH_ROOM];
	/* an existing symlink: the file it leads to is the one that is replaced */
	if (there >= 0 && fstat(there, &st) == 0 && S_ISREG(st.st_mode) &&
		root_name_of(there, real, sizeof real, e) == 0)
		target = real;
	_close_ int dir = open_place(job, target, name, e);
	return dir < 0 ? -1 : copy_over(job, file, dir, name, target, e);
}

static bool is_folder(struct copy_job *job, const char *path)
{
	struct fs_err ignored;
	_close_ int fd = root_path(job->into, path, O_PATH | O_DIRECTORY, &ignored);
	return fd >= 0;
}

int copy_path(struct copy_job *job, const char *source, const char *target, struct fs_err *e)
{
	char path[PATH_ROOM];
	struct stat st;
	_close_ int from = root_path(job->from, source, O_RDONLY | O_NONBLOCK, e);
	if (from < 0 || fstat(from, &st) < 0)
		return from < 0 ? -1 : fs_fail(e, "stat", source);
	size_t len = strlen(target);
	if (S_ISDIR(st.st_mode)) {
		bool there = is_folder(job, target);
		_close_ int into = copy_make_folder(job, target, e);
		if (into < 0 || copy_tree(job, from, into, target + strspn(target, "/"), 0, e) < 0)
			return -1;
		return there ? 0 : copy_dress_target(job, from, into, target, e);
	}
	if (!S_ISREG(st.st_mode))
		return fs_fail_with(e, "type", EINVAL, source);
	bool into_folder = len == 0 || target[len - 1] == '/' || is_folder(job, target);
	const char *slash = len > 0 && target[len - 1] == '/' ? "" : "/";
	if ((size_t)snprintf(path, sizeof path, "%s%s%s", target, into_folder ? slash : "",
		    into_folder ? base_name(source) : "") >= sizeof path)
		return fs_fail_with(e, "path", ENAMETOOLONG, target);
	return copy_file(job, from, path, e);
}
