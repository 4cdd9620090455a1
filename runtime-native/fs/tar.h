/* Reads tar: ustar, GNU long names and base-256 numbers, PAX records. Touches no file system. */
#ifndef GANTRY_TAR_H
#define GANTRY_TAR_H
#include <sys/types.h>
#include <time.h>
#include "fs.h"

enum {
	TAR_BLOCK = 512,
	/* a PATH_MAX path with its NUL */
	TAR_PATH = 4096,
	/* cap on one PAX header or GNU long name */
	TAR_HEADER_MAX = 1024 * 1024,
	TAR_XATTRS = 64,
};

/* A pair of a PAX record; both point into the entry's own buffer. */
struct tar_xattr {
	const char *name;
	const char *value;
	size_t len;
};

/* One entry with everything that preceded it applied. `kind` is a typeflag of "0123456". */
struct tar_entry {
	char kind;
	char path[TAR_PATH];
	char link[TAR_PATH];
	mode_t mode;
	uid_t uid;
	gid_t gid;
	uint64_t size;
	struct timespec mtime;
	unsigned int major;
	unsigned int minor;
	struct tar_xattr xattrs[TAR_XATTRS];
	size_t xattr_count;
	/* backing store of xattrs */
	char *records;
};

/* What a PAX header or GNU entry said about the next entry. */
struct tar_extra {
	bool has_path, has_link, has_size, has_uid, has_gid, has_mtime;
};

/* Reads up to the next entry's content. Returns 1 at the end of the archive. The caller frees e.g. by tar_entry_free.
 */
int tar_next(struct input *in, struct tar_entry *entry, struct fs_err *e) CHECKED;
/* Applies the records of a PAX header to an entry; `text` is changed and must outlive the entry. */
int pax_parse(char *text, size_t len, struct tar_entry *entry, struct tar_extra *extra, struct fs_err *e) CHECKED;
void tar_entry_free(struct tar_entry *entry);
/* Bytes of padding behind a content of `size` bytes. */
static inline uint64_t tar_padding(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}
#endif
