/* Writes tar: ustar headers, with PAX records for what does not fit them. */
#ifndef GANTRY_TAR_OUT_H
#define GANTRY_TAR_OUT_H
#include <sys/stat.h>
#include "fs.h"

/* An archive on its way to a descriptor. */
struct tar_out {
	int fd;
	size_t used;
	unsigned char buf[256 * 1024];
};

/* One entry's name, and what a symlink or hard link points to (else NULL). `kind` is a typeflag. */
struct tar_item {
	char kind;
	const char *path;
	const char *link;
	const struct stat *st;
	/* of which file the extended attributes are taken; -1 = none */
	int attributes;
};

/* Writes an entry's header; a file's content of st_size bytes has to follow by tar_content. */
int tar_header(struct tar_out *out, const struct tar_item *item, struct fs_err *e) CHECKED;
/* Copies `size` bytes from a file and pads them; a file that became shorter meanwhile is filled up with zeros. */
int tar_content(struct tar_out *out, int fd, uint64_t size, const char *path, struct fs_err *e) CHECKED;
int tar_bytes(struct tar_out *out, const void *data, size_t len, struct fs_err *e) CHECKED;
/* Two empty blocks, and everything is written. */
int tar_end(struct tar_out *out, struct fs_err *e) CHECKED;
#endif
