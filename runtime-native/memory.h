/* Giving memory back, so that a shim that only waits is small. */
#ifndef GANTRY_MEMORY_H
#define GANTRY_MEMORY_H
/* Unmaps the pages of program code; those that are run again come back from the page cache. */
void memory_drop_code(void);
#endif
