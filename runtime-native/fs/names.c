/* The names in a folder, in the order of their bytes. */
#include <dirent.h>
#include <string.h>
#include "fs.h"

static int add(struct names *list, size_t *cap, const char *name, struct fs_err *e)
{
	if (list->count == *cap) {
		size_t more = *cap == 0 ? 64 : *cap * 2;
		char **bigger = realloc(list->names, more * sizeof *bigger);
		if (bigger == NULL)
			return fs_fail(e, "memory", name);
		list->names = bigger;
		*cap = more;
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
	DIR *folder = folder_list(dir, e);
	if (folder == NULL)
		return -1;
	size_t cap = 0;
	int result = 0;
	struct dirent *item;
	while (result == 0 && (errno = 0, item = readdir(folder)) != NULL)
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
			result = add(list, &cap, item->d_name, e);
	if (result == 0 && errno != 0)
		result = fs_fail(e, "list", "");
	closedir(folder);
	if (list->count > 0)
		qsort(list->names, list->count, sizeof *list->names, by_bytes);
	return result;
}

void names_free(struct names *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct names){0};
}
