/*
 * attack: open its output once more, for reading or from the start
 * with: --output=1M
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	struct stat st;
	char c;

	write(1, "what was printed", 16);
	for (int i = 0; i < 3; i++) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "/proc/self/fd/%d", i);
		if (i == 0 && !(fstat(0, &st) == 0 && (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))))
			continue;
		fd = open(name, i == 0 ? O_RDWR : O_RDONLY | O_NONBLOCK);
		open_way_if(i > 0 && fd >= 0 && pread(fd, &c, 1, 0) == 1);
		open_way_if(i == 0 && fd >= 0 && pwrite(fd, "x", 1, 0) == 1);
	}
	return 0;
}
