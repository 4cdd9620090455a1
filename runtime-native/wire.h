/* Reading and writing the encodings of src/engine/shim/records.ts. A cursor never reads past its end;
 * a `str` is followed by a NUL, so its pointer can be used as a C string after parsing. */
#ifndef GANTRY_WIRE_H
#define GANTRY_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *ptr;
	uint32_t len;
};

/* What is left to read. */
struct cur {
	const char *ptr;
	size_t left;
};

/* A list of strings, checked while it was parsed; walk it with a copy of `items` and cur_str. */
struct strs {
	uint32_t count;
	struct cur items;
};

static inline bool cur_take(struct cur *in, void *out, size_t len)
{
	if (in->left < len)
		return false;
	memcpy(out, in->ptr, len);
	in->ptr += len;
	in->left -= len;
	return true;
}

static inline bool cur_u16(struct cur *in, uint16_t *out)
{
	return cur_take(in, out, sizeof *out);
}

static inline bool cur_u32(struct cur *in, uint32_t *out)
{
	return cur_take(in, out, sizeof *out);
}

static inline bool cur_i32(struct cur *in, int32_t *out)
{
	return cur_take(in, out, sizeof *out);
}

static inline bool cur_u64(struct cur *in, uint64_t *out)
{
	return cur_take(in, out, sizeof *out);
}

static inline bool cur_bytes(struct cur *in, struct span *out)
{
	if (!cur_u32(in, &out->len) || in->left < out->len)
		return false;
	out->ptr = in->ptr;
	in->ptr += out->len;
	in->left -= out->len;
	return true;
}

static inline bool cur_str(struct cur *in, struct span *out)
{
	if (!cur_bytes(in, out) || in->left < 1 || in->ptr[0] != '\0')
		return false;
	if (memchr(out->ptr, '\0', out->len) != NULL)
		return false;
	in->ptr += 1;
	in->left -= 1;
	return true;
}

static inline bool cur_strs(struct cur *in, struct strs *out)
{
	if (!cur_u32(in, &out->count))
		return false;
	out->items = *in;
	for (uint32_t i = 0; i < out->count; i++) {
		struct span item;
		if (!cur_str(in, &item))
			return false;
	}
	return true;
}

static inline bool cur_end(const struct cur *in)
{
	return in->left == 0;
}

/* One record of a plan: its type and a cursor over its body. False at the end or when cut short (then left != 0). */
static inline bool cur_record(struct cur *in, uint16_t *type, struct cur *body)
{
	uint16_t zero;
	uint32_t len;
	struct cur probe = *in;
	if (!cur_u16(&probe, type) || !cur_u16(&probe, &zero) || !cur_u32(&probe, &len) || probe.left < len)
		return false;
	body->ptr = probe.ptr;
	body->left = len;
	in->ptr = probe.ptr + len;
	in->left = probe.left - len;
	return true;
}

#endif
