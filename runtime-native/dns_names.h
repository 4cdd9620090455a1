/* Name tables of the resolver: immutable text files that are replaced by rename, read again when they changed.
 * First line `gantry-names 1`, then `NAME IP` lines; names are lower-case, without a dot at the end. A line `+PATH` in
 * the container's own table names a network's table: together they replace those of the launch plan. */
#ifndef GANTRY_DNS_NAMES_H
#define GANTRY_DNS_NAMES_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct dns_entry {
	const char *name;
	uint32_t len;
	uint32_t line;
	int family;
	unsigned char addr[16];
};

#define DNS_MAX_TABLES 33 /* a container's own, then one for each network */
#define DNS_MAX_NAME 64

struct dns_table {
	char file[DNS_MAX_NAME]; /* in the folder of tables; "" = none */
	struct stat seen;
	char *text;
	struct dns_entry *entries; /* sorted by name, then line */
	uint32_t count;
	const char *includes[DNS_MAX_TABLES];
	uint32_t include_count;
};

/* Takes over `text` (malloc'ed, `len` bytes); lines that are malformed are left out. */
void dns_table_load(struct dns_table *t, char *text, size_t len);
/* Reads the file again when it is another than last time and says whether it was; one that went is an empty table. The
 * folder is a descriptor: the path to it is closed to the user the resolver runs as. */
bool dns_table_refresh(struct dns_table *t, int folder);
void dns_table_clear(struct dns_table *t);
/* The entries of a name; NULL when the table does not know it. */
const struct dns_entry *dns_table_find(const struct dns_table *t, const char *name, uint32_t *count);
/* The entry of the first line with this address. */
const struct dns_entry *dns_table_reverse(const struct dns_table *t, int family, const unsigned char *addr);
#endif
