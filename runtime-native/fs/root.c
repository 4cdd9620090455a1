/* Opens trees: plain folders, running containers, stopped ones. See root.h. */
#include "root.h"
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include "../mount_calls.h"

/* This process's descriptors in the host's procfs, opened before a container is entered. */
static int own_descriptors = -1;
/* What a plain root's own path puts before the names of files in it. */
static size_t prefix_len;

static bool take_bind(char **args, struct root_spec *spec)
{
	if (args[1] == NULL || args[2] == NULL || spec->bind_count == ROOT_BINDS)
		return false;
	spec->binds[spec->bind_count++] =
		(struct root_bind){.source = args[1], .target = args[2], .readonly = strcmp(args[0], "--bind-ro") == 0};
	return true;
}

static bool take_layer(const char *path, struct root_spec *spec)
{
	if (spec->layer_count == ROOT_LAYERS)
		return false;
	spec->layers[spec->layer_count++] = path;
	return true;
}

bool root_option(char ***args, struct root_spec *spec)
{
	char **at = *args;
	const char **plain = strcmp(*at, "--root") == 0     ? &spec->dir
			     : strcmp(*at, "--pid") == 0    ? &spec->pid
			     : strcmp(*at, "--cgroup") == 0 ? &spec->cgroup
			     : strcmp(*at, "--upper") == 0  ? &spec->upper
			     : strcmp(*at, "--work") == 0   ? &spec->work
							    : NULL;
	bool bind = strcmp(*at, "--bind") == 0 || strcmp(*at, "--bind-ro") == 0;
	if (at[1] == NULL || (bind && !take_bind(at, spec)))
		return false;
	if (plain != NULL)
		*plain = at[1];
	else if (!bind && (strcmp(*at, "--layer") != 0 || !take_layer(at[1], spec)))
		return false;
	*args = at + (bind ? 3 : 2);
	return true;
}

/* Whether a line "N:controllers:/path" has the name as a part of its path. */
static bool line_names(const char *line, size_t len, const char *name)
{
	size_t want = strlen(name);
	for (size_t i = 0; i + want < len; i++)
		if (line[i] == '/' && strncmp(line + i + 1, name, want) == 0 &&
			(i + 1 + want == len || line[i + 1 + want] == '/'))
			return true;
	return false;
}

static int check_cgroup(const char *pid, const char *name, struct fs_err *e)
{
	char path[64], text[16384];
	snprintf(path, sizeof path, "/proc/%.20s/cgroup", pid);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (len < 0)
		return fs_fail(e, "container", path);
	text[len] = '\0';
	for (const char *line = text; *line != '\0'; line += strspn(line, "\n")) {
		size_t part = strcspn(line, "\n");
		if (line_names(line, part, name))
			return 0;
		line += part;
	}
	return fs_fail_with(e, "container", ESRCH, pid);
}

/* The number is proven to be the container's while the descriptor's process lives; only the descriptor is used then. */
static int enter_running(const struct root_spec *spec, struct fs_err *e)
{
	char *end;
	long pid = strtol(spec->pid, &end, 10);
	if (pid <= 1 || pid > INT32_MAX || *end != '\0' || spec->cgroup[0] == '\0' || strchr(spec->cgroup, '/') != NULL)
		return fs_fail_with(e, "container", EINVAL, spec->pid);
	_close_ int process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (process < 0)
		return fs_fail(e, "container", spec->pid);
	if (check_cgroup(spec->pid, spec->cgroup, e) < 0)
		return -1;
	if (syscall(SYS_pidfd_send_signal, process, 0, NULL, 0) < 0 || setns(process, CLONE_NEWNS) < 0)
		return fs_fail(e, "container", spec->pid);
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? fs_fail(e, "container", "/") : root;
}

/* Sources are opened while the host's tree is in view. */
static int open_sources(const struct root_spec *spec, int *fds, struct fs_err *e)
{
	struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
	for (unsigned int i = 0; i < spec->bind_count; i++) {
		const struct root_bind *b = &spec->binds[i];
		fds[i] = sys_open_tree(AT_FDCWD, b->source, OPEN_TREE_CLONE | AT_RECURSIVE);
		if (fds[i] < 0 ||
			(b->readonly && sys_mount_setattr(fds[i], "", AT_EMPTY_PATH | AT_RECURSIVE, &readonly) < 0))
			return fs_fail(e, "bind", b->source);
	}
	return 0;
}

