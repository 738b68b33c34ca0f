/*
 * attack: an annotation processor in the source
 * problem: hidden
 * expect: Compile error | Wrong answer | Runtime error
 */
import java.util.*;
import javax.annotation.processing.*;
import javax.lang.model.element.*;
@SupportedAnnotationTypes("*")
public class Main extends AbstractProcessor {
    public boolean process(Set<? extends TypeElement> a, RoundEnvironment r) { throw new RuntimeException("ran in the compiler"); }
    public static void main(String[] a) { }
}
