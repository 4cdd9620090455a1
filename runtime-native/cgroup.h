/* The cgroup folders of one container, in every hierarchy. */
#ifndef GANTRY_CGROUP_H
#define GANTRY_CGROUP_H
#include <sys/types.h>
#include "err.h"

/* Makes the leaf folders, attaches device programs, writes the settings. */
int cgroup_make(struct cur plan, struct err *e) MUST_CHECK;
/* A leaf on cgroup v2 to be born in (CLONE_INTO_CGROUP), or -1. */
int cgroup_birthplace(struct cur plan);
/* Moves the caller, which has one thread, into every leaf. `born`: the v2 leaf already holds it. */
int cgroup_enter(struct cur plan, bool born, struct err *e) MUST_CHECK;
/* Kills every process in the leaves, once. */
void cgroup_kill(struct cur plan);
/* Kills what is left and removes the leaves; 0 when none is left, -1 to be tried again. */
int cgroup_remove(struct cur plan);
/* Loads and attaches a device program to a v2 folder (cgroup_bpf.c). Fails closed. */
int cgroup_bpf_attach(int dir, const struct span *program);
#endif
