/* The process beside a container that answers its names and holds its published ports. All its sockets are opened with
 * privileges; then it becomes a user of its own without any capability and serves until the shim's end of `life`
 * closes. */
#include <arpa/inet.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "links.h"
#include "nat.h"
#include "net.h"
#include "net_child.h"
#include "sys.h"

#define TICK_MS 250

static struct net_dead *dead;
static int timed;
static bool half; /* a process that only resolves, beside the proxy that reports */

void net_retire(struct net_dead *object)
{
	object->next = dead;
	dead = object;
}

void net_timed(int change)
{
	timed += change;
}

uint64_t net_now_ms(void)
{
	return now_ns(CLOCK_MONOTONIC) / 1000000;
}

void net_breathe(void)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		nanosleep(&pause, NULL);
}

socklen_t net_addr_make(union net_addr *out, const char *ip, uint16_t port)
{
	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, ip, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		return sizeof out->v4;
	}
	if (inet_pton(AF_INET6, ip, &out->v6.sin6_addr) != 1)
		return 0;
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	return sizeof out->v6;
}

/* Closes every descriptor but stdio and the given ones: pipes of the container must not live on here. */
static int close_others(int keep[3], struct err *e)
{
	for (int i = 1; i < 3; i++)
		for (int j = i; j > 0 && keep[j] < keep[j - 1]; j--) {
			int swap = keep[j];
			keep[j] = keep[j - 1];
			keep[j - 1] = swap;
		}
	unsigned from = 3;
	for (int i = 0; i < 3; i++) {
		if (keep[i] < 3)
			continue;
		if ((unsigned)keep[i] > from && sys_close_range(from, (unsigned)keep[i] - 1, 0) < 0)
			return fail(e, STEP_INTERNAL, "close_range");
		from = (unsigned)keep[i] + 1;
	}
	return sys_close_range(from, ~0u, 0) < 0 ? fail(e, STEP_INTERNAL, "close_range") : 0;
}

/* A user nobody else is, so that neither root's files nor signals of other programs are within reach; where such a
 * number is not mapped (an engine in a user namespace), nobody. */
static int become_nobody(struct err *e)
{
	static const uid_t users[] = {2147418165u, 65534u};
	if (setgroups(0, NULL) < 0)
		return fail(e, STEP_USER, "groups");
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
		if (setresgid(users[i], users[i], users[i]) == 0 && setresuid(users[i], users[i], users[i]) == 0)
			return 0;
		if (errno != EINVAL)
			break;
	}
	return fail(e, STEP_USER, "net child");
}

static int drop_privileges(struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};
	struct rlimit files;
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return fail(e, STEP_CAPS, "bounding set");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files); /* fewer connections at once, if it can't be */
	}
	if (become_nobody(e) < 0)
		return -1;
	/* the change of user took the death signal away; an earlier end of the shim shows at `life` */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fail(e, STEP_CAPS, "prctl");
	return syscall(SYS_capset, &head, none) < 0 ? fail(e, STEP_CAPS, "capset") : 0;
}

static void calm_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}

static void life_ended(struct watch *w, uint32_t events)
{
	char byte;
	(void)events;
	if (read(w->fd, &byte, 1) <= 0)
		_exit(0);
}

static _Noreturn void serve(int life)
{
	struct watch watch = {.fd = life, .ready = life_ended};
	uint64_t next_tick = 0;
	if (loop_watch(&watch, EPOLLIN) != 0)
		_exit(1);
	for (;;) {
		loop_once(timed > 0 ? TICK_MS : -1);
		for (struct net_dead *gone = dead; gone != NULL; gone = dead) {
			dead = gone->next;
			free(gone);
		}
		uint64_t now = net_now_ms();
		if (timed == 0 || now < next_tick)
			continue;
		next_tick = now + TICK_MS;
		dns_tick(now);
		proxy_udp_tick(now);
	}
}

