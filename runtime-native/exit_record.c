/* The records of a container's start and end in its folder: `key=value` lines, put in place by rename. */
#include "record.h"
#include <stdio.h>
#include "log.h"
#include "shim.h"

void record_write(const char *name)
{
	const struct task *t = CONTAINER;
	char text[256];
	struct err e;
	snprintf(text, sizeof text, "status=%u\noom=%u\nstarted=%llu\nfinished=%llu\npid=%d\ndropped=%llu\n", t->status,
		shim.oom, (unsigned long long)t->started_ns, (unsigned long long)t->finished_ns, t->pid,
		(unsigned long long)log_dropped());
	if (launch_dir_write(shim.dir, name, text, &e) != 0)
		return; /* /run is full: a living shim still tells it on its socket */
}
