/* Checks launch plans. */
#include "plan.h"
#include "sys.h"

#define RECORD(TYPE, type)                                                                                             \
	case PLAN_##TYPE: {                                                                                            \
		struct plan_##type record;                                                                             \
		return plan_##type##_parse(&body, &record);                                                            \
	}

static bool record_ok(uint16_t type, struct cur body)
{
	switch (type) {
		RECORD(CONTAINER, container)
		RECORD(PROCESS, process)
		RECORD(RLIMIT, rlimit)
		RECORD(CAPS, caps)
		RECORD(SECCOMP, seccomp)
		RECORD(NAMESPACES, namespaces)
		RECORD(JOIN, join)
		RECORD(HOSTNAME, hostname)
		RECORD(LAYER, layer)
		RECORD(OVERLAY, overlay)
		RECORD(MOUNT, mount)
		RECORD(MASK, mask)
		RECORD(READONLY_PATH, readonly_path)
		RECORD(DEVICE, device)
		RECORD(SYMLINK, symlink)
		RECORD(SYSCTL, sysctl)
		RECORD(CGROUP, cgroup)
		RECORD(CGROUP_FILE, cgroup_file)
		RECORD(CGROUP_DEVICES, cgroup_devices)
		RECORD(OOM_WATCH, oom_watch)
		RECORD(ENDPOINT, endpoint)
		RECORD(DNS, dns)
		RECORD(DNS_UPSTREAM, dns_upstream)
		RECORD(LISTEN, listen)
		RECORD(LOG, log)
	default:
		return false;
	}
}

int plan_check(struct cur plan, struct err *e)
{
	struct cur at = plan, body;
	struct plan_process process;
	struct plan_caps caps;
	uint16_t type;
	while (cur_record(&at, &type, &body))
		if (!record_ok(type, body))
			return fail_with(e, STEP_PLAN, EBADMSG, "record");
	if (!cur_end(&at))
		return fail_with(e, STEP_PLAN, EBADMSG, "cut short");
	/* without a caps record a process would keep all capabilities: never by omission */
	if (!ONE_RECORD(plan, PROCESS, process, &process) || !ONE_RECORD(plan, CAPS, caps, &caps))
		return fail_with(e, STEP_PLAN, EBADMSG, "process or caps missing");
	if (process.argv.count == 0)
		return fail_with(e, STEP_PLAN, EINVAL, "argv");
	return 0;
}

uint32_t plan_namespace_mask(struct cur plan)
{
	struct plan_namespaces namespaces = {0};
	struct plan_join join;
	ONE_RECORD(plan, NAMESPACES, namespaces, &namespaces);
	uint32_t mask = namespaces.create;
	EACH_RECORD(plan, JOIN, join, join)
		mask |= join.type;
	return mask;
}
