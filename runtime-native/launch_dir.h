/* The folder of one container below /run: the sockets a shim listens on, its records. */
#ifndef GANTRY_LAUNCH_DIR_H
#define GANTRY_LAUNCH_DIR_H
#include "err.h"

struct launch_dir {
	int dir, ctl, attach;
};

/* Makes the folder (0700, or takes one of root's that nobody else may enter) and listens on `ctl` and `attach`. */
int launch_dir_open(struct launch_dir *out, const char *path, struct err *e) MUST_CHECK;
void launch_dir_close(struct launch_dir *dir);
/* Listens on a unix socket (0600) called `name` in the folder; gives the descriptor. */
int launch_dir_listen(int dir, const char *name, struct err *e) MUST_CHECK;
/* Takes the next connection of a listener, non-blocking; -1 when there is none or its peer is not root. */
int launch_dir_accept(int listener);
/* Puts a small file in place by rename. */
int launch_dir_write(int dir, const char *name, const char *text, struct err *e) MUST_CHECK;
#endif
