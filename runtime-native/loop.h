/* The event loop of zygote and shim: one epoll, handlers in statically allocated watches. */
#ifndef GANTRY_LOOP_H
#define GANTRY_LOOP_H
#include <stdint.h>

struct watch {
	int fd;          /* -1: closed; an event that was already fetched for it is dropped */
	uint32_t events; /* EPOLL* asked for */
	void (*ready)(struct watch *self, uint32_t events);
};

/* The structure that holds a watch as `member`. */
#define HOLDER(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

int loop_open(void);
/* Starts, changes (events 0 keeps the descriptor but asks for nothing) or repeats what a watch waits for. */
int loop_watch(struct watch *w, uint32_t events);
/* Stops watching and closes the descriptor. */
void loop_close(struct watch *w);
/* Waits once, at most timeout_ms (-1: for ever), and runs the handlers. Gives the number of events. */
int loop_once(int timeout_ms);
#endif
