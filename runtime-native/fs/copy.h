/* Copies between two trees by descriptor, both confined to their roots. */
#ifndef GANTRY_COPY_H
#define GANTRY_COPY_H
#include <sys/types.h>
#include "fs.h"
#include "links_seen.h"

/* Whose everything becomes, and with which mode. */
struct copy_job {
	int from;
	int into;
	uid_t uid;
	gid_t gid;
	/* what is copied keeps its owners; folders that are made are uid's and gid's all the same */
	bool keep_owners;
	/* for files and folders; -1 = the source's own */
	int mode;
	struct links_seen links;
};

/* Copies what `source` names: a folder's content into the folder `target`, a file to `target`, or into it when that is
 * a folder or ends with a slash. Missing folders are made. Symlinks in both paths are followed within their roots,
 * those below a source folder are copied as they are. */
int copy_path(struct copy_job *job, const char *source, const char *target, struct fs_err *e) CHECKED;
/* Makes a folder and those above it; gives it opened. */
int copy_make_folder(struct copy_job *job, const char *path, struct fs_err *e) CHECKED;
#endif
