// validate input answer feedback_dir [tolerance E] < output
// Exit status: 42 right, 43 wrong; anything else is a fault of the judge.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

static std::string feedback;

[[noreturn]] static void wrong(const std::string &why)
{
	std::ofstream(feedback + "/judgemessage.txt") << why << '\n';
	std::ofstream(feedback + "/teammessage.txt") << why << '\n';
	std::exit(43);
}

int main(int argc, char **argv)
{
	double r, x, y, tolerance = 1e-6;
	std::string rest;

	if (argc < 4)
		return 1;
	feedback = argv[3];
	for (int i = 4; i + 1 < argc; i += 2)
		if (std::string(argv[i]) == "tolerance")
			tolerance = std::atof(argv[i + 1]);
	if (!(std::ifstream(argv[1]) >> r))
		return 1;
	if (!(std::cin >> x >> y) || !std::isfinite(x) || !std::isfinite(y))
		wrong("two numbers are expected");
	if (std::cin >> rest)
		wrong("there is more than two numbers");
	if (std::fabs(x) < r / 1000 || std::fabs(y) < r / 1000)
		wrong("the point lies on an axis");
	if (std::fabs(std::hypot(x, y) - r) > tolerance * r)
		wrong("the point does not lie on the circle");
	return 42;
}
