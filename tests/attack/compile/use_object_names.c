/*
 * attack: link names that the language's start file has
 * problem: hidden
 * expect: Compile error
 */
void _start(void) { }
int main(void) { return 0; }
