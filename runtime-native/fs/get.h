/* Trees as tar archives. */
#ifndef GANTRY_FS_GET_H
#define GANTRY_FS_GET_H
#include "fs.h"

struct get_job {
	/* what the entry itself is called; folders get a slash, what is in them goes behind it. "" = only what is in it
	 */
	const char *name;
	/* mounts in the tree are entered; else they are left as empty folders */
	bool cross;
};

/* Writes the archive of `entry` in the folder `dir` to stdout; symlinks are archived, never followed. */
int get_tar(int dir, const char *entry, const struct get_job *job, struct fs_err *e) CHECKED;
#endif
