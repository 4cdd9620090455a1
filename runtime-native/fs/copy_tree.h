/* The half of copying (copy.h) that works on folders and files which are open. */
#ifndef GANTRY_COPY_TREE_H
#define GANTRY_COPY_TREE_H
#include "copy.h"

/* Copies what is in a folder into another one. `path` is that one's from its root, `depth` is 0 at the top. */
int copy_tree(struct copy_job *job, int from, int into, const char *path, unsigned int depth, struct fs_err *e) CHECKED;
/* Copies a file to a name in a folder, in place of what is there unless that is a folder. */
int copy_over(struct copy_job *job, int file, int dir, const char *name, const char *path, struct fs_err *e) CHECKED;
/* Attributes of a folder that takes another one's content: it is the target's, so only what is in it keeps its owners.
 */
int copy_dress_target(const struct copy_job *job, int from, int into, const char *path, struct fs_err *e) CHECKED;
#endif