/* The place of a bind, made as a folder or an empty file when it is not there. */
static int open_target(int root, const char *path, bool folder, struct fs_err *e)
{
	int fd = root_path(root, path, O_PATH, e);
	if (fd >= 0 || e->eno != ENOENT)
		return fd;
	while (*path == '/')
		path++;
	const char *slash = strrchr(path, '/');
	char parent[4096];
	if ((size_t)snprintf(parent, sizeof parent, "%.*s",
		    folder          ? 4096
		    : slash != NULL ? (int)(slash - path)
				    : 0,
		    path) >= sizeof parent)
		return fs_fail_with(e, "bind", ENAMETOOLONG, path);
	_close_ int dir = folder_open(root, parent, true, e);
	if (dir < 0 || folder)
		return dir < 0 ? -1 : take_fd(&dir);
	_close_ int made = openat(
		dir, slash != NULL ? slash + 1 : path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return made < 0 ? fs_fail(e, "bind", path) : root_path(root, path, O_PATH, e);
}

static int attach_binds(const struct root_spec *spec, int root, int *fds, struct fs_err *e)
{
	struct stat st;
	for (unsigned int i = 0; i < spec->bind_count; i++) {
		if (fstat(fds[i], &st) < 0)
			return fs_fail(e, "bind", spec->binds[i].source);
		_close_ int target = open_target(root, spec->binds[i].target, S_ISDIR(st.st_mode), e);
		if (target < 0)
			return -1;
		if (sys_move_mount(fds[i], target) < 0)
			return fs_fail(e, "bind", spec->binds[i].target);
		close(fds[i]);
	}
	return 0;
}

/* The merged tree becomes the root, the host's tree goes, and only then is anything inside resolved. */
static int enter_stopped(const struct root_spec *spec, struct fs_err *e)
{
	static int sources[ROOT_BINDS];
	if (open_sources(spec, sources, e) < 0)
		return -1;
	_close_ int root = overlay_open(spec, e);
	if (root < 0)
		return -1;
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return fs_fail(e, "pivot", "/");
	return attach_binds(spec, root, sources, e) < 0 ? -1 : take_fd(&root);
}

static int open_plain(const char *path, struct fs_err *e)
{
	char own[4096];
	_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fs_fail(e, "open-folder", path);
	if (root_name_of(fd, own, sizeof own, e) < 0)
		return -1;
	prefix_len = strcmp(own, "/") == 0 ? 0 : strlen(own);
	return take_fd(&fd);
}

int root_open(const struct root_spec *spec, struct fs_err *e)
{
	bool running = spec->pid != NULL && spec->cgroup != NULL, stopped = spec->layer_count > 0;
	if ((spec->dir != NULL) + running + stopped != 1 || (spec->upper == NULL) != (spec->work == NULL))
		return fs_fail_with(e, "root", EINVAL, "");
	prefix_len = 0;
	own_descriptors = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own_descriptors < 0)
		return fs_fail(e, "root", "/proc/self/fd");
	if (spec->dir != NULL)
		return open_plain(spec->dir, e);
	/* a container that sees the host's processes must not look into this one */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return fs_fail(e, "root", "dumpable");
	tree_cross_mounts();
	return running ? enter_running(spec, e) : enter_stopped(spec, e);
}

int root_path(int root, const char *path, int flags, struct fs_err *e)
{
	struct statfs fs;
	struct open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	int fd;
	do { /* EAGAIN: something was renamed while the path was walked */
		fd = (int)syscall(SYS_openat2, root, *path == '\0' ? "." : path, &how, sizeof how);
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	_close_ int found = fd;
	if (found < 0 || fstatfs(found, &fs) < 0)
		return fs_fail(e, "open", path);
	return fs.f_type == PROC_SUPER_MAGIC ? fs_fail_with(e, "open", EPERM, path) : take_fd(&found);
}

int root_name_of(int fd, char *out, size_t room, struct fs_err *e)
{
	char name[16];
	snprintf(name, sizeof name, "%d", fd);
	ssize_t len = readlinkat(own_descriptors, name, out, room - 1);
	if (len < 0 || (size_t)len >= room - 1)
		return fs_fail(e, "name", name);
	out[len] = '\0';
	memmove(out, out + prefix_len, (size_t)len + 1 - prefix_len);
	if (out[0] == '\0')
		memcpy(out, "/", 2);
	return 0;
}

int root_alone(int root, struct fs_err *e)
{
	_close_ int tree = sys_open_tree(root, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
	int fd = tree < 0 ? -1 : openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fs_fail(e, "clone", "/") : fd;
}
