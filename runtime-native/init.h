/* A pid 1 that reaps and forwards, for containers that ask for one (`init: true`). */
#ifndef GANTRY_INIT_H
#define GANTRY_INIT_H
#include "err.h"
/* Forks: 0 in the child, which goes on to execve; the parent stays as init and never returns. -1 = no fork. */
int init_fork(struct err *e) MUST_CHECK;
#endif
