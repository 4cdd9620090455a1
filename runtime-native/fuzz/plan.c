/* Launch plans: whatever is accepted can be walked. */
#include "../plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur plan = {(const char *)data, size};
	struct plan_process process;
	struct plan_mount mount;
	struct err e = {0};
	size_t seen = 0;
	if (plan_check(plan, &e) != 0)
		return 0;
	if (!ONE_RECORD(plan, PROCESS, process, &process))
		__builtin_trap();
	struct strs argv = process.argv;
	struct span item;
	for (uint32_t i = 0; i < argv.count; i++)
		if (!cur_str(&argv.items, &item) || item.ptr[item.len] != '\0')
			__builtin_trap();
	EACH_RECORD(plan, MOUNT, mount, mount) {
		seen += strlen(mount.source.ptr) + strlen(mount.target.ptr) + strlen(mount.options.ptr);
	}
	return (plan_namespace_mask(plan) | seen) > size + UINT32_MAX ? -1 : 0;
}
