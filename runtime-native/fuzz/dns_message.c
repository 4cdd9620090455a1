/* Any name table and any question: answers stay in their buffer and repeat the question, and no byte is read past an
 * end. Input: u16 length of the table, the table, then the question; its last byte gives flags and transport. */
#include <stdlib.h>
#include "../dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly these bytes, so that the sanitizer sees a read beyond them. */
static void *copy_of(const uint8_t *data, size_t len)
{
	void *copy = malloc(len > 0 ? len : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	return copy;
}

static void check(const struct dns_exchange *x, enum dns_verdict verdict)
{
	if (x->out_len > DNS_MAX_ANSWER || (verdict == DNS_ANSWERED) != (x->out_len >= DNS_HEADER))
		abort();
	if (verdict == DNS_ANSWERED && (memcmp(x->out, x->msg, 2) != 0 || !(x->out[2] & 0x80)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_table tables[2] = {0};
	if (size < 3)
		return 0;
	size_t table_len = (size_t)(data[0] << 8 | data[1]) % (size - 2);
	size_t len = size - 2 - table_len;
	uint8_t mode = data[size - 1];
	dns_table_load(&tables[1], copy_of(data + 2, table_len), table_len);
	struct dns_zone zone = {.tables = tables, .count = 2, .flags = mode & 3, .seed = 1};
	uint8_t *msg = copy_of(data + 2 + table_len, len);
	uint8_t *out = malloc(DNS_MAX_ANSWER);
	if (out == NULL)
		abort();
	struct dns_exchange x = {.msg = msg, .len = len, .tcp = mode & 4, .out = out};
	enum dns_verdict verdict = dns_answer(&zone, &x);
	check(&x, verdict);
	if (verdict != DNS_DROP)
		dns_answer_empty(&x, DNS_SERVFAIL);
	if (verdict == DNS_ANSWERED && len >= DNS_HEADER)
		(void)dns_reply_matches(msg, len, out, x.out_len);
	(void)dns_reply_matches(msg, len, data, size);
	dns_table_clear(&tables[1]);
	free(msg);
	free(out);
	return 0;
}
