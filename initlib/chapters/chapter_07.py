"""Chapter 07: which start for which network, and what the frameworks do by default."""

import math

from initlib import theory
from initlib.initializers import fans
from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import Unreadable, Verdict, function, number

TITLE = "Choose an initialization"

PREDICTIONS = {
    "tanh": Question(
        "A deep tanh network starts with weights of standard deviation (5/3)/√n_in. What does the "
        "second moment of z do from layer to layer?",
        (
            Choice(
                "It settles at 1: that is what 5/3 is for",
                "5/3 stands in a table beside gains that do preserve 1. This one does not; "
                "1.59 does.",
            ),
            Choice(
                "It grows without end, since 5/3 is more than 1.59",
                "A factor above the preserving one explodes where φ is linear or ReLU. But tanh "
                "saturates, and takes away more the larger the signal is.",
            ),
            Choice(
                "It falls to 0, as with gain 1",
                "With gain 1 nothing makes up for what tanh takes. 5/3 does more than make up "
                "for it.",
            ),
            Choice(
                "It settles at a level above 1",
                "Gain and saturation meet where q = g² E[tanh(√q ξ)²], and a larger gain needs "
                "a larger q.",
                right=True,
            ),
        ),
    ),
    "kernel": Question(
        "Six 3×3 convolutions with ReLU and 16 channels start with Var(w) = 2/16, because each has "
        "16 input channels. What becomes of the second moment over the six layers?",
        (
            Choice(
                "It is kept",
                "He's n_in is the number of terms in the sum. A 3×3 window sums over 16 channels "
                "at nine positions.",
            ),
            Choice(
                "It grows by 3 a layer, to about 700 times",
                "The standard deviation grows by 3 a layer. The second moment is its square.",
            ),
            Choice(
                "It grows by 9 a layer, to about 500,000 times",
                "The sum has nine times as many terms as its variance was made for.",
                right=True,
            ),
            Choice(
                "It grows to 9 times and stays there",
                "The next layer has the same fault, and ReLU does not saturate.",
            ),
        ),
    ),
    "default": Question(
        "Nine hidden ReLU layers of 128 units as nn.Linear makes them. Which size has the second "
        "moment of z in the ninth?",
        (
            Choice(
                "About 1: the framework takes care of that",
                "A default that serves small networks of any activation cannot be right for deep "
                "ones.",
            ),
            Choice(
                "About 6⁻⁸ of the first layer's, under a millionth",
                "That is what the weights alone would leave. The biases are random too, and each "
                "layer adds its own.",
            ),
            Choice(
                "About 0.4/128, held there by the biases",
                "Each layer takes five sixths and adds 1/(3n), so it ends where the two balance.",
                right=True,
            ),
            Choice(
                "About 1/(3·128), the variance of one bias",
                "That is what one layer's bias adds. A sixth of the layer before is still there, "
                "and a sixth of a sixth.",
            ),
        ),
    ),
    "race": Question(
        "Ten layers, each start at the best of its four learning rates. How does PyTorch's default "
        "end after 200 steps, beside Xavier and He?",
        (
            Choice(
                "All three tie: ten layers are not deep, and the rate makes up for the start",
                "A rate can make up for a factor of 1/2 a layer. Here the gradients of the "
                "weights are thousands of times too small, and those of the output biases are "
                "not.",
            ),
            Choice(
                "It learns, and ends a few percent behind",
                "That would be a network whose signal is small. In this one, what is left of the "
                "signal after nine layers hardly depends on the picture.",
            ),
            Choice(
                "It stays at chance",
                "What reaches the last layer is nearly the same for every picture, so there is "
                "nothing to tell the classes by.",
                right=True,
            ),
            Choice(
                "It diverges",
                "Small weights do not diverge. They stand still.",
            ),
        ),
    ),
}


def _preserving_std(activation, shape):
    return theory.gain(activation) / math.sqrt(fans(shape)[0])


_CASES = [("relu", (128, 64)), ("tanh", (3, 3, 16, 32)), ("gelu", (50, 200))]

PATIENTS = (36, 37, 38)


def _check_patients(answer):
    from initlib.explorables import clinic

    if isinstance(answer, (set, frozenset)):
        raise Unreadable("the order counts, and a set has none: write a text or a list")
    try:
        said = [each for each in "".join(answer).lower() if each not in " ,;-"]
    except TypeError:
        raise Unreadable('three letters are asked for, such as "abc"') from None
    if len(said) != len(PATIENTS):
        return Verdict(False, f"three letters are asked for; yours are {len(said)}.")
    for which, letter in zip(PATIENTS, said):
        if letter not in clinic.SIGNS:
            return Verdict(False, f"{letter} is no fault; the letters run from a to j.")
        if letter != clinic.drawn(which)[0]:
            return Verdict(False, f"patient {which}. {clinic.against(which, letter)}")
    return Verdict(True, "Name the cures too, in the interactive.")


