/* Which extended attributes of a file go with its content. */
#ifndef GANTRY_XATTRS_H
#define GANTRY_XATTRS_H
#include "fs.h"

/* trusted.overlay.* and user.overlay.* steer overlayfs and must never be taken over; labels of a security module
 * belong to this host. */
bool xattr_allowed(const char *name);
#endif
