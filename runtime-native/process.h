/* From a process in its namespaces to execve, the same for pid 1 and for exec. */
#ifndef GANTRY_PROCESS_H
#define GANTRY_PROCESS_H
#include "err.h"

struct process_start {
	struct cur plan; /* process, caps, seccomp and rlimit records are read */
	int sync;
	int stdio[3]; /* the container's ends; -1 = /dev/null. With a tty all three are its terminal */
};

/* Reports a failure to the shim and ends the process. */
__attribute__((noreturn)) void process_fail(int sync, const struct err *e);
/* Opens the terminal, sends its other end to the shim, fills stdio. */
int process_tty(struct process_start *s, const struct plan_process *p, bool console, struct err *e) MUST_CHECK;
/* Makes the working folder (0755 root) when it is missing. */
int process_make_workdir(const struct plan_process *p, struct err *e) MUST_CHECK;
/* Writes /proc/self/oom_score_adj: while the host's /proc is still the one in view. */
int process_oom_score(const struct plan_process *p, struct err *e) MUST_CHECK;
/* Identity, limits, stdio; reports prepared, waits for go, executes. */
__attribute__((noreturn)) void process_run(struct process_start *s);
#endif