EXERCISES = {
    "patient": Exercise(
        (
            "Many faults look alike in plot 1. Begin with plot 2.",
            "By which factor does E[z²] change from layer to layer in 36 and in 37? Which layers "
            "of 37 have a gradient? In 38 signals and gradients look healthy.",
            "In 36 it falls by 100; in 37 the last layer alone has a gradient; in 38 one layer is "
            "missing from plot 4.",
        ),
        _check_patients,
    ),
    "kernel-std": Exercise(
        (
            "How many terms does one output of this convolution sum?",
            "25 positions of 8 channels each: n_in = 200. He's variance is 2/n_in.",
            "The standard deviation is √(2/200).",
        ),
        number(
            0.1,
            mistakes={
                math.sqrt(2 / 8): "that counts the channels alone; a window has 25 positions.",
                math.sqrt(2 / 25): "that counts the positions alone; each has 8 channels.",
                math.sqrt(2 / 40): "a 5×5 window has 25 positions, not 5.",
                math.sqrt(2 / 800): "you used fan_out, which keeps the gradient.",
                0.01: "that is the variance; its square root is asked for.",
                math.sqrt(2 / 1000): "that is Xavier's variance; ReLU takes He's.",
                math.sqrt(1 / 200): "that is 1/n_in; ReLU halves, so 2/n_in.",
            },
        ),
    ),
    "preserving-std": Exercise(
        (
            "The variance is gain² over fan_in.",
            "`theory.gain(activation)` gives the gain and `fans(shape)[0]` the fan.",
            "`return theory.gain(activation) / np.sqrt(fans(shape)[0])`",
        ),
        function(
            _preserving_std,
            _CASES,
            mistakes=(
                (lambda a, s: _preserving_std(a, s) ** 2, "that is the variance."),
                (
                    lambda a, s: theory.gain(a) / math.sqrt(s[-2]),
                    "right for dense layers; a kernel sums over its positions too: use fans.",
                ),
                (
                    lambda a, s: theory.gain(a) / math.sqrt(s[0]),
                    "shape[0] is the fan_in of dense layers only: use fans.",
                ),
                (
                    lambda a, s: theory.gain(a) / math.sqrt(fans(s)[1]),
                    "you used fan_out; forward, a unit sums its inputs.",
                ),
                (
                    lambda a, s: theory.gain(a) ** 2 / math.sqrt(fans(s)[0]),
                    "a gain multiplies the standard deviation; do not square it.",
                ),
                (
                    lambda a, s: math.sqrt(2 / fans(s)[0]),
                    "that is He's, right for relu; other activations have other gains.",
                ),
                (
                    lambda a, s: theory.gain(a) / math.sqrt(sum(fans(s)) / 2),
                    "that is Xavier's mean of the fans; forward asks for fan_in.",
                ),
            ),
        ),
    ),
    "cure": Exercise(
        (
            "By which factor does each layer multiply the second moment now?",
            "By 1/6. If all weights are multiplied by c, the second moment is by c².",
            "c² = 6.",
        ),
        number(
            math.sqrt(6),
            mistakes={
                6: "that is the factor of the variance; weights enter it squared.",
                math.sqrt(2): "that would do for weights of variance 1/n; these have 1/(3n).",
                math.sqrt(3): "that gives the variance 1/n, which ReLU still halves.",
                2: "that is what ReLU takes; the weights are small besides.",
                3: "the variance 1/(3n) lacks a 3 to be 1/n; its root and ReLU are missing.",
                1 / 6: "that is what a layer does to the second moment: undo it, by its root.",
                36: "weights enter the second moment squared: take the root, not the square.",
                1 / math.sqrt(6): "the other way round: the signal shrinks, so enlarge.",
            },
            why="The default times √6 is He's uniform law.",
        ),
    ),
}

QUIZ = {
    "kaiming": Question(
        "The source of `nn.Linear` calls kaiming_uniform_ with a=√5. Is that He's start for ReLU?",
        (
            Choice(
                "Yes: Kaiming is He's first name",
                "The name is his, the slope is not: with a = √5 the variance is a sixth of what "
                "ReLU needs.",
            ),
            Choice(
                "No: its variance is 1/(3n), a sixth of He's",
                "2/((1 + 5) n) is 1/(3n).",
                right=True,
            ),
            Choice(
                "Yes, up to the law being uniform",
                "A uniform law would be fine; it is the variance that differs, by a factor of 6.",
            ),
        ),
    ),
    "chance": Question(
        "The loss of a ten-class network is 2.30 at step 0 and still 2.30 at step 500. What do "
        "you know about its start?",
        (
            Choice(
                "It is right, since the loss began at ln 10",
                "That rules out logits that are too large, and nothing else.",
            ),
            Choice(
                "It is too large",
                "Then the loss at step 0 would lie far above ln 10.",
            ),
            Choice(
                "Not enough: look at signals, gradients and update over weight by layer",
                "A vanished signal, equal weights and a rate of 0 all look like this.",
                right=True,
            ),
        ),
    ),
    "five-thirds": Question(
        "What is the gain that keeps unit variance in a deep tanh network?",
        (
            Choice("5/3", "That is the empirical one in PyTorch's table; it settles at 1.18."),
            Choice("1", "With gain 1 the variance falls with depth, as 1/(2l)."),
            Choice("About 1.59", "1/√E[tanh(ξ)²].", right=True),
            Choice("√2", "That is ReLU's, which keeps half of the second moment."),
        ),
    ),
    "truncated": Question(
        "Which of these has a standard deviation of 0.02?",
        (
            Choice(
                "JAX: truncated_normal(0.02)",
                "The law is cut at two standard deviations and not corrected: 0.0176.",
            ),
            Choice(
                "Keras: TruncatedNormal(stddev=0.02)",
                "As in JAX, the law is cut at two of its standard deviations: 0.0176 is left.",
            ),
            Choice(
                "PyTorch: trunc_normal_(w, std=0.02)",
                "It cuts at ±2, a hundred standard deviations away.",
                right=True,
            ),
        ),
    ),
}
