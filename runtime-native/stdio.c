/* The pipes and terminals of a task: output goes to the log and to attached clients, input comes from clients. Reading
 * stops while a client is full. stdio are pipes, never sockets: /dev/stdout of a socket cannot be opened. */
#include <sys/epoll.h>
#include "log.h"
#include "shim.h"
#include "sys.h"

static void out_ready(struct watch *w, uint32_t events);
static void in_ready(struct watch *w, uint32_t events);

static int make_pipe(struct watch *ours, int *theirs, bool we_read)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	ours->fd = ends[we_read ? 0 : 1];
	*theirs = ends[we_read ? 1 : 0];
	return fcntl(ours->fd, F_SETFL, O_NONBLOCK);
}

int stdio_open(struct task *t, int theirs[3], struct err *e)
{
	theirs[0] = theirs[1] = theirs[2] = -1;
	t->out[0].ready = t->out[1].ready = out_ready;
	t->in.ready = in_ready;
	if (t->flags & PROCESS_TTY)
		return 0;
	if ((t->flags & PROCESS_STDIN && make_pipe(&t->in, &theirs[0], false) != 0) ||
		make_pipe(&t->out[0], &theirs[1], true) != 0 || make_pipe(&t->out[1], &theirs[2], true) != 0)
		return fail(e, STEP_STDIO, "pipe");
	return 0;
}

int stdio_start(struct task *t, int tty, struct err *e)
{
	if (t->flags & PROCESS_TTY) {
		t->out[0].fd = tty;
		if (tty < 0 || fcntl(tty, F_SETFL, O_NONBLOCK | O_RDWR) != 0)
			return fail(e, STEP_TTY, "master");
		if (t->flags & PROCESS_STDIN && (t->in.fd = fcntl(tty, F_DUPFD_CLOEXEC, 3)) < 0)
			return fail(e, STEP_TTY, "master");
	}
	for (int i = 0; i < 2; i++)
		if (loop_watch(&t->out[i], EPOLLIN) != 0)
			return fail(e, STEP_STDIO, "epoll");
	return 0;
}

bool stdio_ended(const struct task *t)
{
	return t->out[0].fd < 0 && t->out[1].fd < 0;
}

void stdio_close(struct task *t)
{
	loop_close(&t->out[0]);
	loop_close(&t->out[1]);
	loop_close(&t->in);
	t->in_used = 0;
}

/* Every such watch is one of a task's two. */
static struct task *owner_of(const struct watch *w)
{
	struct task *t = shim.tasks;
	while (w != &t->out[0] && w != &t->out[1])
		t++;
	return t;
}

static void out_ready(struct watch *w, uint32_t events)
{
	static char chunk[CHUNK];
	struct task *t = owner_of(w);
	unsigned stream = w == &t->out[0] ? 1 : 2;
	(void)events;
	if (!attach_room(t)) {
		loop_watch(w, 0);
		return;
	}
	ssize_t n = read(w->fd, chunk, sizeof chunk);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* EIO: the last process left the terminal */
		loop_close(w);
		task_check(t);
		return;
	}
	if (t == CONTAINER)
		log_write(stream, chunk, (size_t)n);
	attach_send(t, stream, chunk, (size_t)n);
	shim.busy = true;
	if (t->phase == TASK_REAPED)
		t->deadline = now_ns(CLOCK_MONOTONIC) + OUTPUT_PATIENCE;
}

void stdio_resume(struct task *t)
{
	if (!attach_room(t))
		return;
	for (int i = 0; i < 2; i++)
		loop_watch(&t->out[i], EPOLLIN);
}

/* ---- stdin ---- */

bool stdin_ready(const struct task *t)
{
	return t->in_used == 0;
}

static void settle_stdin(struct task *t)
{
	if (t->in_used == 0 && t->in_ending)
		loop_close(&t->in);
	loop_watch(&t->in, t->in_used > 0 ? EPOLLOUT : 0);
}

void stdin_write(struct task *t, const char *data, size_t len)
{
	ssize_t n = t->in.fd < 0 ? (ssize_t)len : write(t->in.fd, data, len);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		loop_close(&t->in); /* the reader is gone; what comes is dropped */
		return;
	}
	n = n < 0 ? 0 : n;
	t->in_used = (uint32_t)(len - (size_t)n);
	memmove(t->in_kept, data + n, t->in_used);
	settle_stdin(t);
}

static void in_ready(struct watch *w, uint32_t events)
{
	struct task *t = HOLDER(w, struct task, in);
	(void)events;
	stdin_write(t, t->in_kept, t->in_used);
	if (t->in.fd < 0)
		t->in_used = 0;
	if (stdin_ready(t))
		attach_stdin(t);
}

void stdin_end(struct task *t)
{
	if (t->flags & PROCESS_TTY) /* a terminal has no half-close; its users type ^D */
		return;
	t->in_ending = true;
	settle_stdin(t);
}
