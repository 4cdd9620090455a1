#include "dns_names.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "sys.h"

#define HEADER "gantry-names 1\n"
#define MAX_FILE (8u << 20)
#define MAX_NAME 253u

static size_t addr_len(int family)
{
	return family == AF_INET ? 4 : 16;
}

static int by_name(const void *left, const void *right)
{
	const struct dns_entry *a = left, *b = right;
	int order = memcmp(a->name, b->name, a->len < b->len ? a->len : b->len);
	if (order == 0 && a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (order != 0)
		return order;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* Reads one line (NUL-terminated); false when it is not `NAME IP`. */
static bool read_line(char *line, struct dns_entry *out)
{
	char *space = strchr(line, ' ');
	if (space == NULL || space == line || space - line > (long)MAX_NAME)
		return false;
	out->name = line;
	out->len = (uint32_t)(space - line);
	out->family = strchr(space + 1, ':') != NULL ? AF_INET6 : AF_INET;
	return inet_pton(out->family, space + 1, out->addr) == 1;
}

void dns_table_clear(struct dns_table *t)
{
	free(t->text);
	free(t->entries);
	t->text = NULL;
	t->entries = NULL;
	t->count = t->include_count = 0;
}

void dns_table_load(struct dns_table *t, char *text, size_t len)
{
	size_t lines = 0, head = sizeof HEADER - 1;
	dns_table_clear(t);
	t->text = text;
	if (len < head || memcmp(text, HEADER, head) != 0)
		return;
	for (size_t i = head; i < len; i++)
		lines += text[i] == '\n';
	t->entries = calloc(lines + 1, sizeof *t->entries);
	if (t->entries == NULL)
		return;
	for (char *at = text + head, *end; (end = memchr(at, '\n', (size_t)(text + len - at))) != NULL; at = end + 1) {
		*end = '\0';
		if (*at == '+' && t->include_count < DNS_MAX_TABLES)
			t->includes[t->include_count++] = at + 1;
		t->entries[t->count].line = t->count;
		if (read_line(at, &t->entries[t->count]))
			t->count++;
	}
	qsort(t->entries, t->count, sizeof *t->entries, by_name);
}

static char *read_whole(int fd, size_t size)
{
	char *text = malloc(size + 1);
	size_t have = 0;
	while (text != NULL && have < size) {
		ssize_t n = pread(fd, text + have, size - have, (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			free(text);
			return NULL;
		}
		have += (size_t)n;
	}
	return text;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool dns_table_refresh(struct dns_table *t, int folder)
{
	struct stat now;
	if (t->file[0] == '\0')
		return false;
	if (fstatat(folder, t->file, &now, AT_SYMLINK_NOFOLLOW) != 0) {
		bool went = errno == ENOENT && t->seen.st_ino != 0;
		if (went) {
			dns_table_clear(t);
			memset(&t->seen, 0, sizeof t->seen);
		}
		return went;
	}
	if (same_file(&now, &t->seen))
		return false;
	SCOPED_FD fd = openat(folder, t->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &now) != 0 || !S_ISREG(now.st_mode) || now.st_size > MAX_FILE)
		return false; /* the last good table goes on serving */
	char *text = read_whole(fd, (size_t)now.st_size);
	if (text == NULL)
		return false;
	t->seen = now;
	dns_table_load(t, text, (size_t)now.st_size);
	return true;
}

const struct dns_entry *dns_table_find(const struct dns_table *t, const char *name, uint32_t *count)
{
	struct dns_entry key = {.name = name, .len = (uint32_t)strlen(name)};
	uint32_t low = 0, high = t->count;
	while (low < high) { /* the first entry not below (name, line 0) */
		uint32_t mid = low + (high - low) / 2;
		if (by_name(&t->entries[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*count = 0;
	while (low + *count < t->count) {
		const struct dns_entry *e = &t->entries[low + *count];
		if (e->len != key.len || memcmp(e->name, name, key.len) != 0)
			break;
		++*count;
	}
	return *count > 0 ? &t->entries[low] : NULL;
}

const struct dns_entry *dns_table_reverse(const struct dns_table *t, int family, const unsigned char *addr)
{
	const struct dns_entry *first = NULL;
	for (uint32_t i = 0; i < t->count; i++) {
		const struct dns_entry *e = &t->entries[i];
		if (e->family != family || memcmp(e->addr, addr, addr_len(family)) != 0)
			continue;
		if (first == NULL || e->line < first->line)
			first = e;
	}
	return first;
}
