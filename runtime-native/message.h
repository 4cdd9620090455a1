/* Builds the messages of src/engine/shim/records.ts. A builder that runs out of room is `broken` and sends nothing. */
#ifndef GANTRY_MESSAGE_H
#define GANTRY_MESSAGE_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "err.h"

#define MESSAGE_ROOM 1024u /* more than any reply or event needs */
#define MESSAGE_HEAD 12u

struct message {
	uint32_t used;
	bool broken;
	char data[MESSAGE_ROOM];
};

static inline void put_bytes(struct message *m, const void *data, size_t len)
{
	if (len > sizeof m->data - m->used) {
		m->broken = true;
		return;
	}
	memcpy(m->data + m->used, data, len);
	m->used += (uint32_t)len;
}

static inline void put_u32(struct message *m, uint32_t value)
{
	put_bytes(m, &value, sizeof value);
}

static inline void put_u64(struct message *m, uint64_t value)
{
	put_bytes(m, &value, sizeof value);
}

static inline void put_str(struct message *m, const char *text)
{
	put_u32(m, (uint32_t)strlen(text));
	put_bytes(m, text, strlen(text) + 1);
}

static inline void message_begin(struct message *m, uint16_t type, uint32_t id)
{
	m->used = sizeof(uint32_t); /* the length is put in by message_end */
	m->broken = false;
	put_bytes(m, &type, sizeof type);
	put_bytes(m, &(uint16_t){0}, sizeof(uint16_t));
	put_u32(m, id);
}

static inline void message_end(struct message *m)
{
	uint32_t length = m->used - (uint32_t)sizeof(uint32_t);
	memcpy(m->data, &length, sizeof length);
}

static inline void message_failed(struct message *m, uint32_t id, const struct err *e)
{
	message_begin(m, MSG_FAILED, id);
	put_u32(m, e->step);
	put_u32(m, e->eno);
	put_str(m, e->path);
	message_end(m);
}

static inline void message_empty(struct message *m, uint16_t type, uint32_t id)
{
	message_begin(m, type, id);
	message_end(m);
}

/* One message as it came in. */
struct request {
	uint16_t type;
	uint32_t id;
	struct cur body;
};

/* Cuts the next message off a buffer: 1 = got one (`*size` bytes), 0 = incomplete, -1 = impossible length. */
static inline int request_next(const char *data, size_t len, struct request *out, size_t *size)
{
	struct cur in = {data, len};
	uint32_t length;
	uint16_t zero;
	if (!cur_u32(&in, &length))
		return 0;
	if (length < MESSAGE_HEAD - sizeof length || length > MAX_MESSAGE)
		return -1;
	if (in.left < length)
		return 0;
	in.left = length;
	if (!cur_u16(&in, &out->type) || !cur_u16(&in, &zero) || !cur_u32(&in, &out->id))
		return -1;
	out->body = in;
	*size = sizeof length + length;
	return 1;
}
#endif
