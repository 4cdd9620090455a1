/* Resetting of inherited process state. */
#include "settle.h"
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include "sys.h"

/* What systemd gives services today; Node raises its own soft limit of files, which must not reach containers. */
static const struct {
	__rlimit_resource_t resource;
	struct rlimit limit;
} LIMITS[] = {
	{RLIMIT_NOFILE, {1024, 524288}},
	{RLIMIT_CORE, {RLIM_INFINITY, RLIM_INFINITY}},
	{RLIMIT_NPROC, {RLIM_INFINITY, RLIM_INFINITY}},
	{RLIMIT_STACK, {8 << 20, RLIM_INFINITY}},
	{RLIMIT_FSIZE, {RLIM_INFINITY, RLIM_INFINITY}},
	{RLIMIT_CPU, {RLIM_INFINITY, RLIM_INFINITY}},
	{RLIMIT_DATA, {RLIM_INFINITY, RLIM_INFINITY}},
	{RLIMIT_AS, {RLIM_INFINITY, RLIM_INFINITY}},
	{RLIMIT_MEMLOCK, {8 << 20, 8 << 20}},
};

/* Where a surrounding sandbox forbids raising a hard limit, the nearest allowed one is set. */
static void settle_limits(void)
{
	for (unsigned i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
		struct rlimit old, want = LIMITS[i].limit;
		if (setrlimit(LIMITS[i].resource, &want) == 0 || getrlimit(LIMITS[i].resource, &old) != 0)
			continue;
		want.rlim_max = want.rlim_max < old.rlim_max ? want.rlim_max : old.rlim_max;
		want.rlim_cur = want.rlim_cur < want.rlim_max ? want.rlim_cur : want.rlim_max;
		setrlimit(LIMITS[i].resource, &want);
	}
}

int settle_signals(void)
{
	sigset_t none;
	struct sigaction action = {.sa_handler = SIG_DFL};
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != 32 && sig != 33) /* 32, 33 belong to the C library */
			sigaction(sig, &action, NULL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

int settle_child_signals(void)
{
	sigset_t child;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &child, NULL) != 0)
		return -1;
	return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int settle_descriptors(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -1;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	if (fcntl(keep, F_SETFD, FD_CLOEXEC) != 0 || fcntl(keep, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
		return -1;
	return sys_close_range((unsigned)keep + 1, ~0U, 0);
}

/* Only root outside a restricted sandbox may lower it; being killed first under pressure is then the price. */
static void protect_from_oom(void)
{
	SCOPED_FD fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "-999", 4) < 0)
		return;
}

int settle_process(int keep)
{
	setsid(); /* fails only for a leader, which has a session of its own already */
	umask(077);
	if (settle_descriptors(keep) != 0 || settle_signals() != 0 || chdir("/") != 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 ||
		prctl(PR_SET_NAME, "gantry-zygote") != 0)
		return -1;
	settle_limits();
	protect_from_oom();
	/* where a sandbox forbids it, containers still get a keyring of their own */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	return 0;
}
