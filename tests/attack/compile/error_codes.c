/*
 * attack: terminal codes, control characters and no UTF-8 in what the compiler says
 * problem: hidden
 * expect: Compile error
 */
#error [2J]0;mine  ÿþ Â› â€® end
int main(void) { return 0; }
