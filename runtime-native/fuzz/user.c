/* passwd and group files with a user: input is the three, parted by NUL bytes. Digits are never taken for a name. */
#include <stdlib.h>
#include "../user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct text part(const char **at, size_t *left)
{
	const char *end = memchr(*at, '\0', *left);
	struct text out = {*at, end != NULL ? (size_t)(end - *at) : *left};
	size_t used = out.len + (end != NULL);
	*at += used;
	*left -= used;
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct user user;
	struct err e = {0};
	if (size == 0)
		return 0;
	const char *at = (const char *)data;
	struct text passwd = part(&at, &size), group = part(&at, &size), spec = part(&at, &size);
	struct plan_process p = {.user = {spec.len > 0 ? spec.ptr : "", (uint32_t)spec.len}};
	if (user_resolve(passwd, group, &p, &user, &e) != 0)
		return 0;
	if (user.uid > 0x7fffffffu || user.gid > 0x7fffffffu || user.group_count == 0 || user.groups[0] != user.gid)
		__builtin_trap();
	bool digits = spec.len > 0 && spec.len < 10;
	for (size_t i = 0; i < spec.len; i++)
		digits = digits && spec.ptr[i] >= '0' && spec.ptr[i] <= '9';
	uid_t number = 0;
	for (size_t i = 0; digits && i < spec.len; i++)
		number = number * 10 + (uid_t)(spec.ptr[i] - '0');
	if (digits && number != user.uid)
		__builtin_trap();
	return 0;
}
