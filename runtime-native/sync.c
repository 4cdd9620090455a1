/* Messages between a shim and the process it sets up. */
#include "sync.h"
#include <string.h>
#include <sys/socket.h>
#include "sys.h"

union fd_control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

int sync_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

int sync_send(int socket, const struct sync_message *m, int fd)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)m, .iov_len = sizeof *m};
	union fd_control control = {0};
	struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
	if (fd >= 0) {
		head.msg_control = &control;
		head.msg_controllen = sizeof control;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	}
	return sendmsg(socket, &head, MSG_NOSIGNAL) == (ssize_t)sizeof *m ? 0 : -1;
}

int sync_receive(int socket, struct sync_message *m, int *fd, int flags)
{
	struct iovec part = {.iov_base = m, .iov_len = sizeof *m};
	union fd_control control = {0};
	struct msghdr head = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t n;
	*fd = -1;
	do /* a peer that ended without reading is told of before its last words are: once, so ask again */
		n = recvmsg(socket, &head, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n > 0 && head.msg_controllen >= CMSG_LEN(sizeof *fd) && control.head.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.head), sizeof *fd);
	if (n == 0)
		return 0;
	return n == (ssize_t)sizeof *m ? 1 : -1;
}

void sync_await(int socket, enum sync_kind kind)
{
	struct sync_message m;
	int fd;
	if (sync_receive(socket, &m, &fd, 0) != 1 || m.kind != (uint32_t)kind)
		_exit(1);
}
