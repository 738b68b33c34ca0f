/* Right, but counts up to the sum one by one. */
#include <stdio.h>

int main(void)
{
	long long a, b;
	volatile long long sum;

	if (scanf("%lld %lld", &a, &b) != 2)
		return 1;
	sum = a;
	while (b > 0) {
		sum++;
		b--;
	}
	while (b < 0) {
		sum--;
		b++;
	}
	printf("%lld\n", sum);
}
