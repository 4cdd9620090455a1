/* gantry-shim: becomes the zygote. It runs from a sealed copy of itself in memory, so no process that joins a
 * container ever leads to a file on disk, and nothing a container does can change the code (CVE-2019-5736). */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include "sys.h"
#include "zygote.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int open_memory(void)
{
	int fd = memfd_create("gantry-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL) /* before 6.3 a memfd is executable without being asked */
		fd = memfd_create("gantry-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

static int copy_self(int self, int memory)
{
	struct stat st;
	if (fstat(self, &st) != 0)
		return -1;
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(memory, self, NULL, (size_t)left);
		if (n <= 0)
			return -1;
		left -= n;
	}
	return fcntl(memory, F_ADD_SEALS, SEALS);
}

/* 0 when this already is the sealed copy; else it does not return but for an error. */
static int run_sealed(void)
{
	char *const argv[] = {(char *)"gantry-shim", (char *)"zygote", NULL};
	char *const env[] = {NULL};
	SCOPED_FD self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (self < 0)
		return -1;
	if (fcntl(self, F_GET_SEALS) == SEALS)
		return 0;
	SCOPED_FD memory = open_memory();
	if (memory < 0 || copy_self(self, memory) != 0)
		return -1;
	syscall(SYS_execveat, memory, "", argv, env, AT_EMPTY_PATH);
	return -1;
}

int main(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "zygote") != 0) {
		dprintf(2, "usage: gantry-shim zygote (started by the gantry engine with a socket as descriptor 3)\n");
		return 2;
	}
	if (run_sealed() != 0) {
		dprintf(2, "gantry-shim: cannot run from memory: %s\n", strerror(errno));
		return 1;
	}
	return zygote_main();
}
