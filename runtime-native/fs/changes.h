/* What a container changed in its image. */
#ifndef GANTRY_FS_CHANGES_H
#define GANTRY_FS_CHANGES_H
#include "fs.h"

/* Prints "A|C|D PATH NUL" for each change between an upper folder and the layers below it, topmost first. */
int changes_print(const char *upper, const char *const *layers, unsigned int count, struct fs_err *e) CHECKED;
#endif
