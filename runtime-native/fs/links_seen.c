/* An open hash table by device and inode; a free slot has no path. */
#include "links_seen.h"
#include <string.h>

static struct link_seen *slot_of(const struct links_seen *s, dev_t device, ino_t inode)
{
	size_t at = (size_t)((inode ^ (device << 32)) * UINT64_C(0x9e3779b97f4a7c15)) & (s->cap - 1);
	while (s->slots[at].path != NULL && (s->slots[at].inode != inode || s->slots[at].device != device))
		at = (at + 1) & (s->cap - 1);
	return &s->slots[at];
}

static int grow(struct links_seen *s, struct fs_err *e)
{
	struct links_seen bigger = {.cap = s->cap == 0 ? 256 : s->cap * 2, .used = s->used};
	bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
	if (bigger.slots == NULL)
		return fs_fail(e, "memory", "");
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i].path != NULL)
			*slot_of(&bigger, s->slots[i].device, s->slots[i].inode) = s->slots[i];
	free(s->slots);
	*s = bigger;
	return 0;
}

int links_seen(struct links_seen *s, const struct stat *st, const char *path, const char **first, struct fs_err *e)
{
	if (s->used * 2 >= s->cap && grow(s, e) < 0)
		return -1;
	struct link_seen *slot = slot_of(s, st->st_dev, st->st_ino);
	*first = slot->path;
	if (slot->path != NULL)
		return 0;
	*slot = (struct link_seen){.device = st->st_dev, .inode = st->st_ino, .path = strdup(path)};
	s->used++;
	return slot->path == NULL ? fs_fail(e, "memory", path) : 0;
}

void links_seen_free(struct links_seen *s)
{
	for (size_t i = 0; i < s->cap; i++)
		free(s->slots[i].path);
	free(s->slots);
	*s = (struct links_seen){0};
}
