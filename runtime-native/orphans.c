/* Finds adopted children in /proc/self/task/PID/children. */
#include "orphans.h"
#include <stdio.h>
#include "sys.h"

void orphans_kill(bool (*keep)(pid_t pid))
{
	char path[64], chunk[512];
	pid_t number = 0;
	ssize_t n;
	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (chunk[i] >= '0' && chunk[i] <= '9') {
				number = number * 10 + (chunk[i] - '0');
				continue;
			}
			if (number > 1 && !keep(number))
				kill(number, SIGKILL);
			number = 0;
		}
}
