/* The resolver at 127.0.0.11: names of the shared networks from tables, all else from the upstream servers. */
#include "dns.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include "nat.h"
#include "sys.h"

#define RESOLVER_IP "127.0.0.11"
#define BURST 64

static void udp_ready(struct watch *w, uint32_t events);

struct dns_resolver dns = {
	.udp = {.fd = -1, .ready = udp_ready},
	.tcp = {.fd = -1, .ready = dns_accept},
};

/* The last part of a table's path; all tables are in one folder. False when it can't be a file there. */
static bool set_file(struct dns_table *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	if (strlen(name) >= sizeof t->file || strcmp(name, "..") == 0)
		return false;
	memset(t, 0, sizeof *t);
	memcpy(t->file, name, strlen(name));
	return true;
}

/* Tables of networks that the container joined or left since it was started: its own table lists them all. */
static void follow_list(void)
{
	const struct dns_table *own = &dns.tables[0];
	if (own->text != NULL && own->include_count == 0)
		return;
	for (unsigned i = 1; i < dns.zone.count; i++)
		dns_table_clear(&dns.tables[i]);
	dns.zone.count = 1;
	for (uint32_t i = 0; i < own->include_count && dns.zone.count < DNS_MAX_TABLES; i++)
		if (set_file(&dns.tables[dns.zone.count], own->includes[i]))
			dns.zone.count++;
}

void dns_refresh(void)
{
	if (dns_table_refresh(&dns.tables[0], dns.folder))
		follow_list();
	for (unsigned i = 1; i < dns.zone.count; i++)
		(void)dns_table_refresh(&dns.tables[i], dns.folder);
}

void dns_question(struct dns_exchange *x, const struct dns_asker *asker)
{
	switch (dns_answer(&dns.zone, x)) {
	case DNS_ANSWERED:
		dns_deliver(asker, x->out, x->out_len);
		break;
	case DNS_FORWARD:
		dns_forward(x, asker);
		break;
	case DNS_DROP:
	default:
		break;
	}
}

void dns_deliver(const struct dns_asker *asker, const uint8_t *msg, size_t len)
{
	if (asker->client != NULL)
		dns_client_reply(asker->client, msg, len);
	else /* a lost datagram is asked again */
		(void)sendto(
			dns.udp.fd, msg, len, MSG_DONTWAIT, (const struct sockaddr *)&asker->addr, sizeof asker->addr);
}

static void udp_ready(struct watch *w, uint32_t events)
{
	static uint8_t in[DNS_MAX_QUERY + 1], out[DNS_MAX_ANSWER];
	(void)events;
	dns_refresh();
	for (int i = 0; i < BURST; i++) {
		struct dns_asker asker = {0};
		socklen_t len = sizeof asker.addr;
		ssize_t n = recvfrom(w->fd, in, sizeof in, MSG_DONTWAIT, (struct sockaddr *)&asker.addr, &len);
		if (n < 0)
			return;
		struct dns_exchange x = {.msg = in, .len = (size_t)n, .out = out};
		dns_question(&x, &asker);
	}
}

static int add_table(const char *path, struct err *e)
{
	if (dns.zone.count == DNS_MAX_TABLES)
		return fail_with(e, STEP_DNS, E2BIG, path);
	if (!set_file(&dns.tables[dns.zone.count], path))
		return fail_with(e, STEP_DNS, ENAMETOOLONG, path);
	dns.zone.count++;
	return 0;
}

/* Opens the folder of a table. */
static int open_folder(struct span path, struct err *e)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path.ptr, '/');
	if (slash == NULL || (size_t)(slash - path.ptr) >= sizeof folder)
		return fail_with(e, STEP_DNS, EINVAL, path.ptr);
	memcpy(folder, path.ptr, (size_t)(slash - path.ptr));
	folder[slash - path.ptr] = '\0';
	dns.folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dns.folder < 0 ? fail(e, STEP_DNS, path.ptr) : 0;
}

/* The first table is the container's own. */
static int read_dns(const struct plan_dns *p, struct err *e)
{
	struct strs tables = p->tables;
	struct span path;
	dns.zone.tables = dns.tables;
	dns.zone.flags = p->flags;
	if (open_folder(p->links, e) < 0 || add_table(p->links.ptr, e) < 0)
		return -1;
	while (tables.count-- > 0 && cur_str(&tables.items, &path))
		if (add_table(path.ptr, e) < 0)
			return -1;
	return 0;
}

static int read_upstream(const struct plan_dns_upstream *p, struct err *e)
{
	if (dns.upstream_count == DNS_MAX_UPSTREAMS)
		return 0; /* as the C library: three are asked */
	if (net_addr_make(&dns.upstreams[dns.upstream_count], p->address.ptr, 53) == 0)
		return fail_with(e, STEP_DNS, EINVAL, p->address.ptr);
	dns.upstream_count++;
	dns.from_container = dns.from_container || p->from_container;
	return 0;
}

static int read_record(uint16_t type, struct cur body, struct err *e)
{
	struct plan_dns main_record;
	struct plan_dns_upstream upstream;
	if (type == PLAN_DNS)
		return plan_dns_parse(&body, &main_record) ? read_dns(&main_record, e)
							   : fail_with(e, STEP_PLAN, EBADMSG, "dns");
	if (type == PLAN_DNS_UPSTREAM)
		return plan_dns_upstream_parse(&body, &upstream) ? read_upstream(&upstream, e)
								 : fail_with(e, STEP_PLAN, EBADMSG, "dnsUpstream");
	return 0;
}

static int read_plan(struct cur plan, struct err *e)
{
	uint16_t type;
	struct cur body;
	while (cur_record(&plan, &type, &body))
		if (read_record(type, body, e) < 0)
			return -1;
	return 0;
}

/* A socket on a port the kernel picks. Port 53 itself stays free for servers inside the container. */
static int open_socket(struct watch *w, int kind, uint16_t *port, struct err *e)
{
	union net_addr at;
	socklen_t len = net_addr_make(&at, RESOLVER_IP, 0);
	w->fd = socket(AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0 || bind(w->fd, &at.any, len) < 0 || getsockname(w->fd, &at.any, &len) < 0)
		return fail(e, STEP_DNS, RESOLVER_IP);
	if (kind == SOCK_STREAM && listen(w->fd, 64) < 0)
		return fail(e, STEP_DNS, RESOLVER_IP);
	*port = ntohs(at.v4.sin_port);
	return 0;
}

int dns_open(struct cur plan, struct err *e)
{
	uint16_t udp_port = 0, tcp_port = 0;
	if (read_plan(plan, e) < 0)
		return -1;
	if (getrandom(&dns.zone.seed, sizeof dns.zone.seed, 0) != sizeof dns.zone.seed)
		return fail(e, STEP_DNS, "getrandom");
	dns.zone.seed |= 1;
	if (open_socket(&dns.udp, SOCK_DGRAM, &udp_port, e) < 0 || open_socket(&dns.tcp, SOCK_STREAM, &tcp_port, e) < 0)
		return -1;
	return nat_dns_install(udp_port, tcp_port, e);
}

bool dns_serve(void)
{
	return loop_watch(&dns.udp, EPOLLIN) == 0 &&
	       loop_watch(&dns.tcp, EPOLLIN) == 0; /* closed ones are passed over */
}

void dns_close(void)
{
	loop_close(&dns.udp);
	loop_close(&dns.tcp);
}

bool dns_asks_from_container(void)
{
	return dns.udp.fd >= 0 && dns.from_container;
}

void dns_tick(uint64_t now)
{
	dns_forward_tick(now);
	dns_client_tick(now);
}
