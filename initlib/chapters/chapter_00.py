"""The texts of chapter 00: one of each kind to try, and the self-test of what the course needs."""

import math

from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import number

TITLE = "Start here"

PREDICTIONS = {
    "mean": Question(
        "We take the mean of 100 independent numbers, each with mean 0 and standard deviation 1. "
        "How far from 0 will that mean typically be?",
        (
            Choice(
                "About 1, as far as each number",
                "Numbers above and below 0 cancel in part, so a mean is closer than its parts.",
            ),
            Choice(
                "About 0.1",
                "The variance of a mean of n independent numbers is 1/n, so its standard "
                "deviation is 1/√100.",
                right=True,
            ),
            Choice(
                "About 0.01",
                "That is the variance of the mean. Its square root has the unit of the numbers.",
            ),
        ),
    ),
}

EXERCISES = {
    "standard-error": Exercise(
        (
            "What happened to the standard deviation when one number became a mean of 100?",
            "The standard deviation of a mean of n numbers is that of one, divided by √n.",
            "Here one number has the standard deviation 2, and √400 is 20.",
        ),
        number(
            0.1,
            mistakes={
                0.01: "that is the variance of the mean; its square root is asked for.",
                0.005: "you divided by 400; the root of 400 divides a standard deviation.",
                0.0025: "that is 1/400; the root of 400 divides the standard deviation, 2.",
                0.05: "that would be right for numbers of standard deviation 1.",
                0.2: "that is the variance, 4, divided by √400; take its root first.",
                math.sqrt(2 / 400): "you took the root of 2 as well, which is a standard deviation "
                "already.",
                2: "that is the standard deviation of one number, not of the mean.",
                10: "that is upside down: √400 divides.",
                20: "that is √400; what does it divide?",
                800: "you multiplied by 400; a mean gets more exact, not less.",
                40: "you multiplied by √400; a mean gets more exact, not less.",
            },
            why="2/√400.",
        ),
    ),
}

QUIZ = {
    "matrix": Question(
        "`x` has the shape (32, 64) and `W` the shape (64, 100). What is the shape of `x @ W`?",
        (
            Choice("(32, 100)", "One row an example, one column an output.", right=True),
            Choice(
                "(64, 64)",
                "The two inner lengths, both 64, are summed over and disappear.",
            ),
            Choice(
                "(32, 64, 100)",
                "The product sums over the shared axis, so it disappears.",
            ),
            Choice("It is an error", "The inner lengths agree: both are 64."),
        ),
        "Entry (i, j) of `x @ W` is the sum over k of x[i, k]·W[k, j]. The inner lengths must "
        "agree and disappear; the outer ones remain. More: 3Blue1Brown, "
        "[Matrix multiplication](https://www.3blue1brown.com/lessons/matrix-multiplication).",
    ),
    "chain": Question(
        "The loss is ℓ(a) with a = tanh(z) and z = w·x. What is the derivative of ℓ with respect "
        "to w?",
        (
            Choice("ℓ′(a)·x", "The tanh in between multiplies by its own slope."),
            Choice(
                "ℓ′(a)·tanh′(z)·x",
                "One factor for each step on the way back.",
                right=True,
            ),
            Choice("ℓ′(a)·tanh′(z)·w", "z = w·x has the derivative x with respect to w."),
            Choice("ℓ′(a) + tanh′(z) + x", "Derivatives of nested functions multiply."),
        ),
        "If a quantity depends on w through a chain, its derivative is the product of the "
        "derivatives of the links: dℓ/dw = dℓ/da · da/dz · dz/dw. Backpropagation is this rule, "
        "from the loss backwards. More: 3Blue1Brown, "
        "[Backpropagation calculus](https://www.3blue1brown.com/lessons/backpropagation-calculus).",
    ),
    "variance": Question(
        "X and Y are independent, with mean 0 and variance 1. What is the variance of 3X + 4Y?",
        (
            Choice("7", "Variances add, but a factor counts squared."),
            Choice("5", "That is the standard deviation."),
            Choice(
                "25",
                "9·1 + 16·1: factors are squared, and independent variances add.",
                True,
            ),
            Choice("12", "Factors are squared and added, not multiplied."),
        ),
        "Var(cX) = c²·Var(X), and for independent X and Y, Var(X + Y) = Var(X) + Var(Y). The "
        "standard deviation is the root of the variance. More: Seeing Theory, "
        "[Basic probability](https://seeing-theory.brown.edu/basic-probability/).",
    ),
    "cross-entropy": Question(
        "A classifier gives each of ten classes the probability 1/10. What is its cross-entropy "
        "loss, in nats?",
        (
            Choice("0.1", "That is the probability; the loss is minus its logarithm."),
            Choice(
                "ln 10, about 2.30",
                "-ln(1/10), whatever the right class is.",
                right=True,
            ),
            Choice("1", "It would be 1 with the logarithm to the base 10."),
            Choice(
                "It depends on the data",
                "Every example has the same loss here: -ln(1/10).",
            ),
        ),
        "Softmax turns logits into probabilities that sum to 1. The cross-entropy of an example is "
        "-ln p, where p is the probability given to its right class: 0 if it was certain and "
        "right, ln 10 if it spread its belief over ten classes. More: "
        "[Deep Learning, section 6.2.2](https://www.deeplearningbook.org/contents/mlp.html).",
    ),
    "axes": Question(
        "`W = rng.standard_normal((64, 100))`. What is the shape of `W.std(axis=0)`?",
        (
            Choice(
                "(100,)",
                "Axis 0 is summed away, and one number a column is left.",
                True,
            ),
            Choice(
                "(64,)",
                "`axis=0` names the axis that disappears, not the one that stays.",
            ),
            Choice("() - it is one number", "That would be `W.std()` without an axis."),
            Choice("(64, 100)", "A standard deviation over an axis removes that axis."),
        ),
        "A numpy reduction such as `mean`, `std` or `sum` removes the axis that it is given. More: "
        "[numpy for beginners](https://numpy.org/doc/stable/user/absolute_beginners.html).",
    ),
}
