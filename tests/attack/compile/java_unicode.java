/*
 * attack: code hidden in escapes of a comment
 * problem: hidden
 * expect: Compile error | Runtime error | Security violation | Wrong answer
 */
public class Main { public static void main(String[] a) throws Exception {
    // \u000a new java.net.Socket("127.0.0.1", 22);
} }
