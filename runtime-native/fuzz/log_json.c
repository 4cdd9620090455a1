/* Log lines: any bytes give one line of valid UTF-8 that fits its room. */
#include <stdlib.h>
#include "../log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_piece piece = {(const char *)data, size < LOG_PIECE ? size : LOG_PIECE, size % 2 == 0, 1 + size % 2,
		size * 1234567891234567u};
	char *out = malloc(LOG_LINE_ROOM);
	if (out == NULL)
		return 0;
	size_t len = log_json_line(out, &piece);
	if (len > LOG_LINE_ROOM || out[len - 1] != '\n')
		__builtin_trap();
	for (size_t i = 0; i + 1 < len; i++)
		if ((unsigned char)out[i] < 0x20)
			__builtin_trap();
	free(out);
	return 0;
}
