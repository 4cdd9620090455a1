/* Published ports on the host: a reservation each, and for IPv6 addresses a proxy. IPv4 is never accepted here: the
 * kernel's DNAT carries it, and a port whose rule is gone is refused. */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <stdlib.h>
#include "net_child.h"
#include "sys.h"

#define MAX_LISTENS 4096

static int reserved[MAX_LISTENS];
static unsigned reserved_count;
static unsigned proxies;

/* "127.0.0.1:80/tcp", "[::]:80/udp" into a static buffer. */
static const char *label(const struct plan_listen *l)
{
	static char text[80];
	const char *format_v6 = strchr(l->host_ip.ptr, ':') != NULL ? "[" : "";
	snprintf(text, sizeof text, "%s%s%s:%u/%s", format_v6, l->host_ip.ptr, *format_v6 ? "]" : "", l->host_port,
		l->proto == IPPROTO_UDP ? "udp" : "tcp");
	return text;
}

static int open_socket(int family, uint32_t proto)
{
	int on = 1;
	int kind = proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	SCOPED_FD fd = socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
		return -1;
	return take_fd(&fd);
}

/* Old connections of an earlier server may stand in TIME_WAIT: they are no holder of the port. Binding with
 * SO_REUSEADDR passes them; that nobody else has the port is then shown by listening for a moment. The flag is cleared
 * behind that, so that nobody passes us in the same way, and shutdown makes the socket a mere reservation again. */
static int reserve_despite_time_wait(int fd, const union net_addr *at, socklen_t len)
{
	int on = 1, off = 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 || bind(fd, &at->any, len) < 0)
		return -1;
	if (listen(fd, 0) < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off) < 0)
		return -1;
	return shutdown(fd, SHUT_RD);
}

/* Holds the port without serving it: a bound TCP socket that does not listen refuses, a UDP one drops all it gets. */
static int reserve(int fd, const union net_addr *at, socklen_t len, uint32_t proto)
{
	struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog drop = {.len = 1, .filter = nothing};
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &drop, sizeof drop) < 0)
		return -1;
	if (bind(fd, &at->any, len) < 0) {
		if (errno != EADDRINUSE || proto == IPPROTO_UDP || reserve_despite_time_wait(fd, at, len) < 0)
			return -1;
	}
	/* the filter would swallow what must be refused */
	return proto == IPPROTO_UDP ? 0 : setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int));
}

static int open_proxy(int fd, const union net_addr *at, const struct plan_listen *l, struct err *e)
{
	int on = 1;
	union net_addr target;
	if (net_addr_make(&target, l->target_ip.ptr, (uint16_t)l->target_port) == 0)
		return fail_with(e, STEP_LISTEN, EINVAL, l->target_ip.ptr);
	if (l->proto == IPPROTO_TCP && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return fail(e, STEP_LISTEN, label(l));
	if (bind(fd, &at->any, sizeof at->v6) < 0 || (l->proto == IPPROTO_TCP && listen(fd, 512) < 0))
		return fail(e, STEP_LISTEN, label(l));
	proxies++;
	return l->proto == IPPROTO_TCP ? proxy_tcp_add(fd, &target, e) : proxy_udp_add(fd, &target, e);
}

int listen_open(const struct plan_listen *l, struct err *e)
{
	union net_addr at;
	socklen_t len = net_addr_make(&at, l->host_ip.ptr, (uint16_t)l->host_port);
	if (len == 0 || l->host_port == 0 || l->host_port > 65535 || l->target_port > 65535)
		return fail_with(e, STEP_LISTEN, EINVAL, label(l));
	if (l->proto != IPPROTO_TCP && l->proto != IPPROTO_UDP)
		return fail_with(e, STEP_LISTEN, EPROTONOSUPPORT, label(l));
	if (reserved_count == MAX_LISTENS)
		return fail_with(e, STEP_LISTEN, EMFILE, label(l));
	int fd = open_socket(at.any.sa_family, l->proto);
	if (fd < 0)
		return fail(e, STEP_LISTEN, label(l));
	reserved[reserved_count++] = fd;
	if ((l->flags & LISTEN_PROXY) && at.any.sa_family == AF_INET6)
		return open_proxy(fd, &at, l, e);
	return reserve(fd, &at, len, l->proto) < 0 ? fail(e, STEP_LISTEN, label(l)) : 0;
}

bool listen_has_proxies(void)
{
	return proxies > 0;
}

void listen_close(void)
{
	while (reserved_count > 0)
		close(reserved[--reserved_count]);
	proxies = 0;
	proxy_tcp_forget();
	proxy_udp_forget();
}
