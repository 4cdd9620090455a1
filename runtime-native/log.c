/* Writes the container's output to the json-file log, with rotation. Lines are cut at 16 KiB; the pieces of a line
 * share the time of its first. */
#include "log.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "plan.h"
#include "sys.h"

#define OUT_FLUSH 32768u

struct line {
	uint32_t used;
	bool continued; /* an earlier piece of this line is written */
	uint64_t time_ns;
	char data[LOG_PIECE];
};

static struct {
	bool open;
	int dir, fd;
	char name[256];
	uint64_t max_size, size, dropped;
	uint32_t max_files;
	size_t out_used, out_lines;
	struct line lines[2];
	char out[OUT_FLUSH + LOG_LINE_ROOM] __attribute__((aligned(4096)));
} logger; /* all zero, so that it takes no room in the file; `open` says that dir and fd count */

static int open_file(void)
{
	struct stat st;
	SCOPED_FD fd = openat(
		logger.dir, logger.name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
	if (fd < 0 || fstat(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	logger.size = (uint64_t)st.st_size;
	logger.fd = take_fd(&fd);
	return 0;
}

int log_open(struct cur plan, struct err *e)
{
	char dir[PATH_MAX];
	struct plan_log l;
	if (!ONE_RECORD(plan, LOG, log, &l))
		return 0;
	const char *slash = strrchr(l.path.ptr, '/');
	if (slash == NULL || (size_t)(slash - l.path.ptr) >= sizeof dir || strlen(slash + 1) >= sizeof logger.name)
		return fail_with(e, STEP_LOG, EINVAL, l.path.ptr);
	snprintf(dir, sizeof dir, "%.*s/", (int)(slash - l.path.ptr), l.path.ptr);
	snprintf(logger.name, sizeof logger.name, "%s", slash + 1);
	logger.max_size = l.max_size;
	logger.max_files = l.max_files;
	logger.dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	logger.open = logger.dir >= 0 && open_file() == 0;
	return logger.open ? 0 : fail(e, STEP_LOG, l.path.ptr);
}

static void name_of(char *out, size_t room, uint32_t number)
{
	if (number == 0)
		snprintf(out, room, "%s", logger.name);
	else
		snprintf(out, room, "%s.%u", logger.name, number);
}

/* log → log.1 → … → log.(max_files-1); with a single file it is emptied. */
static void rotate(void)
{
	char from[300], to[300];
	if (logger.max_files < 2) {
		if (ftruncate(logger.fd, 0) == 0)
			logger.size = 0;
		return;
	}
	for (uint32_t i = logger.max_files < 1000 ? logger.max_files - 1 : 999; i > 0; i--) {
		name_of(from, sizeof from, i - 1);
		name_of(to, sizeof to, i);
		if (renameat(logger.dir, from, logger.dir, to) != 0 && errno != ENOENT)
			return; /* goes on in the old file and tries again with the next line */
	}
	int old = logger.fd;
	if (open_file() == 0)
		close(old);
	else
		logger.fd = old;
}

/* A line is in the file as a whole or not at all, so that it can always be parsed. */
static void flush_lines(void)
{
	if (logger.out_used > 0 && write_all(logger.fd, logger.out, logger.out_used) == 0) {
		logger.size += logger.out_used;
	} else if (logger.out_used > 0) {
		logger.dropped += logger.out_lines;
		if (ftruncate(logger.fd, (off_t)logger.size) != 0)
			logger.dropped++;
	}
	logger.out_used = logger.out_lines = 0;
	if (logger.max_size > 0 && logger.size >= logger.max_size)
		rotate();
}

static void add_piece(unsigned stream, const char *data, size_t len, bool newline)
{
	struct line *line = &logger.lines[stream - 1];
	struct log_piece piece = {data, len, newline, stream, line->time_ns};
	logger.out_used += log_json_line(logger.out + logger.out_used, &piece);
	logger.out_lines++;
	line->used = 0;
	line->continued = !newline;
	if (logger.out_used >= OUT_FLUSH || (logger.max_size > 0 && logger.size + logger.out_used >= logger.max_size))
		flush_lines();
}

/* Up to three bytes at the end that begin a character are left for the next piece. */
static size_t whole_characters(const char *data, size_t len)
{
	for (size_t back = 1; back <= 3 && back < len; back++) {
		unsigned char c = (unsigned char)data[len - back];
		if (c >= 0xc0)
			return back < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) ? len - back : len;
		if (c < 0x80)
			return len;
	}
	return len;
}

static void add_full(unsigned stream)
{
	struct line *line = &logger.lines[stream - 1];
	size_t len = whole_characters(line->data, line->used), rest = line->used - len;
	add_piece(stream, line->data, len, false);
	memmove(line->data, line->data + len, rest);
	line->used = (uint32_t)rest;
}

static size_t add_some(unsigned stream, const char *data, size_t len)
{
	struct line *line = &logger.lines[stream - 1];
	const char *end = memchr(data, '\n', len);
	size_t part = end != NULL ? (size_t)(end - data) : len;
	if (line->used == 0 && end != NULL && part <= LOG_PIECE) { /* the usual case: no copy */
		add_piece(stream, data, part, true);
		return part + 1;
	}
	if (part > LOG_PIECE - line->used)
		part = LOG_PIECE - line->used, end = NULL;
	memcpy(line->data + line->used, data, part);
	line->used += (uint32_t)part;
	if (end != NULL)
		add_piece(stream, line->data, line->used, true);
	else if (line->used == LOG_PIECE)
		add_full(stream);
	return part + (end != NULL);
}

void log_write(unsigned stream, const char *data, size_t len)
{
	uint64_t now = now_ns(CLOCK_REALTIME);
	struct line *line = &logger.lines[stream - 1];
	if (!logger.open)
		return;
	while (len > 0) {
		if (line->used == 0 && !line->continued)
			line->time_ns = now;
		size_t used = add_some(stream, data, len);
		data += used;
		len -= used;
	}
	flush_lines();
}

void log_finish(void)
{
	for (unsigned stream = 1; stream <= 2; stream++)
		if (logger.open && logger.lines[stream - 1].used > 0)
			add_piece(stream, logger.lines[stream - 1].data, logger.lines[stream - 1].used, false);
	if (!logger.open)
		return;
	flush_lines();
	logger.open = false;
	close(logger.fd);
	close(logger.dir);
}

uint64_t log_offset(void)
{
	return logger.size;
}

size_t log_unfinished(unsigned stream, const char **data)
{
	*data = logger.lines[stream - 1].data;
	return logger.lines[stream - 1].used;
}

uint64_t log_dropped(void)
{
	return logger.dropped;
}

void log_relax(void)
{
	madvise(logger.out, sizeof logger.out, MADV_DONTNEED);
}
