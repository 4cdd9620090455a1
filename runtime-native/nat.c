#include "nat.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <sys/wait.h>
#include <time.h>
#include "netlink.h"

#define LO_INDEX 1u
#define IP_SADDR 12
#define IP_DADDR 16
#define SPORT 0
#define DPORT 2

static void begin(struct nl_batch *b, uint16_t msg, uint16_t flags)
{
	struct nfgenmsg head = {.nfgen_family = NFPROTO_IPV4, .version = NFNETLINK_V0};
	nl_begin(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | msg), (uint16_t)(flags | NLM_F_ACK));
	nl_head(b, &head, sizeof head);
}

/* Begins or ends the transaction: all of it comes true, or nothing. */
static void bracket(struct nl_batch *b, uint16_t msg)
{
	struct nfgenmsg head = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
	nl_begin(b, msg, 0);
	nl_head(b, &head, sizeof head);
}

static void put_table(struct nl_batch *b, uint16_t msg, const char *table)
{
	begin(b, msg, msg == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
	nl_put_str(b, NFTA_TABLE_NAME, table);
}

/* A chain on a netfilter hook of IPv4. */
struct chain {
	const char *table, *name, *type;
	uint32_t hook;
	int32_t priority;
};

static void put_chain(struct nl_batch *b, const struct chain *c)
{
	begin(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nl_put_str(b, NFTA_CHAIN_TABLE, c->table);
	nl_put_str(b, NFTA_CHAIN_NAME, c->name);
	size_t hook = nl_nest(b, NFTA_CHAIN_HOOK);
	nl_put_be32(b, NFTA_HOOK_HOOKNUM, c->hook);
	nl_put_be32(b, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
	nl_nest_end(b, hook);
	nl_put_str(b, NFTA_CHAIN_TYPE, c->type);
	nl_put_be32(b, NFTA_CHAIN_POLICY, NF_ACCEPT);
}

/* The open nests of a rule and of the expression being built. */
struct rule {
	struct nl_batch *b;
	size_t list, elem, data;
};

static struct rule rule_begin(struct nl_batch *b, const struct chain *c)
{
	struct rule r = {.b = b};
	begin(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nl_put_str(b, NFTA_RULE_TABLE, c->table);
	nl_put_str(b, NFTA_RULE_CHAIN, c->name);
	r.list = nl_nest(b, NFTA_RULE_EXPRESSIONS);
	return r;
}

static void rule_end(const struct rule *r)
{
	nl_nest_end(r->b, r->list);
}

static void expr_begin(struct rule *r, const char *name)
{
	r->elem = nl_nest(r->b, NFTA_LIST_ELEM);
	nl_put_str(r->b, NFTA_EXPR_NAME, name);
	r->data = nl_nest(r->b, NFTA_EXPR_DATA);
}

static void expr_end(const struct rule *r)
{
	nl_nest_end(r->b, r->data);
	nl_nest_end(r->b, r->elem);
}

static void put_value(struct nl_batch *b, uint16_t type, struct nl_view value)
{
	size_t nest = nl_nest(b, type);
	nl_put(b, NFTA_DATA_VALUE, value.ptr, value.len);
	nl_nest_end(b, nest);
}

static void put_cmp(struct rule *r, uint32_t op, struct nl_view value)
{
	expr_begin(r, "cmp");
	nl_put_be32(r->b, NFTA_CMP_SREG, NFT_REG_1);
	nl_put_be32(r->b, NFTA_CMP_OP, op);
	put_value(r->b, NFTA_CMP_DATA, value);
	expr_end(r);
}

/* Matches bytes of the network or transport header. */
static void match_payload(struct rule *r, uint32_t base, uint32_t offset, struct nl_view value)
{
	expr_begin(r, "payload");
	nl_put_be32(r->b, NFTA_PAYLOAD_DREG, NFT_REG_1);
	nl_put_be32(r->b, NFTA_PAYLOAD_BASE, base);
	nl_put_be32(r->b, NFTA_PAYLOAD_OFFSET, offset);
	nl_put_be32(r->b, NFTA_PAYLOAD_LEN, (uint32_t)value.len);
	expr_end(r);
	put_cmp(r, NFT_CMP_EQ, value);
}

static void match_meta(struct rule *r, uint32_t key, uint32_t op, struct nl_view value)
{
	expr_begin(r, "meta");
	nl_put_be32(r->b, NFTA_META_DREG, NFT_REG_1);
	nl_put_be32(r->b, NFTA_META_KEY, key);
	expr_end(r);
	put_cmp(r, op, value);
}

static void put_immediate(struct rule *r, uint32_t reg, struct nl_view value)
{
	expr_begin(r, "immediate");
	nl_put_be32(r->b, NFTA_IMMEDIATE_DREG, reg);
	put_value(r->b, NFTA_IMMEDIATE_DATA, value);
	expr_end(r);
}

static void put_drop(struct rule *r)
{
	expr_begin(r, "immediate");
	nl_put_be32(r->b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	size_t data = nl_nest(r->b, NFTA_IMMEDIATE_DATA);
	size_t verdict = nl_nest(r->b, NFTA_DATA_VERDICT);
	nl_put_be32(r->b, NFTA_VERDICT_CODE, NF_DROP);
	nl_nest_end(r->b, verdict);
	nl_nest_end(r->b, data);
	expr_end(r);
}

/* Sends what put_* built between two brackets. */
static int commit_by(int sock, struct nl_batch *b, const char *table, struct err *e)
{
	bracket(b, NFNL_MSG_BATCH_END);
	return sock < 0 ? -1 : nl_run(sock, b, STEP_NAT, table, e);
}

static int commit(struct nl_batch *b, const char *table, struct err *e)
{
	SCOPED_FD sock = nl_open(NETLINK_NETFILTER, STEP_NAT, e);
	return commit_by(sock, b, table, e);
}

/* For a process that ends behind its answer: closing the socket waits 10 to 25 ms for the kernel to clear up behind the
 * transaction, and the answer need not. */
static int commit_and_leave(struct nl_batch *b, const char *table, struct err *e)
{
	return commit_by(nl_open(NETLINK_NETFILTER, STEP_NAT, e), b, table, e);
}

static void put_guard_rule(struct nl_batch *b, const struct chain *c, uint32_t offset)
{
	const uint32_t lo = LO_INDEX;
	const unsigned char loopback = 127;
	struct rule r = rule_begin(b, c);
	match_meta(&r, NFT_META_IIF, NFT_CMP_NEQ, (struct nl_view){(const unsigned char *)&lo, sizeof lo});
	match_payload(&r, NFT_PAYLOAD_NETWORK_HEADER, offset, (struct nl_view){&loopback, 1});
	put_drop(&r);
	rule_end(&r);
}

static int write_guard(const char *table, bool replace, struct err *e)
{
	const struct chain c = {table, "prerouting", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW};
	struct nl_batch b;
	nl_reset(&b);
	bracket(&b, NFNL_MSG_BATCH_BEGIN);
	if (replace)
		put_table(&b, NFT_MSG_DELTABLE, table);
	begin(&b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	nl_put_str(&b, NFTA_TABLE_NAME, table);
	put_chain(&b, &c);
	put_guard_rule(&b, &c, IP_DADDR);
	put_guard_rule(&b, &c, IP_SADDR);
	return commit_and_leave(&b, table, e);
}

/* Deletes nothing where nothing stands: while the kernel clears up behind a deletion, no link can be made. */
int nat_guard_add(const char *table, struct err *e)
{
	if (write_guard(table, false, e) == 0)
		return 0;
	return e->eno == EEXIST ? write_guard(table, true, e) : -1;
}

int nat_guard_del(const char *table, struct err *e)
{
	struct nl_batch b;
	nl_reset(&b);
	bracket(&b, NFNL_MSG_BATCH_BEGIN);
	put_table(&b, NFT_MSG_DELTABLE, table);
	return commit_and_leave(&b, table, e) < 0 && e->eno != ENOENT ? -1 : 0;
}

static bool policy_changed;

void nat_linger(void)
{
	const struct timespec clearing = {.tv_nsec = 40 * 1000 * 1000};
	if (policy_changed)
		nanosleep(&clearing, NULL);
}

/* By itself, since iptables-nft-restore waits at its end for the kernel to clear up behind a changed policy. */
int nat_forward_policy(bool ipv6, bool accept, struct err *e)
{
	struct nfgenmsg head = {.nfgen_family = ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4, .version = NFNETLINK_V0};
	struct nl_batch b;
	nl_reset(&b);
	bracket(&b, NFNL_MSG_BATCH_BEGIN);
	nl_begin(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN, NLM_F_ACK);
	nl_head(&b, &head, sizeof head);
	nl_put_str(&b, NFTA_CHAIN_TABLE, "filter");
	nl_put_str(&b, NFTA_CHAIN_NAME, "FORWARD");
	nl_put_be32(&b, NFTA_CHAIN_POLICY, accept ? NF_ACCEPT : NF_DROP);
	policy_changed = true;
	return commit_and_leave(&b, "filter", e);
}

/* One translation of the resolver: what to match and what to put instead. */
struct translation {
	uint32_t type; /* NFT_NAT_* */
	uint8_t proto;
	uint32_t addr_offset, port_offset;
	uint16_t from, to;
};

static void put_translation(struct nl_batch *b, const struct chain *c, const struct translation *t)
{
	static const unsigned char resolver[4] = {127, 0, 0, 11};
	const struct nl_view addr = {resolver, sizeof resolver};
	const uint16_t from = htons(t->from), to = htons(t->to);
	struct rule r = rule_begin(b, c);
	match_payload(&r, NFT_PAYLOAD_NETWORK_HEADER, t->addr_offset, addr);
	match_meta(&r, NFT_META_L4PROTO, NFT_CMP_EQ, (struct nl_view){&t->proto, 1});
	match_payload(
		&r, NFT_PAYLOAD_TRANSPORT_HEADER, t->port_offset, (struct nl_view){(const unsigned char *)&from, 2});
	put_immediate(&r, NFT_REG_1, addr);
	put_immediate(&r, NFT_REG_2, (struct nl_view){(const unsigned char *)&to, 2});
	expr_begin(&r, "nat");
	nl_put_be32(b, NFTA_NAT_TYPE, t->type);
	nl_put_be32(b, NFTA_NAT_FAMILY, NFPROTO_IPV4);
	nl_put_be32(b, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	nl_put_be32(b, NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
	expr_end(&r);
	rule_end(&r);
}

#define DNS_TABLE "gantry-dns"

static int dns_by_nftables(uint16_t udp_port, uint16_t tcp_port, struct err *e)
{
	const struct chain out = {DNS_TABLE, "output", "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST};
	const struct chain post = {DNS_TABLE, "postrouting", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC};
	struct nl_batch b;
	nl_reset(&b);
	bracket(&b, NFNL_MSG_BATCH_BEGIN);
	put_table(&b, NFT_MSG_NEWTABLE, DNS_TABLE);
	put_chain(&b, &out);
	put_chain(&b, &post);
	put_translation(&b, &out, &(struct translation){NFT_NAT_DNAT, IPPROTO_UDP, IP_DADDR, DPORT, 53, udp_port});
	put_translation(&b, &out, &(struct translation){NFT_NAT_DNAT, IPPROTO_TCP, IP_DADDR, DPORT, 53, tcp_port});
	put_translation(&b, &post, &(struct translation){NFT_NAT_SNAT, IPPROTO_UDP, IP_SADDR, SPORT, udp_port, 53});
	put_translation(&b, &post, &(struct translation){NFT_NAT_SNAT, IPPROTO_TCP, IP_SADDR, SPORT, tcp_port, 53});
	return commit(&b, DNS_TABLE, e);
}

/* Becomes a restore program, wherever it is installed. Only comes back when it is nowhere. */
static void exec_restore(const char *program, int in)
{
	static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"};
	char *const env[] = {NULL};
	char path[PATH_MAX];
	char *const argv[] = {(char *)program, (char *)"--noflush", (char *)"-w", NULL};
	if (dup2(in, STDIN_FILENO) != STDIN_FILENO)
		return;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", folders[i], program);
		execve(path, argv, env);
	}
}

/* Runs a restore program with the text on its stdin (a pipe: the text is far below its capacity). */
static int run_restore(const char *program, const char *text, struct err *e)
{
	int ends[2], status;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(e, STEP_NAT, "pipe");
	SCOPED_FD in = ends[0];
	SCOPED_FD out = ends[1];
	if (write(out, text, strlen(text)) != (ssize_t)strlen(text))
		return fail(e, STEP_NAT, "pipe");
	pid_t pid = fork();
	if (pid < 0)
		return fail(e, STEP_NAT, "fork");
	if (pid == 0) {
		exec_restore(program, in);
		_exit(127);
	}
	close_fd(&out);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(e, STEP_NAT, program);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail_with(e, STEP_NAT, WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ENOENT : EIO, program);
	return 0;
}

/* Inserted, not appended: rules of a resolver that died may stand there, and must not be met first. */
static int dns_by_iptables(uint16_t udp_port, uint16_t tcp_port, struct err *e)
{
	char text[640];
	int len = snprintf(text, sizeof text,
		"*nat\n"
		"-I OUTPUT -d 127.0.0.11/32 -p udp --dport 53 -j DNAT --to-destination 127.0.0.11:%u\n"
		"-I OUTPUT -d 127.0.0.11/32 -p tcp --dport 53 -j DNAT --to-destination 127.0.0.11:%u\n"
		"-I POSTROUTING -s 127.0.0.11/32 -p udp --sport %u -j SNAT --to-source 127.0.0.11:53\n"
		"-I POSTROUTING -s 127.0.0.11/32 -p tcp --sport %u -j SNAT --to-source 127.0.0.11:53\n"
		"COMMIT\n",
		udp_port, tcp_port, udp_port, tcp_port);
	if (len < 0 || (size_t)len >= sizeof text)
		return fail_with(e, STEP_NAT, EMSGSIZE, "rules");
	if (run_restore("iptables-legacy-restore", text, e) == 0)
		return 0;
	return e->eno == ENOENT ? run_restore("iptables-restore", text, e) : -1;
}

int nat_dns_install(uint16_t udp_port, uint16_t tcp_port, struct err *e)
{
	if (dns_by_nftables(udp_port, tcp_port, e) == 0)
		return 0;
	switch (e->eno) {
	case EPROTONOSUPPORT: /* no netfilter netlink */
	case EOPNOTSUPP:
	case EINVAL: /* nfnetlink without nf_tables */
	case ENOENT:
		return dns_by_iptables(udp_port, tcp_port, e);
	default:
		return -1;
	}
}

void nat_dns_forget(void)
{
	struct err ignored = {0};
	if (nat_guard_del(DNS_TABLE, &ignored) != 0)
		return; /* without nf_tables there is none */
}
