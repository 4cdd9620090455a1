/* Docker's json-file log of the container's output. */
#ifndef GANTRY_LOG_H
#define GANTRY_LOG_H
#include "err.h"

/* Opens the log of the plan, if it has one. */
int log_open(struct cur plan, struct err *e) MUST_CHECK;
/* Takes output as it was read; stream is 1 or 2. Never fails: what a full disk refuses is dropped and counted. */
void log_write(unsigned stream, const char *data, size_t len);
/* Writes what stands without a final newline. */
void log_finish(void);
/* Bytes in the current log file. */
uint64_t log_offset(void);
/* What stands without a final newline and is not in the file yet; gives its length. */
size_t log_unfinished(unsigned stream, const char **data);
/* Lines that could not be written. */
uint64_t log_dropped(void);
/* Gives memory back after a burst. */
void log_relax(void);

/* log_json.c: one line of the file from a piece of output; `out` holds LOG_LINE_ROOM bytes. Gives its length. */
#define LOG_PIECE 16384u
#define LOG_LINE_ROOM (LOG_PIECE * 6 + 128)
struct log_piece {
	const char *data;
	size_t len;
	bool newline; /* the piece ends its line */
	unsigned stream;
	uint64_t time_ns;
};
size_t log_json_line(char *out, const struct log_piece *piece);
#endif
