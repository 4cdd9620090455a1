/* The framing of messages, and the bodies a shim and the zygote take. */
#include "../message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const struct request *r)
{
	struct cur body = r->body;
	struct msg_launch launch;
	struct msg_signal sig;
	struct msg_exec_prepare prepare;
	if (msg_launch_parse(&body, &launch) && launch.dir.ptr[launch.dir.len] != '\0')
		__builtin_trap();
	body = r->body;
	if (msg_signal_parse(&body, &sig) && strlen(sig.exec.ptr) != sig.exec.len)
		__builtin_trap();
	body = r->body;
	if (msg_exec_prepare_parse(&body, &prepare) && prepare.plan.len > r->body.left)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request r;
	size_t at = 0, used = 0;
	while (request_next((const char *)data + at, size - at, &r, &used) == 1) {
		if (used > size - at || used < MESSAGE_HEAD)
			__builtin_trap();
		parse(&r);
		at += used;
	}
	return 0;
}
