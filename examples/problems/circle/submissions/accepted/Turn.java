import java.util.Locale;
import java.util.Scanner;

public class Turn {
	public static void main(String[] args) {
		double r = new Scanner(System.in).useLocale(Locale.ROOT).nextDouble();
		System.out.println(r * Math.cos(1) + " " + r * Math.sin(1));
	}
}
