#include <cmath>
#include <cstdio>

int main()
{
	double r;

	if (std::scanf("%lf", &r) != 1)
		return 1;
	std::printf("%.12f %.12f\n", -r / std::sqrt(2), r / std::sqrt(2));
}
