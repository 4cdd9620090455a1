/* Writes tar: ustar headers, PAX records for what does not fit into them. Touches no file system but the file it
 * copies. */
#ifndef GANTRY_TAR_WRITE_H
#define GANTRY_TAR_WRITE_H
#include <sys/stat.h>
#include "tar.h"

/* Where an archive goes, buffered; `recipe` may be NULL. */
struct tar_out {
	int fd;
	struct recipe *recipe;
	/* a file that became shorter since its header is filled up with zeros, instead of being an error */
	bool fills;
	size_t used;
	unsigned char buf[64 * 1024];
};

/* Everything an entry says of a file but its path, the target of a link and extended attributes. */
void tar_describe(struct tar_entry *t, char kind, const struct stat *st);
/* Writes an entry's header. Of its time whole seconds count; content follows by tar_put_content. */
int tar_put_header(struct tar_out *out, const struct tar_entry *t, struct fs_err *e) CHECKED;
/* Writes the `t->size` bytes of an open file, with padding. A file that is shorter by now is an
 * error, unless `fills` is set. */
int tar_put_content(struct tar_out *out, int file, const struct tar_entry *t, struct fs_err *e) CHECKED;
/* Writes bytes from memory as an entry's content, with padding. */
int tar_put_bytes(struct tar_out *out, const void *data, size_t len, struct fs_err *e) CHECKED;
/* Closes the archive and flushes it. */
int tar_put_end(struct tar_out *out, struct fs_err *e) CHECKED;
#endif
