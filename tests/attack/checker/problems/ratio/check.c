/* Careless as many are: scanf of a double, and a comparison that NaN passes. */
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	FILE *f = argc < 4 ? NULL : fopen(argv[2], "r");
	double want, got;

	if (!f || fscanf(f, "%lf", &want) != 1)
		return 1;
	if (scanf("%lf", &got) != 1)
		return 43;
	return fabs(got - want) > 1e-6 * fabs(want) ? 43 : 42;
}
