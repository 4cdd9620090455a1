/* Device rules of cgroup v2: the plan brings the program, this loads and attaches it. */
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include "cgroup.h"
#include "sys.h"

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof *attr);
}

int cgroup_bpf_attach(int dir, const struct span *program)
{
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_cnt = program->len / (uint32_t)sizeof(struct bpf_insn),
		.license = (uintptr_t) "Apache-2.0",
	};
	struct bpf_insn insns[1024];
	if (program->len == 0 || program->len > sizeof insns || program->len % sizeof(struct bpf_insn) != 0) {
		errno = EINVAL;
		return -1;
	}
	memcpy(insns, program->ptr, program->len); /* the plan's bytes are not aligned */
	load.insns = (uintptr_t)insns;
	SCOPED_FD loaded = bpf(BPF_PROG_LOAD, &load);
	if (loaded < 0)
		return -1;
	union bpf_attr attach = {
		.target_fd = (uint32_t)dir,
		.attach_bpf_fd = (uint32_t)loaded,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	return bpf(BPF_PROG_ATTACH, &attach);
}
