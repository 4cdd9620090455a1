/* The container gets a terminal of its own devpts, never one of the host or of a client (CVE-2017-5226). */
#include "tty.h"
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "in_root.h"

int tty_resize(int fd, uint32_t rows, uint32_t cols)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
	return ioctl(fd, TIOCSWINSZ, &size);
}

/* A pty bound to /dev/console of the plan's fresh /dev; a symlink there is refused (CVE-2025-52565). */
static int bind_console(int root, int slave)
{
	struct stat st;
	SCOPED_FD dev = sys_openat2(root, "dev", O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (dev < 0)
		return -1;
	SCOPED_FD made = openat(dev, "console", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0 && errno != EEXIST)
		return -1;
	SCOPED_FD console = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (console < 0 || fstat(console, &st) != 0)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	SCOPED_FD tree = sys_open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	return tree < 0 ? -1 : sys_move_mount(tree, console);
}

int tty_open(int root, const struct plan_process *p, bool console, int pair[2], struct err *e)
{
	int unlocked = 0;
	SCOPED_FD master =
		sys_openat2(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (master < 0)
		return fail(e, STEP_TTY, "/dev/pts/ptmx");
	if (fs_magic(master) != DEVPTS_SUPER_MAGIC)
		return fail_with(e, STEP_TTY, EPERM, "/dev/pts/ptmx");
	if (ioctl(master, TIOCSPTLCK, &unlocked) != 0)
		return fail(e, STEP_TTY, "unlock");
	SCOPED_FD slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return fail(e, STEP_TTY, "peer");
	if (p->rows > 0 && p->cols > 0 && tty_resize(master, p->rows, p->cols) != 0)
		return fail(e, STEP_TTY, "size");
	if (console && bind_console(root, slave) != 0)
		return fail(e, STEP_TTY, "/dev/console");
	pair[0] = take_fd(&master);
	pair[1] = take_fd(&slave);
	return 0;
}
