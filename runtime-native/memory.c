/* Most code of a shim runs once, in prepare. Its pages are shared by all shims, but count for each that has them
 * mapped. */
#include "memory.h"
#include <stdint.h>
#include <sys/mman.h>

extern const char __executable_start[], etext[];

void memory_drop_code(void)
{
	uintptr_t from = ((uintptr_t)__executable_start + 4095) & ~(uintptr_t)4095,
		  to = (uintptr_t)etext & ~(uintptr_t)4095;
	madvise((void *)from, to - from, MADV_DONTNEED);
}
