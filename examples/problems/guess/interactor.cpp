// What the program prints comes on our stdin, what we print goes to it. We decide: 42 right, 43 wrong.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

static std::string feedback;

static void wrong(const std::string &for_student, const std::string &for_staff)
{
	std::ofstream(feedback + "teammessage.txt") << for_student << "\n";
	std::ofstream(feedback + "judgemessage.txt") << for_staff << "\n";
	std::exit(43);
}

int main(int, char **argv)	// input answer feedback-folder/
{
	std::ifstream input(argv[1]);
	std::string word;
	int secret;

	feedback = argv[3];
	if (!(input >> secret))
		return 1;	// neither 42 nor 43: a fault of this problem
	for (int questions = 1; questions <= 10; questions++) {
		int n;

		if (!(std::cin >> n))
			wrong("a number was expected", "no number as question " +
			      std::to_string(questions));
		if (n < 1 || n > 1000)
			wrong("a question was not from 1 to 1000", "asked for " + std::to_string(n));
		std::cout << (n < secret ? "higher" : n > secret ? "lower" : "right") << std::endl;
		if (n != secret)
			continue;
		if (std::cin >> word)
			wrong("the program went on after it was right", "it said '" + word + "'");
		return 42;
	}
	wrong("more than ten questions", "the number was " + std::to_string(secret));
}
