/* Pseudo terminals of the container's own devpts. */
#ifndef GANTRY_TTY_H
#define GANTRY_TTY_H
#include "err.h"

/* Opens a pair below root with the given size (0 = leave); `console` also binds it to /dev/console. */
int tty_open(int root, const struct plan_process *p, bool console, int pair[2], struct err *e) MUST_CHECK;
/* Sets the size of a terminal. */
int tty_resize(int fd, uint32_t rows, uint32_t cols);
#endif
