/*
 * attack: change the output when the program has ended
 * problem: strict
 * expect: Accepted | Wrong answer
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf("%ld\n", a + b);
	fflush(stdout);
	if (fork() == 0)
		for (;;)
			pwrite(1, "9\n", 2, 0);
	return 0;
}
