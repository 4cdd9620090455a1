/* The event loop; knows nothing of what the descriptors are. */
#include "loop.h"
#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 32

static int loop_fd = -1;
/* what one wait gave; an event whose watch is closed meanwhile is struck out, for the slot may be used again at once */
static struct epoll_event batch[BATCH];
static int batch_at, batch_count;

int loop_open(void)
{
	loop_fd = epoll_create1(EPOLL_CLOEXEC);
	return loop_fd;
}

int loop_watch(struct watch *w, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = w};
	if (w->fd < 0 || events == w->events)
		return 0;
	/* with no events asked for, HUP and ERR would still be reported: such a descriptor leaves the set */
	int op = w->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
	if (epoll_ctl(loop_fd, op, w->fd, &event) != 0)
		return -1;
	w->events = events;
	return 0;
}

void loop_close(struct watch *w)
{
	if (w->fd < 0)
		return;
	if (w->events != 0)
		epoll_ctl(loop_fd, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = batch_at; i < batch_count; i++)
		if (batch[i].data.ptr == w)
			batch[i].data.ptr = NULL;
	close(w->fd);
	w->fd = -1;
	w->events = 0;
}

int loop_once(int timeout_ms)
{
	int count = epoll_wait(loop_fd, batch, BATCH, timeout_ms);
	batch_count = count;
	for (batch_at = 0; batch_at < batch_count; batch_at++) {
		struct watch *w = batch[batch_at].data.ptr;
		if (w != NULL && w->events != 0)
			w->ready(w, batch[batch_at].events);
	}
	batch_count = 0;
	return count;
}
