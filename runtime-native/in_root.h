/* Paths of a container, resolved below a root descriptor: no symlink, no "..", no magic link leads out of it. */
#ifndef GANTRY_IN_ROOT_H
#define GANTRY_IN_ROOT_H
#include "err.h"
#include "sys.h"

#define IN_ROOT (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

/* Opens an existing path (O_PATH unless flags say else). */
static inline int in_root_open(int root, const char *path, uint64_t flags)
{
	return sys_openat2(root, path[0] == '\0' ? "/" : path, flags, 0, IN_ROOT);
}

/* Opens a folder, making it and its missing parents (0755 root). */
int in_root_mkdirs(int root, const char *path);
/* Opens a file O_PATH, making it empty (0644) and its missing parents (0755). */
int in_root_mkfile(int root, const char *path);
/* Opens the folder that holds the last component, made when missing; `*name` points at that component in `path`. */
int in_root_parent(int root, const char *path, const char **name);
/* The file system's magic number, 0 on error. */
uint64_t fs_magic(int fd);
#endif
