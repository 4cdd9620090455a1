/* Children of this process that it did not fork itself. */
#ifndef GANTRY_ORPHANS_H
#define GANTRY_ORPHANS_H
#include <stdbool.h>
#include <sys/types.h>

/* Sends SIGKILL to every child that `keep` does not know. They are unreaped, so their numbers cannot be stale. */
void orphans_kill(bool (*keep)(pid_t pid));
#endif
