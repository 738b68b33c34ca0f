import java.util.Scanner;

public class Halves {
	public static void main(String[] args) {
		Scanner in = new Scanner(System.in);
		int low = 1, high = 1000;
		String answer = "";

		while (!answer.equals("right")) {
			int middle = (low + high) / 2;

			System.out.println(middle);
			answer = in.next();
			if (answer.equals("higher"))
				low = middle + 1;
			else
				high = middle - 1;
		}
	}
}
