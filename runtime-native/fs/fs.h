/* gantry-fs: file system work for the engine, confined by descriptor. Shared declarations.
 * A fallible function returns 0 (or a descriptor) on success and -1 on failure, having filled its last parameter. */
#ifndef GANTRY_FS_H
#define GANTRY_FS_H
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* What failed: a short constant word, errno, and the path it was about. */
struct fs_err {
	const char *step;
	int eno;
	char path[4200];
};

#define CHECKED __attribute__((warn_unused_result))
#define _close_ __attribute__((cleanup(close_fd)))
#define _free_ __attribute__((cleanup(free_ptr)))

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void free_ptr(void *ptr)
{
	free(*(void **)ptr);
}

/* Moves a descriptor out of a variable that would close it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* Fills the error and returns -1; the second form takes errno as it stands. */
int fs_fail_with(struct fs_err *e, const char *step, int eno, const char *path);
int fs_fail(struct fs_err *e, const char *step, const char *path);

/* Writes all of some bytes; `path` is for the error. */
int write_all(int fd, const void *data, size_t len, const char *path, struct fs_err *e) CHECKED;

/* Notes what is read, beside the contents of files (see recipe.c). A NULL recipe is none. */
struct recipe {
	int fd;
	/* set when a later entry took the place of an earlier one: the archive cannot be made again */
	bool lost;
	size_t used;
	unsigned char buf[64 * 1024];
};

int recipe_literal(struct recipe *r, const unsigned char *data, size_t len, struct fs_err *e) CHECKED;
int recipe_file(struct recipe *r, const char *path, uint64_t size, struct fs_err *e) CHECKED;
int recipe_flush(struct recipe *r, struct fs_err *e) CHECKED;

/* Bytes from a descriptor, or from memory when fd is -1 (`buf` then holds `len` bytes). */
struct input {
	int fd;
	unsigned char *buf;
	size_t cap;
	size_t pos;
	size_t len;
	/* gets what is read or skipped here; the contents of files are taken from `buf` by hand */
	struct recipe *recipe;
};

/* Makes at least one byte available; returns how many are, 0 at the end, -1 on failure. */
ssize_t input_fill(struct input *in, struct fs_err *e) CHECKED;
/* Reads exactly `len` bytes. At a clean end before the first byte returns 1 if `may_end`. */
int input_read(struct input *in, void *out, size_t len, bool may_end, struct fs_err *e) CHECKED;
int input_skip(struct input *in, uint64_t len, struct fs_err *e) CHECKED;
/* Reads all there is. */
int input_drain(struct input *in, struct fs_err *e) CHECKED;

/* Opens the folder a path names, below `root`: symlinks are followed within root; mounts are not (but see
 * tree_cross_mounts), /proc links never.
 * Missing folders are made 0755 when `make` is set. "" is root itself. The result is a real descriptor. */
int folder_open(int root, const char *path, bool make, struct fs_err *e) CHECKED;
/* Opens one folder by its own name: no symlink, no mount point. Leaves errno. */
int folder_child(int dir, const char *name) CHECKED;
/* Calls `visit` for each name in a folder but "." and "..", until one fails. */
typedef int (*folder_visit)(void *data, const char *name, struct fs_err *e);
int folder_each(int dir, folder_visit visit, void *data, struct fs_err *e) CHECKED;
/* The names in a folder, without "." and "..", in the order of their bytes. To be freed also after a failure. */
struct names {
	char **names;
	size_t count;
};
int names_sorted(int dir, struct names *list, struct fs_err *e) CHECKED;
void names_free(struct names *list);
/* From now on paths may cross mounts, as in containers, which have volumes. A procfs is refused all the same. */
void tree_cross_mounts(void);
/* Removes `name` below `dir`, whatever it is, never crossing a mount. Absent is success. */
int tree_remove(int dir, const char *name, struct fs_err *e) CHECKED;
/* Sum of the sizes of all files below `dir`, each inode once. */
int tree_size(int dir, uint64_t *bytes, struct fs_err *e) CHECKED;

/* How and within what bounds to unpack, and what it came to. */
struct unpack {
	uint64_t max_bytes;
	uint64_t max_entries;
	/* where entries go below the root: "" or clean_path'd */
	const char *below;
	/* no layer of an image: .wh. names are names, the folder itself keeps its attributes */
	bool plain;
	/* a folder and what is none must not take each other's place */
	bool keep_kinds;
	/* takes the place of the first component of each path; NULL = none */
	const char *rename;
	/* everything belongs to whoever runs this */
	bool own;
	/* whose everything becomes, when has_owner is set */
	bool has_owner;
	uid_t uid;
	gid_t gid;
	uint64_t bytes;
	uint64_t entries;
};

/* Brings a path to components joined by single slashes, without "." and without a leading slash. ".." is refused:
 * no archiver writes it, and its meaning depends on symlinks. */
int clean_path(char *path, struct fs_err *e) CHECKED;
/* Puts the path of the folder that is unpacked into before an entry's own, which has room for TAR_PATH bytes. */
int path_below(const char *below, char *path, struct fs_err *e) CHECKED;
/* Gives such a path another first component; NULL leaves it. */
int path_rename(const char *name, char *path, struct fs_err *e) CHECKED;
/* Unpacks a tar stream below `root`; the last entry of a name wins. */
int unpack_tar(int root, struct input *in, struct unpack *job, struct fs_err *e) CHECKED;
/* Writes the archive that a recipe and the unpacked files make to stdout. */
int recipe_pack(int root, struct input *in, struct fs_err *e) CHECKED;

/* Writes what an overlay's upper folder adds to the layers below as a layer archive, in an order of its own, to stdout,
 * and its recipe. `bytes` are those of its files. */
int snapshot_tar(int root, struct recipe *recipe, uint64_t *bytes, struct fs_err *e) CHECKED;
#endif
