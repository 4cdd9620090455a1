/* One shim: its container, the processes it watches, the clients it serves. All of it is static: nothing is allocated.
 */
#ifndef GANTRY_SHIM_H
#define GANTRY_SHIM_H
#include <stddef.h>
#include <sys/types.h>
#include "err.h"
#include "launch_dir.h"
#include "loop.h"
#include "message.h"

#define MAX_TASKS 65 /* the container and 64 execs */
#define MAX_NAME 72
#define STDIN_ROOM 4096u
#define CHUNK 16384u /* what is read from a process at once */

/* After the end of a process: how long without progress is waited for the pipes' other holders, and for clients (ns).
 */
#define OUTPUT_PATIENCE 2000000000u
#define OOM_SETTLE 100000000u
#define CLIENT_PATIENCE 10000000000u

/* Who asked, to be answered later. */
struct waiter {
	struct ctl_client *client; /* NULL = nobody */
	uint32_t serial;           /* of the connection: a slot is used again */
	uint32_t id;
};

enum task_phase {
	TASK_FREE,
	TASK_PREPARING,
	TASK_PREPARED,
	TASK_STARTING, /* go was sent, execve not seen yet */
	TASK_RUNNING,
	TASK_REAPED, /* ended; its output is still being delivered */
	TASK_FINISHED,
};

/* A process of the container with its streams: pid 1 or an exec. */
struct task {
	char name[MAX_NAME]; /* "" is the container */
	enum task_phase phase;
	uint32_t flags; /* PROCESS_* */
	pid_t pid, helper;
	int pidfd;
	struct watch sync;     /* to the process until its execve */
	struct watch listener; /* attach clients */
	struct watch out[2];   /* stdout and stderr, or the terminal and nothing */
	struct watch in;       /* stdin, or the terminal again */
	uint32_t in_used;
	bool output_done;            /* all of it was read */
	bool in_ending;              /* close stdin once what is kept has been written */
	struct waiter waiter, owner; /* owner: who prepared an exec, and may still start it */
	struct err failure;          /* why prepare or go failed */
	bool failed;
	uint32_t status;
	uint64_t started_ns, finished_ns;
	uint64_t deadline; /* monotonic ns: when to stop waiting for output or clients */
	char *in_kept;     /* STDIN_ROOM bytes of stdin that the process has not taken */
};

struct shim {
	int dir, life; /* life: the net child ends when this pipe end closes */
	struct cur plan;
	uint32_t phase; /* PHASE_* */
	uint32_t namespaces;
	pid_t net_child;
	uint64_t net_begun, net_retry; /* monotonic ns: when it was started, when it is to be again; 0 = not now */
	bool oom, cgroups_gone, dismissed;
	bool busy;            /* buffers were used since memory was last given back */
	uint64_t oom_recheck; /* monotonic ns: cgroup v1 tells of a kill before it counts it; 0 = not now */
	uint64_t retry;       /* monotonic ns: next try to remove the cgroups */
	struct waiter dismiss, abort;
	struct task tasks[MAX_TASKS];
};
extern struct shim shim;

/* The shim's life: sets up, serves, ends the process. `request` is the zygote's buffer, which is emptied. */
__attribute__((noreturn)) void shim_main(const struct launch_dir *dir, struct span plan, char *request, size_t room);

/* The container's output is delivered: frees its ports, announces the end, begins to remove its cgroups. */
void shim_container_finished(void);

/* ---- task.c ---- */
#define CONTAINER (&shim.tasks[0])
struct task *task_new(const char *name);
struct task *task_named(const char *name); /* NULL: no such exec */
void task_free(struct task *t);
/* The process ended or a stream did: goes on to the next phase when its time has come. */
void task_check(struct task *t);
/* An engine's connection ended: what it prepared and did not start will never be started. */
void task_abandon(const struct ctl_client *owner);
/* A child of ours ended. */
void task_reaped(struct task *t, int wait_status);
/* Sends go. */
int task_go(struct task *t, struct waiter who, struct err *e) MUST_CHECK;
/* Delivers what the process says before its execve. */
void task_sync_ready(struct watch *w, uint32_t events);

/* ---- prepare.c ---- */
int prepare_container(struct err *e) MUST_CHECK;
/* Another net child in the place of one that died. */
int prepare_net_child_again(struct err *e) MUST_CHECK;

/* ---- exec.c ---- */
int exec_prepare(const char *name, struct cur plan, struct waiter who, struct err *e) MUST_CHECK;

/* ---- stdio.c ---- */
/* Makes the pipes: ours into the task, the process's into theirs (-1 where it gets /dev/null or a terminal). */
int stdio_open(struct task *t, int theirs[3], struct err *e) MUST_CHECK;
/* Starts reading; with a terminal `tty` is its master, else -1. */
int stdio_start(struct task *t, int tty, struct err *e) MUST_CHECK;
bool stdio_ended(const struct task *t);
void stdio_close(struct task *t);
void stdio_resume(struct task *t); /* a client has room again */
/* Takes bytes for stdin; only when stdin_ready. */
void stdin_write(struct task *t, const char *data, size_t len);
bool stdin_ready(const struct task *t);
void stdin_end(struct task *t);

/* ---- attach.c ---- */
void attach_open(void);
void attach_accept(struct watch *listener, uint32_t events);
bool attach_room(const struct task *t); /* every client could take a whole chunk */
void attach_send(struct task *t, unsigned stream, const char *data, size_t len);
void attach_stdin(struct task *t); /* stdin can take more, or is gone */
bool attach_drained(const struct task *t);
void attach_close(const struct task *t); /* sends no more; all clients of the task */

/* ---- ctl.c ---- */
int ctl_open(int listener);
void ctl_reply(struct waiter *who, const struct message *m); /* answers once, then forgets */
void ctl_reply_ok(struct waiter *who);
void ctl_reply_failed(struct waiter *who, const struct err *e);
void ctl_broadcast(const struct message *m);
void ctl_flush(void); /* last words: waits until they are written */
#endif
