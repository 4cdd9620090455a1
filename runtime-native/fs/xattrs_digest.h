/* The extended attributes of a file as part of a digest of it. */
#ifndef GANTRY_XATTRS_DIGEST_H
#define GANTRY_XATTRS_DIGEST_H
#include "fs.h"
#include "sha256.h"

/* Those that a copy takes along, in the order of their names, whatever order the file system has them in. */
int add_xattrs(struct sha256 *s, int fd, const char *path, struct fs_err *e) CHECKED;
#endif
