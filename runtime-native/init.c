/* The built-in init. It is a fork of the shim that keeps no descriptor but stdio. */
#include "init.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "settle.h"
#include "sys.h"

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* Reaps all that ended; gives the main process's exit status once it is among them, else -1. */
static int reap(pid_t main_process)
{
	int status, result = -1;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == main_process)
			result = status_of(status);
	return result;
}

__attribute__((noreturn)) static void serve(pid_t main_process, const sigset_t *all)
{
	sys_close_range(3, ~0U, 0);
	for (;;) {
		siginfo_t info;
		int sig = sigwaitinfo(all, &info);
		int status = sig == SIGCHLD || sig < 0 ? reap(main_process) : -1;
		if (status >= 0)
			_exit(status);
		if (sig > 0 && sig != SIGCHLD)
			kill(main_process, sig);
	}
}

/* Its own process group, in the foreground when there is a terminal: ^C then reaches it and not init. */
static int lead_group(void)
{
	if (setpgid(0, 0) != 0)
		return -1;
	signal(SIGTTOU, SIG_IGN);
	if (tcsetpgrp(0, getpgrp()) != 0 && errno != ENOTTY && errno != ENXIO && errno != EBADF)
		return -1;
	return settle_signals();
}

int init_fork(struct err *e)
{
	sigset_t all;
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) != 0)
		return fail(e, STEP_CLONE, "init");
	pid_t pid = fork();
	if (pid < 0)
		return fail(e, STEP_CLONE, "init");
	if (pid > 0)
		serve(pid, &all);
	return lead_group() == 0 ? 0 : fail(e, STEP_TTY, "init");
}
