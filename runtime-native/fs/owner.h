/* User and group names as a root file system has them: read by descriptor, nothing of it is loaded. */
#ifndef GANTRY_OWNER_H
#define GANTRY_OWNER_H
#include <sys/types.h>
#include "fs.h"

/* "USER[:GROUP]", names or numbers; a missing group is the one called as the user. Fails with the step "user" or
 * "group". */
int owner_find(int root, const char *text, uid_t *uid, gid_t *gid, struct fs_err *e) CHECKED;
/* The number in the third field of the line of a passwd or group file that begins with "NAME:". */
bool owner_in_text(const char *text, const char *name, uint32_t *id);
#endif
