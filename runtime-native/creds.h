/* Dropping privileges, in the order of reference: bounding, ids, (go), seccomp, capabilities. */
#ifndef GANTRY_CREDS_H
#define GANTRY_CREDS_H
#include "err.h"
#include "user.h"

/* Drops bounding capabilities, takes the user's ids keeping capabilities for the moment, asks to die with the shim. */
int creds_take(const struct plan_caps *caps, const struct user *user, bool no_new_privileges, struct err *e) MUST_CHECK;
/* The last step before execve: seccomp and the final capability sets; inheritable and ambient end empty. */
int creds_finish(struct cur plan, const struct plan_caps *caps, bool no_new_privileges, struct err *e) MUST_CHECK;
#endif
