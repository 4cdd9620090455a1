#include "netlink.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#define ALIGN4(n) (((n) + 3u) & ~(size_t)3u)

void nl_reset(struct nl_batch *b)
{
	b->len = b->open = 0;
	b->first = b->next = 1;
	b->acks = 0;
	b->overflow = false;
}

/* Room for len bytes, zero-padded to 4; NULL and a poisoned batch when there is none. */
static unsigned char *reserve(struct nl_batch *b, size_t len)
{
	if (b->overflow || len > sizeof b->data || ALIGN4(len) > sizeof b->data - b->len) {
		b->overflow = true;
		return NULL;
	}
	unsigned char *at = b->data + b->len;
	memset(at, 0, ALIGN4(len));
	b->len += ALIGN4(len);
	struct nlmsghdr *head = (struct nlmsghdr *)(void *)(b->data + b->open);
	head->nlmsg_len = (uint32_t)(b->len - b->open);
	return at;
}

void nl_begin(struct nl_batch *b, uint16_t type, uint16_t flags)
{
	b->open = b->len;
	if (b->len > sizeof b->data - sizeof(struct nlmsghdr) || reserve(b, sizeof(struct nlmsghdr)) == NULL) {
		b->overflow = true;
		return;
	}
	struct nlmsghdr *head = (struct nlmsghdr *)(void *)(b->data + b->open);
	head->nlmsg_type = type;
	head->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	head->nlmsg_seq = b->next++;
	if (flags & NLM_F_ACK)
		b->acks++;
}

void nl_head(struct nl_batch *b, const void *head, size_t len)
{
	unsigned char *at = reserve(b, len);
	if (at != NULL)
		memcpy(at, head, len);
}

void nl_put(struct nl_batch *b, uint16_t type, const void *data, size_t len)
{
	struct nlattr head = {.nla_len = (uint16_t)(sizeof head + len), .nla_type = type};
	if (len > UINT16_MAX - sizeof head) {
		b->overflow = true;
		return;
	}
	unsigned char *at = reserve(b, sizeof head + len);
	if (at == NULL)
		return;
	memcpy(at, &head, sizeof head);
	if (len > 0)
		memcpy(at + sizeof head, data, len);
}

void nl_put_u8(struct nl_batch *b, uint16_t type, uint8_t value)
{
	nl_put(b, type, &value, sizeof value);
}

void nl_put_u32(struct nl_batch *b, uint16_t type, uint32_t value)
{
	nl_put(b, type, &value, sizeof value);
}

void nl_put_be32(struct nl_batch *b, uint16_t type, uint32_t value)
{
	nl_put_u32(b, type, htonl(value));
}

void nl_put_str(struct nl_batch *b, uint16_t type, const char *text)
{
	nl_put(b, type, text, strlen(text) + 1);
}

size_t nl_nest(struct nl_batch *b, uint16_t type)
{
	size_t at = b->len;
	nl_put(b, (uint16_t)(type | NLA_F_NESTED), NULL, 0);
	return at;
}

void nl_nest_end(struct nl_batch *b, size_t at)
{
	if (b->overflow)
		return;
	struct nlattr head;
	if (b->len - at > UINT16_MAX) {
		b->overflow = true;
		return;
	}
	memcpy(&head, b->data + at, sizeof head);
	head.nla_len = (uint16_t)(b->len - at);
	memcpy(b->data + at, &head, sizeof head);
}

int nl_open(int protocol, enum step step, struct err *e)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (sock < 0)
		return fail(e, step, "netlink socket");
	/* The kernel answers at once; a lost answer must not hang a start for ever. */
	struct timeval patience = {.tv_sec = 10};
	int on = 1, room = 1 << 20;
	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) {
		int eno = errno;
		close(sock);
		return fail_with(e, step, eno, "netlink socket");
	}
	/* Best effort: shorter error messages, more room. */
	(void)setsockopt(sock, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	(void)setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	return sock;
}

static int send_batch(int sock, const struct nl_batch *b)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	if (b->overflow) {
		errno = EMSGSIZE;
		return -1;
	}
	ssize_t sent = sendto(sock, b->data, b->len, 0, (struct sockaddr *)&kernel, sizeof kernel);
	return sent == (ssize_t)b->len ? 0 : -1;
}

