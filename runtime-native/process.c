/* The last steps of a container's process. After `go` only what must be last happens: filter, capabilities, execve. */
#include "process.h"
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "creds.h"
#include "in_root.h"
#include "init.h"
#include "plan.h"
#include "settle.h"
#include "sync.h"
#include "tty.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static struct user user;
static char home_entry[sizeof "HOME=" + MAX_HOME];

void process_fail(int sync, const struct err *e)
{
	struct sync_message m = {.kind = SYNC_FAILED, .err = *e};
	bool missing = e->eno == ENOENT || e->eno == ENOTDIR;
	bool denied = e->eno == EACCES || e->eno == EISDIR || e->eno == ENOEXEC || e->eno == EPERM;
	if (sync_send(sync, &m, -1) != 0)
		_exit(128);
	_exit(e->step != STEP_EXEC ? 128 : missing ? 127 : denied ? 126 : 128);
}

int process_oom_score(const struct plan_process *p, struct err *e)
{
	char text[16];
	int len = snprintf(text, sizeof text, "%d", p->oom_score_adj);
	SCOPED_FD fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	/* EACCES: lowering it needs a capability that a sandbox around us may have taken; the container then dies
	 * sooner */
	if (fd < 0 || (write(fd, text, (size_t)len) != len && errno != EACCES))
		return fail(e, STEP_RLIMIT, "oom_score_adj");
	return 0;
}

static int set_limits(struct cur plan, struct err *e)
{
	struct plan_rlimit r;
	EACH_RECORD(plan, RLIMIT, rlimit, r) {
		struct rlimit limit = {r.soft, r.hard};
		char name[16];
		snprintf(name, sizeof name, "%u", r.resource);
		if (setrlimit((__rlimit_resource_t)r.resource, &limit) != 0)
			return fail(e, STEP_RLIMIT, name);
	}
	return 0;
}

/* Keys of the shim's session are not the container's. Where a sandbox around us forbids keyctl there are none. */
static int own_keyring(struct err *e)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS && errno != EPERM)
		return fail(e, STEP_CAPS, "keyring");
	return 0;
}

int process_make_workdir(const struct plan_process *p, struct err *e)
{
	SCOPED_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	SCOPED_FD dir = root < 0 ? -1 : in_root_mkdirs(root, p->cwd.ptr);
	return dir < 0 ? fail(e, STEP_WORKDIR, p->cwd.ptr) : 0;
}

/* A folder reached through a leaked descriptor lies outside; the kernel then has no path for it (CVE-2024-21626). */
static int enter_workdir(int root, const struct plan_process *p, struct err *e)
{
	char where[PATH_MAX];
	SCOPED_FD dir = in_root_open(root, p->cwd.ptr, O_PATH | O_DIRECTORY);
	if (dir < 0 || fchdir(dir) != 0)
		return fail(e, STEP_WORKDIR, p->cwd.ptr);
	if (syscall(SYS_getcwd, where, sizeof where) < 0)
		return fail(e, STEP_WORKDIR, p->cwd.ptr);
	return where[0] == '/' ? 0 : fail_with(e, STEP_WORKDIR, EXDEV, p->cwd.ptr);
}

int process_tty(struct process_start *s, const struct plan_process *p, bool console, struct err *e)
{
	struct sync_message m = {.kind = SYNC_TTY};
	int pair[2];
	SCOPED_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(e, STEP_TTY, "/");
	if (tty_open(root, p, console, pair, e) != 0)
		return -1;
	int sent = sync_send(s->sync, &m, pair[0]);
	close(pair[0]);
	s->stdio[0] = s->stdio[1] = s->stdio[2] = pair[1];
	return sent == 0 ? 0 : fail(e, STEP_TTY, "send");
}

/* The container's own null device, and really one: whoever made /dev does not choose what is opened here. */
static int open_null(void)
{
	struct stat st;
	SCOPED_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	SCOPED_FD null = root < 0 ? -1
				  : sys_openat2(root, "dev/null", O_RDWR | O_NOCTTY | O_NONBLOCK, 0,
					    RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (null < 0 || fstat(null, &st) != 0)
		return -1;
	errno = ENODEV;
	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3) && fcntl(null, F_SETFL, 0) == 0 ? take_fd(&null) : -1;
}

