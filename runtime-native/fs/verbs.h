/* Verbs of the command line that are not in main.c. Each gives 0, -1 with the error filled, or VERB_USAGE. */
#ifndef GANTRY_FS_VERBS_H
#define GANTRY_FS_VERBS_H
#include "fs.h"

enum { VERB_USAGE = 2 };

int verb_stat(char **args, struct fs_err *e) CHECKED;
int verb_get(char **args, struct fs_err *e) CHECKED;
int verb_put(char **args, struct fs_err *e) CHECKED;
int verb_delete(char **args, struct fs_err *e) CHECKED;
int verb_changes(char **args, struct fs_err *e) CHECKED;
int verb_digest(char **args, struct fs_err *e) CHECKED;
int verb_copy(char **args, struct fs_err *e) CHECKED;
#endif
