/* How C code here fails: a fallible function returns 0 (or a value >= 0) on success and -1 on failure, having filled
 * the `struct err` that is its last parameter. Wording is made in TypeScript from these three. */
#ifndef GANTRY_ERR_H
#define GANTRY_ERR_H
#include <errno.h>
#include <stdio.h>
#include "gen/records.h"

struct err {
	uint32_t step;
	uint32_t eno;
	char path[256];
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Fills the error and returns -1. `path` names the object (may be NULL); it is cut to fit. */
static inline int fail_with(struct err *e, enum step step, int eno, const char *path)
{
	e->step = step;
	e->eno = (uint32_t)eno;
	size_t len = 0; /* copied by hand: cutting is meant, and compilers warn of every call that is made to cut */
	for (; path != NULL && path[len] != '\0' && len < sizeof e->path - 1; len++)
		e->path[len] = path[len];
	e->path[len] = '\0';
	return -1;
}

/* The same with errno as it stands. */
static inline int fail(struct err *e, enum step step, const char *path)
{
	return fail_with(e, step, errno, path);
}
#endif
