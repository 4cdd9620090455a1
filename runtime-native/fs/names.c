/* The names in a folder, in the order of their bytes. */
#include <string.h>
#include "fs.h"

/* A list that grows. */
struct growing {
	struct names *list;
	size_t cap;
};

static int add(void *data, const char *name, struct fs_err *e)
{
	struct growing *g = data;
	struct names *list = g->list;
	if (list->count == g->cap) {
		size_t more = g->cap == 0 ? 64 : g->cap * 2;
		char **bigger = realloc(list->names, more * sizeof *bigger);
		if (bigger == NULL)
			return fs_fail(e, "memory", name);
		list->names = bigger;
		g->cap = more;
	}
	list->names[list->count] = strdup(name);
	if (list->names[list->count] == NULL)
		return fs_fail(e, "memory", name);
	list->count++;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int names_sorted(int dir, struct names *list, struct fs_err *e)
{
	struct growing g = {.list = list};
	if (folder_each(dir, add, &g, e) < 0)
		return -1;
	if (list->count > 0)
		qsort(list->names, list->count, sizeof *list->names, by_bytes);
	return 0;
}

void names_free(struct names *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct names){0};
}
