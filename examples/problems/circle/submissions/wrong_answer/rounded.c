/* Two digits are too few where the radius is small. */
#include <stdio.h>

int main(void)
{
	double r;

	if (scanf("%lf", &r) != 1)
		return 1;
	printf("%.2f %.2f\n", 0.6 * r, 0.8 * r);
}
