/* A name and the text of a passwd or group file, parted by a NUL byte: what is found is the number of a line of that
 * name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../fs/owner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its exact size, so that every byte beyond it is noticed. */
static char *string_of(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

static bool begins_line(const char *text, const char *name)
{
	size_t len = strlen(name);
	for (const char *at = text; (at = strstr(at, name)) != NULL; at++) {
		if ((at == text || at[-1] == '\n') && at[len] == ':')
			return true;
		if (*at == '\0')
			return false;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t id = UINT32_MAX;
	char number[16];
	const uint8_t *nul = size == 0 ? NULL : memchr(data, '\0', size);
	size_t len = nul == NULL ? size : (size_t)(nul - data);
	size_t used = nul == NULL ? len : len + 1;
	char *name = string_of(data, len);
	char *text = string_of(data + used, size - used);
	if (owner_in_text(text, name, &id)) {
		snprintf(number, sizeof number, "%u", id);
		if (id == UINT32_MAX || !begins_line(text, name) || strstr(text, number) == NULL)
			abort();
	}
	free(name);
	free(text);
	return 0;
}
