/* The process that forks shims and network helpers for the daemon, and outlives it. */
#ifndef GANTRY_ZYGOTE_H
#define GANTRY_ZYGOTE_H

/* Serves descriptor 3 until it ends, then reaps until no shim is left. Gives the exit status. */
int zygote_main(void);
#endif
