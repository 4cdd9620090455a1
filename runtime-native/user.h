/* Who a process runs as: Docker's `user[:group]` looked up in the container's own files, never through NSS. */
#ifndef GANTRY_USER_H
#define GANTRY_USER_H
#include <sys/types.h>
#include "err.h"

#define MAX_GROUPS 1024
#define MAX_HOME 1024

struct user {
	uid_t uid;
	gid_t gid;
	uint32_t group_count;
	gid_t groups[MAX_GROUPS]; /* for setgroups: the primary one first (CVE-2022-36109) */
	char home[MAX_HOME];
};

/* A file's text; ptr may be NULL when len is 0. */
struct text {
	const char *ptr;
	size_t len;
};

/* The rules on given texts; `extra` are additional groups. Failure: ENOENT = no such name, ERANGE = number too large.
 * The error's path is the user, or ":" and the group. */
int user_resolve(struct text passwd, struct text group, const struct plan_process *p, struct user *out,
	struct err *e) MUST_CHECK;
/* The same with /etc/passwd and /etc/group below root: regular files of at most 1 MiB; a missing one is empty. */
int user_lookup(int root, const struct plan_process *p, struct user *out, struct err *e) MUST_CHECK;
#endif
