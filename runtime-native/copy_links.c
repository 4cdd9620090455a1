/* A table of files with several names. What another container does meanwhile to a volume that both have can only make
 * a link fail or lead to another file of that volume. */
#include "copy_links.h"
#include <stdlib.h>
#include <string.h>
#include "in_root.h"

#define BUCKETS 4096u
#define MAX_KNOWN 262144u /* further files with several names are copied once for each */

struct known {
	struct known *next;
	dev_t dev;
	ino_t ino;
	char path[];
};

static struct known *buckets[BUCKETS];
static unsigned known_count;
static char path[PATH_MAX];
static unsigned path_len; /* PATH_MAX and more: too long to be told */

unsigned copy_links_enter(const char *name)
{
	unsigned before = path_len;
	size_t len = strlen(name);
	if (before + len + 2 > sizeof path) {
		path_len = sizeof path;
		return before;
	}
	path[path_len++] = '/';
	memcpy(path + path_len, name, len + 1);
	path_len += (unsigned)len;
	return before;
}

void copy_links_leave(unsigned before)
{
	path_len = before;
	if (before < sizeof path)
		path[before] = '\0';
}

void copy_links_begin(void)
{
	memset(buckets, 0, sizeof buckets);
	known_count = 0;
	copy_links_leave(0);
}

static struct known **bucket_of(const struct stat *st)
{
	return &buckets[(st->st_ino ^ st->st_dev) % BUCKETS];
}

void copy_links_note(const struct stat *st)
{
	if (st->st_nlink < 2 || path_len >= sizeof path || known_count == MAX_KNOWN)
		return;
	struct known *k = malloc(sizeof *k + path_len + 1);
	if (k == NULL)
		return;
	struct known **bucket = bucket_of(st);
	k->dev = st->st_dev;
	k->ino = st->st_ino;
	memcpy(k->path, path, path_len + 1);
	k->next = *bucket;
	*bucket = k;
	known_count++;
}

bool copy_links_make(int root, const struct stat *st, int into, const char *name)
{
	const struct known *k = st->st_nlink < 2 ? NULL : *bucket_of(st);
	const char *last;
	while (k != NULL && (k->ino != st->st_ino || k->dev != st->st_dev))
		k = k->next;
	if (k == NULL)
		return false;
	SCOPED_FD dir = in_root_parent(root, k->path, &last);
	return dir >= 0 && linkat(dir, last, into, name, 0) == 0;
}
