#include "xattrs.h"
#include <string.h>

bool xattr_allowed(const char *name)
{
	if (strcmp(name, "security.capability") == 0 || strcmp(name, "system.posix_acl_access") == 0 ||
		strcmp(name, "system.posix_acl_default") == 0)
		return true;
	return strncmp(name, "user.", 5) == 0 && strncmp(name, "user.overlay.", 13) != 0;
}