static int open_listens(struct cur plan, struct err *e)
{
	uint16_t type;
	struct cur body;
	struct plan_listen l;
	while (cur_record(&plan, &type, &body)) {
		if (type != PLAN_LISTEN)
			continue;
		if (!plan_listen_parse(&body, &l))
			return fail_with(e, STEP_PLAN, EBADMSG, "listen");
		if (listen_open(&l, e) < 0)
			return -1;
	}
	return 0;
}

/* Half a child is none: the shim starts both anew. */
static void half_ended(int sig)
{
	(void)sig;
	_exit(1);
}

/* The resolver stays in the container's namespace when the servers it asks are reached from there; then a proxy, which
 * dials from the engine's, becomes a process of its own: the caller goes on as the proxy, its child as the resolver. */
static int open_resolver(const struct net_child_plan *plan, struct err *e)
{
	int back = net_enter(plan->netns, e);
	if (back < 0)
		return -1;
	if (plan->again)
		nat_dns_forget();
	if (dns_open(plan->plan, e) < 0)
		return -1;
	if (!dns_asks_from_container())
		return net_leave(back, e);
	pid_t resolver = listen_has_proxies() ? fork() : 0;
	if (resolver < 0)
		return fail(e, STEP_DNS, "fork");
	if (resolver > 0) {
		signal(SIGCHLD, half_ended);
		dns_close();
		return net_leave(back, e);
	}
	close(back);
	half = listen_has_proxies();
	if (!half)
		return 0;
	listen_close();
	return 0;
}

struct report {
	int32_t ready;
	struct err error;
};

static int prepare(const struct net_child_plan *plan, bool resolves, struct err *e)
{
	if (open_listens(plan->plan, e) < 0 || (resolves && open_resolver(plan, e) < 0))
		return -1;
	if (resolves)
		close(plan->netns); /* the sockets know where they are */
	if (drop_privileges(e) < 0)
		return -1;
	if (loop_open() < 0)
		return fail(e, STEP_INTERNAL, "epoll");
	if (!proxy_tcp_serve() || !proxy_udp_serve() || !dns_serve())
		return fail(e, STEP_INTERNAL, "epoll");
	prctl(PR_SET_NAME, "gantry-net");
	return net_filter_load(e);
}

static _Noreturn void child(const struct net_child_plan *plan, bool resolves, int life, int report)
{
	struct report r = {0};
	calm_signals();
	int keep[3] = {resolves ? plan->netns : -1, life, report};
	if (close_others(keep, &r.error) == 0)
		r.ready = prepare(plan, resolves, &r.error) == 0;
	if ((!half && write_all(report, &r, sizeof r) != 0) || !r.ready)
		_exit(1);
	close(report);
	serve(life);
}

/* What the plan asks of the child. */
static bool wants(struct cur plan, uint16_t wanted)
{
	uint16_t type;
	struct cur body;
	while (cur_record(&plan, &type, &body))
		if (type == wanted)
			return true;
	return false;
}

static int read_report(int fd, struct report *r)
{
	size_t have = 0;
	while (have < sizeof *r) {
		ssize_t n = read(fd, (char *)r + have, sizeof *r - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

pid_t net_child_start(const struct net_child_plan *plan, int life, struct err *e)
{
	bool resolves = plan->netns >= 0 && wants(plan->plan, PLAN_DNS);
	int ends[2];
	struct report r;
	if (!resolves && !wants(plan->plan, PLAN_LISTEN))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(e, STEP_INTERNAL, "pipe");
	SCOPED_FD in = ends[0];
	SCOPED_FD out = ends[1];
	pid_t pid = fork();
	if (pid < 0)
		return fail(e, STEP_INTERNAL, "fork");
	if (pid == 0)
		child(plan, resolves, life, out);
	close_fd(&out);
	if (read_report(in, &r) == 0 && r.ready)
		return pid;
	if (e->eno == 0 || r.error.eno != 0)
		*e = r.error;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -1;
}
