/* The event loop; knows nothing of what the descriptors are. */
#include "loop.h"
#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

static int loop_fd = -1;

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
	close(w->fd);
	w->fd = -1;
	w->events = 0;
}

int loop_once(int timeout_ms)
{
	struct epoll_event events[32];
	int n = epoll_wait(loop_fd, events, 32, timeout_ms);
	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;
		if (w->fd >= 0 && w->events != 0)
			w->ready(w, events[i].events);
	}
	return n;
}
