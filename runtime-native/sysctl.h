/* Kernel settings of the container's namespaces. */
#ifndef GANTRY_SYSCTL_H
#define GANTRY_SYSCTL_H
#include "err.h"
/* Writes every sysctl of the plan through a procfs of its own, which no tree contains. */
int sysctl_apply(struct cur plan, struct err *e) MUST_CHECK;
#endif
