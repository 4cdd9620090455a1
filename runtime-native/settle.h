/* Frees a process from what it inherited, so that nothing of a daemon, a shell or a service manager leaks on. */
#ifndef GANTRY_SETTLE_H
#define GANTRY_SETTLE_H

/* Own session, subreaper, not dumpable, default limits and signals, anonymous keyring, cwd /, no descriptors but
 * 0-2 (/dev/null) and `keep` = 3. */
int settle_process(int keep);
/* All signals default and unblocked. */
int settle_signals(void);
/* Blocks SIGCHLD and gives a signalfd for it; ignores SIGPIPE and SIGHUP. */
int settle_child_signals(void);
#endif
