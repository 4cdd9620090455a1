/* Out-of-memory kills: an eventfd with cgroup v1, inotify with v2. The counter in the cgroup is the truth; events only
 * say when to read it, and it is read once more at the end, for the event may come too late. */
#include "oom.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include "loop.h"
#include "plan.h"
#include "shim.h"
#include "sys.h"

static struct watch watch = {.fd = -1};
static int dir = -1;
static const char *file;
static bool seen;

static uint64_t read_count(void)
{
	char text[1024];
	SCOPED_FD fd = dir < 0 ? -1 : openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const char *at = strstr(text, "oom_kill ");
	return at != NULL ? strtoull(at + strlen("oom_kill "), NULL, 10) : 0;
}

bool oom_seen(void)
{
	oom_check();
	return seen;
}

void oom_check(void)
{
	static uint64_t known;
	struct message m;
	uint64_t count = read_count();
	if (count <= known)
		return;
	known = count;
	seen = true;
	message_empty(&m, MSG_OOM_KILL, 0);
	ctl_broadcast(&m);
}

static void ready(struct watch *w, uint32_t events)
{
	char drained[512];
	(void)events;
	while (read(w->fd, drained, sizeof drained) > 0)
		;
	oom_check();
	shim.oom_recheck = now_ns(CLOCK_MONOTONIC) + OOM_SETTLE;
}

static int open_v1(void)
{
	char text[32];
	SCOPED_FD event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	SCOPED_FD control = openat(dir, "cgroup.event_control", O_WRONLY | O_CLOEXEC);
	SCOPED_FD subject = openat(dir, file, O_RDONLY | O_CLOEXEC);
	int len = snprintf(text, sizeof text, "%d %d", event, subject);
	if (event < 0 || control < 0 || subject < 0 || write(control, text, (size_t)len) != len)
		return -1;
	return take_fd(&event);
}

static int open_v2(const char *path)
{
	char name[PATH_MAX];
	snprintf(name, sizeof name, "%s/%s", path, file);
	SCOPED_FD inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (inotify < 0 || inotify_add_watch(inotify, name, IN_MODIFY) < 0)
		return -1;
	return take_fd(&inotify);
}

int oom_open(struct cur plan, struct err *e)
{
	struct plan_oom_watch o;
	if (!ONE_RECORD(plan, OOM_WATCH, oom_watch, &o))
		return 0;
	file = o.version == 1 ? "memory.oom_control" : "memory.events";
	dir = open(o.dir.ptr, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail(e, STEP_CGROUP, o.dir.ptr);
	watch = (struct watch){.fd = o.version == 1 ? open_v1() : open_v2(o.dir.ptr), .ready = ready};
	if (watch.fd < 0 || loop_watch(&watch, EPOLLIN) != 0)
		return fail(e, STEP_CGROUP, file);
	return 0;
}

void oom_close(void)
{
	loop_close(&watch);
	close_fd(&dir);
}
