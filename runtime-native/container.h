/* The container's first process, from its birth to the steps every process takes (process.h). */
#ifndef GANTRY_CONTAINER_H
#define GANTRY_CONTAINER_H
#include "process.h"

#define MAX_JOINS 8

struct join {
	uint32_t type;
	int fd;
};

struct container_start {
	struct process_start process;
	uint32_t create, join_count; /* create: CLONE_NEW* */
	struct join joins[MAX_JOINS];
	bool born_in_cgroup;
};

__attribute__((noreturn)) void container_child(struct container_start *start);
#endif
