/* What a shim and the process it sets up say to each other, over a SEQPACKET pair that closes on execve. */
#ifndef GANTRY_SYNC_H
#define GANTRY_SYNC_H
#include "err.h"

enum sync_kind {
	SYNC_ATTACHED = 1, /* shim: the process is in its cgroups */
	SYNC_NET_READY,    /* shim: addresses and resolver stand */
	SYNC_GO,           /* shim: execve */
	SYNC_PID,          /* child: `value` is the host's number of the process to come */
	SYNC_TTY,          /* child: carries the pty's other end */
	SYNC_PREPARED,     /* child: waits for SYNC_GO */
	SYNC_FAILED,       /* child: `err` says why; it ends */
};

struct sync_message {
	uint32_t kind;
	uint32_t value;
	struct err err;
};

int sync_pair(int ends[2]);
/* Sends one message, with a descriptor unless fd is -1. */
int sync_send(int socket, const struct sync_message *m, int fd);
/* Takes one message and a descriptor (-1 = none came): 1 = got one, 0 = the other side is gone, -1 = error (EAGAIN
 * too). */
int sync_receive(int socket, struct sync_message *m, int *fd, int flags);
/* Child: waits for this kind; ends the process when the shim is gone. */
void sync_await(int socket, enum sync_kind kind);
#endif
