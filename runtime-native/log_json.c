/* One line of Docker's json-file, byte for byte as dockerd writes it: only \n and \r have short escapes; < > & and the
 * line separators U+2028/9 are escaped; what is no UTF-8 becomes \ufffd. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "log.h"

static const char HEX[] = "0123456789abcdef";

/* Length of the valid UTF-8 sequence at the start, 0 when there is none. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t len = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	if (len == 0 || len > left)
		return 0;
	/* the second byte keeps out overlong forms, surrogates and what is above U+10FFFF */
	unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static char *put(char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	return out + len;
}

static char *put_ascii(char *out, unsigned char c)
{
	if (c == '"' || c == '\\' || c == '\n' || c == '\r') {
		*out++ = '\\';
		*out++ = c == '\n' ? 'n' : c == '\r' ? 'r' : (char)c;
	} else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
		out = put(out, "\\u00", 4);
		*out++ = HEX[c >> 4];
		*out++ = HEX[c & 15];
	} else {
		*out++ = (char)c;
	}
	return out;
}

static char *put_text(char *out, const unsigned char *s, size_t left)
{
	while (left > 0) {
		size_t len = s[0] < 0x80 ? 1 : utf8_length(s, left);
		if (len == 1)
			out = put_ascii(out, s[0]);
		else if (len == 0)
			out = put(out, "\\ufffd", 6);
		else if (len == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] & 0xfe) == 0xa8)
			out = put(out, s[2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
		else
			out = put(out, (const char *)s, len);
		s += len > 0 ? len : 1;
		left -= len > 0 ? len : 1;
	}
	return out;
}

/* RFC 3339 in UTC, the fraction without trailing zeros. */
static char *put_time(char *out, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000u);
	unsigned fraction = (unsigned)(ns % 1000000000u);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	out += sprintf(out, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec);
	if (fraction != 0) {
		out += sprintf(out, ".%09u", fraction);
		while (out[-1] == '0')
			out--;
	}
	*out++ = 'Z';
	return out;
}

size_t log_json_line(char *out, const struct log_piece *piece)
{
	char *at = put(out, "{\"log\":\"", 8);
	at = put_text(at, (const unsigned char *)piece->data, piece->len);
	if (piece->newline)
		at = put(at, "\\n", 2);
	at = put(at, "\",\"stream\":\"", 12);
	at = put(at, piece->stream == 1 ? "stdout" : "stderr", 6);
	at = put(at, "\",\"time\":\"", 10);
	at = put_time(at, piece->time_ns);
	at = put(at, "\"}\n", 3);
	return (size_t)(at - out);
}
