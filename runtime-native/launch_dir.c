/* Folders, sockets and record files below /run. Sockets are named through /proc/self/fd, for sun_path holds 108 bytes.
 */
#include "launch_dir.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "sys.h"

static const char *const STALE[] = {"ctl", "attach", "exit", "started"};

static int open_dir(const char *path, struct err *e)
{
	struct stat st;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fail(e, STEP_SOCKET, path);
	SCOPED_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) != 0)
		return fail(e, STEP_SOCKET, path);
	if (st.st_uid != 0 || (st.st_mode & 077) != 0)
		return fail_with(e, STEP_SOCKET, EPERM, path);
	for (unsigned i = 0; i < sizeof STALE / sizeof *STALE; i++)
		if (unlinkat(dir, STALE[i], 0) != 0 && errno != ENOENT)
			return fail(e, STEP_SOCKET, path);
	return take_fd(&dir);
}

int launch_dir_listen(int dir, const char *name, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	SCOPED_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(e, STEP_SOCKET, name);
	int n = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof address.sun_path)
		return fail_with(e, STEP_SOCKET, ENAMETOOLONG, name);
	mode_t mask = umask(0177);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (bound != 0 || listen(fd, 64) != 0)
		return fail(e, STEP_SOCKET, name);
	return take_fd(&fd);
}

int launch_dir_open(struct launch_dir *out, const char *path, struct err *e)
{
	if ((out->dir = open_dir(path, e)) >= 0 && (out->ctl = launch_dir_listen(out->dir, "ctl", e)) >= 0 &&
		(out->attach = launch_dir_listen(out->dir, "attach", e)) >= 0)
		return 0;
	launch_dir_close(out);
	return -1;
}

void launch_dir_close(struct launch_dir *dir)
{
	close_fd(&dir->dir);
	close_fd(&dir->ctl);
	close_fd(&dir->attach);
}

int launch_dir_accept(int listener)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	SCOPED_FD fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || peer.uid != 0)
		return -1;
	return take_fd(&fd);
}

int launch_dir_write(int dir, const char *name, const char *text, struct err *e)
{
	char temporary[64];
	snprintf(temporary, sizeof temporary, "%.40s.new", name);
	SCOPED_FD fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(fd, text, strlen(text)) != 0 || renameat(dir, temporary, dir, name) != 0)
		return fail(e, STEP_SOCKET, name);
	return 0;
}
