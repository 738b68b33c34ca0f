/*
 * attack: names of 255 bytes, with newlines, terminal codes and no UTF-8
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	char name[256];

	for (int c = 1; c < 256; c++) {
		memset(name, c, 255);
		name[255] = '\0';
		opens(name, O_WRONLY | O_CREAT);
	}
	opens("\033[2J\033]0;title\a", O_WRONLY | O_CREAT);
	opens("-rf", O_WRONLY | O_CREAT);
	opens("a\nb", O_WRONLY | O_CREAT);
	return 0;
}
