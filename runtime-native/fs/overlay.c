/* The merged view of a stopped container, in a mount namespace of this process: the host's mount table never has it. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include "root.h"
#include "../mount_calls.h"

/* A folder that every host has and that holds neither layers nor sources of binds. */
#define SCRATCH "/sys"
#define OPTIONS "index=off,metacopy=off,redirect_dir=off"

/* `lowerdir+` came with 6.5; trying it on an older kernel would leave a line in its log each time. */
static bool takes_layers_singly(void)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;
	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 5));
}

static int private_namespace(struct fs_err *e)
{
	if (unshare(CLONE_NEWNS) < 0)
		return fs_fail(e, "unshare", "");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fs_fail(e, "mount", "/");
	if (mount("tmpfs", SCRATCH, "tmpfs", MS_NODEV | MS_NOSUID, "mode=700") < 0)
		return fs_fail(e, "mount", SCRATCH);
	static const char *const folders[] = {SCRATCH "/merged", SCRATCH "/upper", SCRATCH "/work"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mkdir(folders[i], 0755) < 0)
			return fs_fail(e, "mkdir", folders[i]);
	return 0;
}

static int option(int fs, const char *key, const char *value, struct fs_err *e)
{
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, key, value) < 0 ? fs_fail(e, "overlay", value) : 0;
}

static int overlay_by_fs(const struct root_spec *spec, const char *upper, const char *work, struct fs_err *e)
{
	_close_ int fs = sys_fsopen("overlay");
	if (fs < 0)
		return fs_fail(e, "overlay", "fsopen");
	for (unsigned int i = 0; i < spec->layer_count; i++)
		if (option(fs, "lowerdir+", spec->layers[i], e) < 0)
			return -1;
	if (option(fs, "source", "overlay", e) < 0 || option(fs, "upperdir", upper, e) < 0 ||
		option(fs, "workdir", work, e) < 0 || option(fs, "index", "off", e) < 0 ||
		option(fs, "metacopy", "off", e) < 0 || option(fs, "redirect_dir", "off", e) < 0)
		return -1;
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
		return fs_fail(e, "overlay", upper);
	_close_ int mounted = sys_fsmount(fs, 0);
	if (mounted < 0)
		return fs_fail(e, "overlay", "fsmount");
	_close_ int at = open(SCRATCH "/merged", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return at < 0 || sys_move_mount(mounted, at) < 0 ? fs_fail(e, "overlay", "move_mount") : 0;
}

/* mount(2) takes one page of options: folders are named by descriptor, so that 200 of them fit. */
static int overlay_by_mount(const struct root_spec *spec, const char *upper, const char *work, struct fs_err *e)
{
	char options[4096] = OPTIONS ",lowerdir=";
	size_t used = strlen(options);
	for (unsigned int i = 0; i < spec->layer_count + 2; i++) {
		const char *path = i < spec->layer_count ? spec->layers[i] : i == spec->layer_count ? upper : work;
		const char *key = i < spec->layer_count    ? (i == 0 ? "" : ":")
				  : i == spec->layer_count ? ",upperdir="
							   : ",workdir=";
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); /* closed at the end of the process */
		if (fd < 0)
			return fs_fail(e, "overlay", path);
		used += (size_t)snprintf(options + used, sizeof options - used, "%s/proc/self/fd/%d", key, fd);
		if (used >= sizeof options)
			return fs_fail_with(e, "overlay", E2BIG, path);
	}
	if (mount("overlay", SCRATCH "/merged", "overlay", 0, options) < 0)
		return fs_fail(e, "overlay", upper);
	return 0;
}

/* The scratch upper folder is the root of the merged tree: it looks as the topmost layer's root does. */
static int dress_scratch(const char *layer, struct fs_err *e)
{
	struct stat st;
	if (stat(layer, &st) < 0)
		return fs_fail(e, "stat", layer);
	const struct timespec times[2] = {st.st_atim, st.st_mtim};
	if (chown(SCRATCH "/upper", st.st_uid, st.st_gid) < 0 || chmod(SCRATCH "/upper", st.st_mode & 07777) < 0 ||
		utimensat(AT_FDCWD, SCRATCH "/upper", times, 0) < 0)
		return fs_fail(e, "scratch", layer);
	return 0;
}

int overlay_open(const struct root_spec *spec, struct fs_err *e)
{
	const char *upper = spec->upper != NULL ? spec->upper : SCRATCH "/upper";
	const char *work = spec->work != NULL ? spec->work : SCRATCH "/work";
	if (private_namespace(e) < 0 || (spec->upper == NULL && dress_scratch(spec->layers[0], e) < 0))
		return -1;
	if (takes_layers_singly() ? overlay_by_fs(spec, upper, work, e) < 0
				  : overlay_by_mount(spec, upper, work, e) < 0)
		return -1;
	int fd = open(SCRATCH "/merged", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fs_fail(e, "overlay", upper) : fd;
}
