/* Any bytes as a tar archive: the reader must end with entries within their bounds or with an error. */
#include <stdlib.h>
#include <string.h>
#include "../fs/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fs_err e;
	static struct tar_entry t;
	unsigned char *copy = malloc(size + 1);
	struct input in = {.fd = -1, .buf = copy, .cap = size, .len = size};
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	while (tar_next(&in, &t, &e) == 0) {
		if (strlen(t.path) >= TAR_PATH || strlen(t.link) >= TAR_PATH || t.xattr_count > TAR_XATTRS)
			abort();
		for (size_t i = 0; i < t.xattr_count; i++)
			if (strlen(t.xattrs[i].name) > TAR_HEADER_MAX || t.xattrs[i].len > TAR_HEADER_MAX)
				abort();
		if (input_skip(&in, t.size + tar_padding(t.size), &e) < 0)
			break;
	}
	tar_entry_free(&t);
	free(copy);
	return 0;
}