/* stdio belongs to the user, or /dev/stdout could not be opened anew by one who is not root. */
static int place_stdio(struct process_start *s, bool tty, struct err *e)
{
	for (int i = 0; i < 3; i++) {
		SCOPED_FD null = s->stdio[i] < 0 ? open_null() : -1;
		int fd = s->stdio[i] >= 0 ? s->stdio[i] : null;
		if (fd < 0 || dup2(fd, i) < 0)
			return fail(e, STEP_STDIO, "/dev/null");
		if (s->stdio[i] >= 0 && fchown(i, user.uid, (gid_t)-1) != 0)
			return fail(e, STEP_STDIO, "chown");
	}
	if (tty && ioctl(0, TIOCSCTTY, 0) != 0)
		return fail(e, STEP_TTY, "controlling terminal");
	return 0;
}

/* A NULL-terminated array of the strings, with room for one more. */
static char **strings_of(struct strs list, struct err *e)
{
	struct span item;
	char **out = mmap(
		NULL, (list.count + 2ul) * sizeof *out, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (out == MAP_FAILED) {
		fail(e, STEP_EXEC, "mmap");
		return NULL;
	}
	for (uint32_t i = 0; i < list.count && cur_str(&list.items, &item); i++)
		out[i] = (char *)(uintptr_t)item.ptr;
	return out;
}

static const char *variable(char *const *env, const char *name)
{
	size_t len = strlen(name);
	for (; *env != NULL; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

static void add_home(char **env)
{
	const char *home = variable(env, "HOME");
	if (home != NULL && home[0] != '\0')
		return;
	snprintf(home_entry, sizeof home_entry, "HOME=%s", user.home);
	while (*env != NULL && strncmp(*env, "HOME=", 5) != 0)
		env++;
	*env = home_entry;
}

/* Executes; on failure errno is that of the file, ENOENT when no folder of PATH has an executable one. */
static void execute(char *const *argv, char *const *env)
{
	char path[PATH_MAX];
	const char *dirs = variable(env, "PATH");
	if (strchr(argv[0], '/') != NULL) {
		struct stat st;
		execve(argv[0], argv, env);
		if (errno == EACCES && stat(argv[0], &st) == 0)
			errno = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
		return;
	}
	for (dirs = dirs != NULL ? dirs : DEFAULT_PATH; *dirs != '\0';) {
		int len = (int)strcspn(dirs, ":");
		int n = snprintf(path, sizeof path, "%.*s/%s", len, dirs, argv[0]);
		dirs += len + (dirs[len] == ':');
		if (len == 0 || n >= (int)sizeof path || argv[0][0] == '\0')
			continue;
		execve(path, argv, env);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return;
	}
	errno = ENOENT;
}

static int become(struct process_start *s, const struct plan_process *p, const struct plan_caps *caps, struct err *e)
{
	SCOPED_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(e, STEP_WORKDIR, "/");
	if (own_keyring(e) != 0 || set_limits(s->plan, e) != 0 || user_lookup(root, p, &user, e) != 0 ||
		enter_workdir(root, p, e) != 0 || place_stdio(s, p->flags & PROCESS_TTY, e) != 0)
		return -1;
	umask(p->umask);
	return creds_take(caps, &user, p->flags & PROCESS_NO_NEW_PRIVILEGES, e);
}

/* Every descriptor but stdio is closed by execve itself, the pipe to the shim too: that tells it of success. */
static int last_steps(
	struct process_start *s, const struct plan_process *p, const struct plan_caps *caps, struct err *e)
{
	if (settle_signals() != 0 || sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		return fail(e, STEP_INTERNAL, "close_range");
	if (creds_finish(s->plan, caps, p->flags & PROCESS_NO_NEW_PRIVILEGES, e) != 0)
		return -1;
	return p->flags & PROCESS_INIT ? init_fork(e) : 0;
}

void process_run(struct process_start *s)
{
	struct sync_message prepared = {.kind = SYNC_PREPARED};
	struct plan_process p;
	struct plan_caps caps;
	struct err e = {0};
	if (!ONE_RECORD(s->plan, PROCESS, process, &p) || !ONE_RECORD(s->plan, CAPS, caps, &caps)) {
		fail_with(&e, STEP_PLAN, EBADMSG, "process");
		process_fail(s->sync, &e);
	}
	char **argv = strings_of(p.argv, &e), **env = strings_of(p.env, &e);
	if (argv == NULL || env == NULL || become(s, &p, &caps, &e) != 0)
		process_fail(s->sync, &e);
	add_home(env);
	if (sync_send(s->sync, &prepared, -1) != 0)
		_exit(1);
	sync_await(s->sync, SYNC_GO);
	if (last_steps(s, &p, &caps, &e) != 0)
		process_fail(s->sync, &e);
	execute(argv, env);
	fail(&e, STEP_EXEC, argv[0]);
	process_fail(s->sync, &e);
}