static ssize_t receive(int sock, void *buf, size_t len)
{
	struct sockaddr_nl from = {0};
	for (;;) {
		socklen_t from_len = sizeof from;
		ssize_t got = recvfrom(sock, buf, len, MSG_TRUNC, (struct sockaddr *)&from, &from_len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got > (ssize_t)len) {
			errno = EMSGSIZE;
			return -1;
		}
		if (got < 0 || from.nl_pid == 0) /* only the kernel is believed */
			return got;
	}
}

bool nl_next_message(struct nl_view *in, struct nlmsghdr *head, struct nl_view *body)
{
	if (in->len < sizeof *head)
		return false;
	memcpy(head, in->ptr, sizeof *head);
	if (head->nlmsg_len < sizeof *head || head->nlmsg_len > in->len)
		return false;
	body->ptr = in->ptr + sizeof *head;
	body->len = head->nlmsg_len - sizeof *head;
	size_t step = ALIGN4((size_t)head->nlmsg_len);
	if (step > in->len)
		step = in->len;
	in->ptr += step;
	in->len -= step;
	return true;
}

/* The number in an NLMSG_ERROR or NLMSG_DONE; one that is cut short is EBADMSG. */
static int error_of(struct nl_view body)
{
	int32_t code;
	if (body.len < sizeof code)
		return EBADMSG;
	memcpy(&code, body.ptr, sizeof code);
	return code <= 0 ? -code : EBADMSG;
}

int nl_run(int sock, struct nl_batch *b, enum step step, const char *path, struct err *e)
{
	unsigned char buf[8192];
	uint32_t missing = b->acks;
	if (b->len == 0 && !b->overflow) /* nothing to say */
		return 0;
	if (send_batch(sock, b) < 0)
		return fail(e, step, path);
	while (missing > 0) {
		ssize_t got = receive(sock, buf, sizeof buf);
		if (got < 0)
			return fail(e, step, path);
		struct nl_view in = {buf, (size_t)got}, body;
		struct nlmsghdr head;
		while (nl_next_message(&in, &head, &body)) {
			if (head.nlmsg_type != NLMSG_ERROR || head.nlmsg_seq < b->first)
				continue;
			int eno = error_of(body);
			if (eno != 0)
				return fail_with(e, step, eno, path);
			missing--;
		}
	}
	return 0;
}

/* One datagram of a dump: 1 when it is over, 0 for more, -1 with errno. */
static int dump_part(struct nl_view in, const struct nl_dump *d)
{
	struct nl_view body;
	struct nlmsghdr head;
	while (nl_next_message(&in, &head, &body)) {
		if (head.nlmsg_type != NLMSG_ERROR && head.nlmsg_type != NLMSG_DONE) {
			d->each(head.nlmsg_type, body, d->arg);
			continue;
		}
		errno = error_of(body);
		return errno == 0 ? 1 : -1;
	}
	return 0;
}

int nl_dump(int sock, struct nl_batch *b, const struct nl_dump *d, struct err *e)
{
	static unsigned char buf[65536];
	if (send_batch(sock, b) < 0)
		return fail(e, d->step, "dump");
	for (int over = 0; over == 0;) {
		ssize_t got = receive(sock, buf, sizeof buf);
		if (got < 0)
			return fail(e, d->step, "dump");
		over = dump_part((struct nl_view){buf, (size_t)got}, d);
		if (over < 0)
			return fail(e, d->step, "dump");
	}
	return 0;
}

bool nl_find(struct nl_view in, size_t skip, uint16_t type, struct nl_view *value)
{
	if (in.len < ALIGN4(skip))
		return false;
	in.ptr += ALIGN4(skip);
	in.len -= ALIGN4(skip);
	while (in.len >= sizeof(struct nlattr)) {
		struct nlattr head;
		memcpy(&head, in.ptr, sizeof head);
		if (head.nla_len < sizeof head || head.nla_len > in.len)
			return false;
		if ((head.nla_type & NLA_TYPE_MASK) == type) {
			value->ptr = in.ptr + sizeof head;
			value->len = head.nla_len - sizeof head;
			return true;
		}
		size_t step = ALIGN4((size_t)head.nla_len);
		if (step > in.len)
			return false;
		in.ptr += step;
		in.len -= step;
	}
	return false;
}

bool nl_get_u32(struct nl_view in, size_t skip, uint16_t type, uint32_t *value)
{
	struct nl_view found;
	if (!nl_find(in, skip, type, &found) || found.len != sizeof *value)
		return false;
	memcpy(value, found.ptr, sizeof *value);
	return true;
}
