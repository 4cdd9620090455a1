/* Walking a launch plan. It is checked once as a whole; afterwards every record of it parses. */
#ifndef GANTRY_PLAN_H
#define GANTRY_PLAN_H
#include "err.h"

/* True when every record is known and well-formed and a process and caps record stand in it. */
int plan_check(struct cur plan, struct err *e) MUST_CHECK;

/* Moves to the next record of `type`. */
static inline bool plan_find(struct cur *plan, uint16_t type, struct cur *body)
{
	uint16_t at;
	while (cur_record(plan, &at, body))
		if (at == type)
			return true;
	return false;
}

/* A loop over the records of one kind: EACH_RECORD(plan, MOUNT, mount, m) runs with each struct plan_mount m. */
#define EACH_RECORD(plan, TYPE, type, record)                                                                          \
	for (struct cur record##_at = (plan), record##_body; plan_find(&record##_at, PLAN_##TYPE, &record##_body) &&   \
							     plan_##type##_parse(&record##_body, &(record));)

/* The only record of a kind; false when there is none. */
#define ONE_RECORD(plan, TYPE, type, record)                                                                           \
	({                                                                                                             \
		struct cur plan_at = (plan), plan_body;                                                                \
		plan_find(&plan_at, PLAN_##TYPE, &plan_body) && plan_##type##_parse(&plan_body, (record));             \
	})

/* The namespaces (CLONE_NEW* mask) that the container does not share with the shim: created and joined. */
uint32_t plan_namespace_mask(struct cur plan);
#endif
