/*
 * attack: read much of the host's files: their pages are not its own
 * with: --memory=32M --cpu-time=5s
 * expect: exited 0
 */
#include "attack.h"

static long total;

static int look(const char *path, const struct stat *st, int type)
{
	static char data[1 << 16];
	int fd;
	ssize_t n;

	if (type != FTW_F || !S_ISREG(st->st_mode) || (fd = open(path, O_RDONLY)) < 0)
		return 0;
	while ((n = read(fd, data, sizeof(data))) > 0)
		total += n;
	close(fd);
	return total > 64 * MIB;
}

int main(void)
{
	ftw("/usr/bin", look, 50);
	return 0;
}
