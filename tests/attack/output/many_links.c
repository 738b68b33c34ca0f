/*
 * attack: names instead of files: hard links, symbolic links, FIFOs, folders
 * with: --files=100
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	char name[64];
	int n = 0;

	opens("/tmp/x", O_WRONLY | O_CREAT);
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "/tmp/%d", i);
		n += (i % 4 == 0 ? link("/tmp/x", name) : i % 4 == 1 ? symlink("/etc", name) :
		      i % 4 == 2 ? mkfifo(name, 0600) : mkdir(name, 0700)) == 0;
	}
	open_way_if(n > 100);
	return 0;
}
