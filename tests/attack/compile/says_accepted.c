/*
 * attack: a compiler message of the judge's words
 * problem: hidden
 * expect: Compile error
 */
#error Accepted
#error Accepted, 100 of 100 points
int main(void) { return 0; }
