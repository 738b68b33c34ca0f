/*
 * attack: a string constant that doubles thirty times
 * problem: hidden
 * expect: Compile error | Wrong answer
 */
public class Main {
    static final String A = "0123456789abcdef0123456789abcdef";
    static final String B = A + A + A + A + A + A + A + A, C = B + B + B + B + B + B + B + B;
    static final String D = C + C + C + C + C + C + C + C, E = D + D + D + D + D + D + D + D;
    static final String F = E + E + E + E + E + E + E + E, G = F + F + F + F + F + F + F + F;
    static final String H = G + G + G + G + G + G + G + G, I = H + H + H + H + H + H + H + H;
    public static void main(String[] a) { System.out.println(I.length()); }
}
