/* Drives the network half of the runtime in tests, without zygote or shim:
 *   net_harness ops < records            runs NET_OPS
 *   net_harness lo NETNS                 brings lo up
 *   net_harness endpoint NETNS < plan    adds every endpoint of a plan
 *   net_harness endpoint-del NETNS NAME
 *   net_harness child NETNS|- PLANFILE   starts the net child, prints its pid, ends it when stdin ends
 *   net_harness filter                   tries things under the net child's filter, prints what came of each
 * A failure is printed as "step errno path", exit 1. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../net.h"
#include "../net_child.h"

static char input[MAX_MESSAGE];

static struct cur read_all(int fd)
{
	size_t len = 0;
	for (ssize_t n; len < sizeof input && (n = read(fd, input + len, sizeof input - len)) > 0;)
		len += (size_t)n;
	return (struct cur){input, len};
}

static int open_ns(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && strcmp(path, "-") != 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

static int endpoints(struct cur plan, int netns, struct err *e)
{
	uint16_t type;
	struct cur body;
	struct plan_endpoint ep;
	while (cur_record(&plan, &type, &body))
		if (type == PLAN_ENDPOINT && plan_endpoint_parse(&body, &ep) && net_endpoint_add(&ep, netns, e) < 0)
			return -1;
	return 0;
}

static int child(const char *netns, const char *file, struct err *e)
{
	int life[2], plan = open(file, O_RDONLY | O_CLOEXEC);
	char byte;
	if (plan < 0 || pipe2(life, O_CLOEXEC) < 0) {
		perror(file);
		exit(2);
	}
	struct net_child_plan p = {.plan = read_all(plan), .netns = open_ns(netns)};
	pid_t pid = net_child_start(&p, life[0], e);
	if (pid < 0)
		return -1;
	close(life[0]);
	printf("%d\n", (int)pid);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	close(life[1]);
	return pid == 0 || waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static void tell(const char *what, long result)
{
	printf("%s %s\n", what, result >= 0 ? "done" : strerrorname_np(errno));
}

static int filter(struct err *e)
{
	char *const none[] = {NULL};
	setvbuf(stdout, malloc(BUFSIZ), _IOFBF, BUFSIZ);
	if (net_filter_load(e) < 0)
		return -1;
	tell("execve", execve("/bin/true", none, none));
	tell("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
	tell("fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	tell("kill", kill(getpid(), 0));
	tell("unlink", unlinkat(AT_FDCWD, "/nonesuch", 0));
	tell("write", openat(AT_FDCWD, "/dev/null", O_WRONLY));
	tell("change", openat(AT_FDCWD, "/dev/null", O_RDWR));
	tell("create", openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDONLY, 0600));
	tell("read", openat(AT_FDCWD, "/dev/null", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
	tell("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	tell("unix", socket(AF_UNIX, SOCK_STREAM, 0));
	tell("inet", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	tell("inet6", socket(AF_INET6, SOCK_DGRAM, 0));
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tell("code", code == MAP_FAILED ? -1 : 0);
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tell("data", data == MAP_FAILED ? -1 : 0);
	tell("to-code", mprotect(data, 4096, PROT_EXEC));
	fflush(stdout);
	return (int)syscall(SYS_exit_group, 0); /* what the sanitizers do at an end is not allowed here */
}

int main(int argc, char **argv)
{
	struct err e = {0};
	int done = -1;
	const char *verb = argc > 1 ? argv[1] : "";
	if (strcmp(verb, "ops") == 0)
		done = net_run_ops(read_all(STDIN_FILENO), &e);
	else if (strcmp(verb, "lo") == 0 && argc == 3)
		done = net_loopback_up(open_ns(argv[2]), &e);
	else if (strcmp(verb, "endpoint") == 0 && argc == 3)
		done = endpoints(read_all(STDIN_FILENO), open_ns(argv[2]), &e);
	else if (strcmp(verb, "endpoint-del") == 0 && argc == 4)
		done = net_endpoint_del(argv[3], open_ns(argv[2]), &e);
	else if (strcmp(verb, "child") == 0 && argc == 4)
		done = child(argv[2], argv[3], &e);
	else if (strcmp(verb, "filter") == 0)
		done = filter(&e);
	if (done < 0)
		printf("%u %u %s\n", e.step, e.eno, e.path);
	return done < 0;
}
