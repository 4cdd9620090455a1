/* Notices that the kernel killed something in the container for want of memory. */
#ifndef GANTRY_OOM_H
#define GANTRY_OOM_H
#include "err.h"
/* Watches the plan's memory cgroup. */
int oom_open(struct cur plan, struct err *e) MUST_CHECK;
/* Reads the counter now and tells engines when it grew. */
void oom_check(void);
/* The same; true once it ever was above zero. */
bool oom_seen(void);
/* Ends the watch, before the cgroup goes. */
void oom_close(void);
#endif
