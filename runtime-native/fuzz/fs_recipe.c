/* Any bytes as a recipe over an empty folder: the packer must end with what it was told to write or with an error. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../fs/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The packer writes to standard output. */
static int empty_folder(void)
{
	char path[] = "/tmp/fuzz-recipe-XXXXXX";
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || close(null) < 0 || mkdtemp(path) == NULL)
		abort();
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || rmdir(path) < 0)
		abort();
	return dir;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fs_err e;
	static int root = -1;
	unsigned char *copy = malloc(size + 1);
	struct input in = {.fd = -1, .buf = copy, .cap = size, .len = size};
	if (copy == NULL)
		return 0;
	if (root < 0)
		root = empty_folder();
	memcpy(copy, data, size);
	int result = recipe_pack(root, &in, &e);
	if (result == 0 && in.pos != in.len)
		abort();
	free(copy);
	return 0;
}
