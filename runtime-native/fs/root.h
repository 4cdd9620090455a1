/* The root abstraction: one way to name a tree of files that all tree operations work on.
 *
 *   --root DIR                           a plain folder of the host
 *   --pid N --cgroup NAME                a running container: the root of its mount namespace. NAME is the last part of
 *                                        its cgroup's path; the process must be in a cgroup of that name.
 *   --layer DIR… [--upper DIR --work DIR] [--bind|--bind-ro SOURCE TARGET]…
 *                                        a stopped container: layers (topmost first) merged by overlayfs. With an upper
 *                                        folder what is written stays there, and nobody else may have it mounted;
 * without one it is gone at the end (give a container's upper as the topmost layer to read it). Binds are made in this
 * order, missing targets are made.
 *
 * Containers are entered: this process moves into the container's mount namespace, or into one of its own whose root is
 * the merged tree. The host's files are out of reach from then on (open what you need of them before), and nothing of a
 * container is ever loaded or executed. Below a root every path goes through root_path or folder_open (fs.h): openat2
 * with RESOLVE_IN_ROOT and no magic links. One root per process. */
#ifndef GANTRY_FS_ROOT_H
#define GANTRY_FS_ROOT_H
#include <sys/types.h>
#include "fs.h"

enum {
	ROOT_LAYERS = 512,
	ROOT_BINDS = 512,
};

struct root_bind {
	const char *source;
	const char *target;
	bool readonly;
};

/* Where the tree is, as the command line says it. */
struct root_spec {
	const char *dir;
	const char *pid;
	const char *cgroup;
	const char *layers[ROOT_LAYERS];
	unsigned int layer_count;
	const char *upper;
	const char *work;
	struct root_bind binds[ROOT_BINDS];
	unsigned int bind_count;
};

/* Takes the option at *args when it is one of a root: moves *args behind it. False when it is not or is incomplete. */
bool root_option(char ***args, struct root_spec *spec);
/* Opens the tree; a container is entered. Gives a real descriptor of its top folder. */
int root_open(const struct root_spec *spec, struct fs_err *e) CHECKED;
/* Opens what a path names below a root; `flags` are O_*. Mounts are crossed in containers, but procfs is refused. */
int root_path(int root, const char *path, int flags, struct fs_err *e) CHECKED;
/* The path of an open file as it is seen from the root that was opened. */
int root_name_of(int fd, char *out, size_t room, struct fs_err *e) CHECKED;
/* A file tree without the mounts in it. */
int root_alone(int root, struct fs_err *e) CHECKED;

/* overlay.c: mounts the layers of a spec in this mount namespace; gives the folder they are seen in. */
int overlay_open(const struct root_spec *spec, struct fs_err *e) CHECKED;
#endif
