/* Records for an engine that comes when the shim is gone. */
#ifndef GANTRY_RECORD_H
#define GANTRY_RECORD_H
/* Writes what is known now to <dir>/<name>: "started" or "exit". */
void record_write(const char *name);
#endif
