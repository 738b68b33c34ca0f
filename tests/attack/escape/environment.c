/*
 * attack: read the environment of whoever started the judge
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	extern char **environ;

	for (char **e = environ; *e; e++)
		open_way_if(strncmp(*e, "PATH=", 5) != 0 && strncmp(*e, "HOME=", 5) != 0);
	return 0;
}
