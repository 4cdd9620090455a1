/* Files with several names that were met on a walk, with the name they were met by first. */
#ifndef GANTRY_LINKS_SEEN_H
#define GANTRY_LINKS_SEEN_H
#include <sys/stat.h>
#include "fs.h"

struct link_seen {
	dev_t device;
	ino_t inode;
	char *path;
};

struct links_seen {
	struct link_seen *slots;
	size_t cap, used;
};

/* The name by which this file was met before; NULL when it is met now and `path` is its first. */
int links_seen(
	struct links_seen *s, const struct stat *st, const char *path, const char **first, struct fs_err *e) CHECKED;
void links_seen_free(struct links_seen *s);
#endif
