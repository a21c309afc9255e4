"""The texts of chapter 05: what is asked, and what is said to each answer."""

import math
from itertools import pairwise

import numpy as np

from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import function, number

TITLE = "Derive Xavier"

PREDICTIONS = {
    "standard": Question(
        "Weights uniform on ±1/√n, five tanh layers of the same width. How do the activations' "
        "second moments at layer 5 compare with those at layer 1?",
        (
            Choice(
                "About the same: 1/√n is made to keep them",
                "The standard deviation 1/√n would nearly keep them. Here 1/√n is the bound of a "
                "uniform law, and its standard deviation is smaller.",
            ),
            Choice(
                "About a third",
                "A third is lost to the next layer only. There are four steps from layer 1 to "
                "layer 5, and each takes its share of what is left.",
            ),
            Choice(
                "About a hundredth",
                "Each layer keeps a third at most, and (1/3)⁴ is 1/81; tanh takes a little more.",
                right=True,
            ),
            Choice(
                "Larger: each unit adds up 200 inputs",
                "It adds them with weights of both signs, of size at most 1/√200. The sum's "
                "variance is 200 times a small number.",
            ),
        ),
    ),
    "direction": Question(
        "A linear layer has 64 inputs and 256 outputs, and weights of variance 1/64, so that the "
        "signal keeps its variance. What happens to the variance of a gradient on its way back?",
        (
            Choice(
                "It is kept too: the weights are the same",
                "The weights are the same, the sums are not. How many terms does each of the 64 "
                "inputs collect?",
            ),
            Choice(
                "It is four times as large",
                "Each input collects from 256 outputs, each with variance 1/64.",
                right=True,
            ),
            Choice(
                "It is a quarter",
                "That would be 64 terms of variance 1/256. On the way back the number of terms is "
                "the fan-out, 256.",
            ),
            Choice(
                "It is twice as large",
                "That is the factor of the standard deviation. Variances are asked for.",
            ),
        ),
    ),
    "table": Question(
        "Five hidden layers of tanh on the digits, each start at its own best learning rate. What "
        "will the test errors say after 300 steps?",
        (
            Choice(
                "The standard start stays at chance",
                "A second moment that is a hundred times too small is not 0. Five layers are few "
                "enough for training to mend it.",
            ),
            Choice(
                "No difference at all: training forgets where it began",
                "It makes up for most of the difference, but not for all, and it spends steps on "
                "that.",
            ),
            Choice(
                "The normalised start is ahead by a few points at most",
                "As in the paper, the gap at five layers is small: what the start costs is mainly "
                "time.",
                right=True,
            ),
            Choice(
                "The standard start is ahead: small weights generalize better",
                "These small weights do not stay small; the network has to make them grow before "
                "it can learn.",
            ),
        ),
    ),
    "fade": Question(
        "A deep tanh network at unit gain starts with pre-activations of variance 1. What will "
        "their variance be at layer 100?",
        (
            Choice(
                "About 0.25: it settles after a few layers",
                "At 0.25 a layer still gives less than it gets, since |tanh z| is below |z|. A "
                "level holds only if a layer gives back what it takes.",
            ),
            Choice(
                "About 0.005",
                "Near 0 a layer takes 2q² from q, and adding that up leaves 1/(2l).",
                right=True,
            ),
            Choice(
                "Below 1e-10: a factor is lost at each layer",
                "A fixed factor would do that. But the smaller the signal, the more nearly linear "
                "is tanh, and the less it takes.",
            ),
            Choice(
                "1: unit gain keeps the variance",
                "It keeps what a linear layer passes on. After tanh there is less to pass on.",
            ),
        ),
    ),
}


def _with(variance):
    """The function of the widths that gives both factors, for a variance of the two fans."""

    def factors(widths):
        n = np.asarray(widths, dtype=float)
        fan_in, fan_out = n[:-1], n[1:]
        Var = variance(fan_in, fan_out)
        return np.prod(fan_in * Var), np.prod(fan_out * Var)

    return factors


_through = _with(lambda m, n: 2 / (m + n))


EXERCISES = {
    "least": Exercise(
        (
            "A layer pair that narrows and widens again loses in both directions. The narrower, "
            "the more.",
            "One waist of 8 units leaves a share of about 0.12. How many waists fit in between?",
            "Set layers 0 to 4 to 256, 8, 256, 8, 256 and read the sentence below the picture.",
        ),
        number(
            (4 / 32 / (1 + 1 / 32) ** 2) ** 2,
            relative=0.03,
            mistakes={
                4 / 32 / (1 + 1 / 32) ** 2: "that is one waist of 8 units; two fit in between.",
                1 / 32: "that is the ratio of the widths; ask what Xavier makes of it in a layer.",
                1 / 32**2: "that is the ratio of the widths, squared; ask what Xavier makes of it.",
                2 / 33: "that is one layer; a waist has two, and there is room for two waists.",
                0.57: "that is where the interactive begins; make the waists narrower.",
                1: "that is 1/fan_in, or equal widths; take Xavier, and change the widths.",
                (2 / 33) ** 2: "the two widening layers alone; the narrowing ones give back.",
                0.013: "that is what twenty networks measured; what theory says is asked for.",
                0.015: "that is what twenty networks measured; what theory says is asked for.",
                0.026: "a waist can be narrower still, or the layer between them wider.",
            },
            why="Two waists of 8 units, each of which costs 4r/(1+r)² with r = 1/32.",
        ),
    ),
    "bound": Exercise(
        (
            "Which variance does Xavier ask for, and which variance has a uniform law on ±b?",
            "b²/3 = 2/(fan_in + fan_out).",
            "b = √(6/400).",
        ),
        number(
            math.sqrt(6 / 400),
            mistakes=[
                (
                    math.sqrt(2 / 400),
                    "that is the standard deviation; the bound of a uniform law is √3 times it.",
                ),
                (2 / 400, "that is the variance; a bound is asked for."),
                (6 / 400, "that is b²; the square root is missing."),
                (
                    math.sqrt(3 / 300),
                    "that is the bound of variance 1/fan_in, LeCun's.",
                ),
                (
                    math.sqrt(6 / 300),
                    "under the root stand both fans, 300 + 100, not fan_in alone.",
                ),
                (
                    math.sqrt(6 / 100),
                    "under the root stand both fans, 300 + 100, not fan_out alone.",
                ),
                (
                    math.sqrt(6 / 200),
                    "200 is the mean of the fans; with the mean it is √3, not √6.",
                ),
                (
                    math.sqrt(3 / 400),
                    "√3 goes with the mean of the fans, √6 with their sum.",
                ),
                (1 / math.sqrt(300), "that is the bound of the standard start, 1/√n."),
            ],
            why="Its variance is 0.005, as it should be.",
        ),
    ),
    "through": Exercise(
        (
            "Each layer has one factor forward and one backward, and they multiply.",
            "Between widths m and n the factors are 2m/(m + n) forward and 2n/(m + n) backward.",
            "With an array `n` of widths the fans are `n[:-1]` and `n[1:]`; `np.prod` multiplies.",
        ),
        function(
            _through,
            [((512, 256, 64),), ((10, 30, 20, 100),), ((64, 256, 64),)],
            mistakes=[
                (
                    lambda widths: _through(widths)[::-1],
                    "forward and backward are exchanged: a signal's sum has fan_in terms.",
                ),
                (
                    lambda widths: np.sqrt(_through(widths)),
                    "these are factors of the standard deviation; the second moment is asked for.",
                ),
                (
                    _with(lambda m, n: 1 / m),
                    "these are the factors of variance 1/fan_in; Xavier's is 2/(fan_in + fan_out).",
                ),
                (
                    lambda widths: _through((widths[0], widths[-1])),
                    "only the first and the last width count in this; each layer has its factor.",
                ),
                (
                    lambda widths: [
                        sum(_through(pair)[way] for pair in pairwise(widths)) for way in (0, 1)
                    ],
                    "the factors of the layers multiply; these are their sums.",
                ),
                (
                    _with(lambda m, n: 1 / n),
                    "these are the factors of variance 1/fan_out; Xavier's has both fans.",
                ),
                (_with(lambda m, n: 2 / m), "these are the factors of He's variance, 2/fan_in."),
                (
                    _with(lambda m, n: np.sqrt(2 / (m + n))),
                    "that takes the standard deviation of the weights for their variance.",
                ),
                (
                    lambda widths: _through(widths)[0],
                    "that is the signal's factor alone; the gradient's is asked for as well.",
                ),
                (
                    lambda widths: [2 * m / (m + n) for m, n in pairwise(widths)],
                    "these are the factors of single layers; the way multiplies them.",
                ),
                (
                    _with(lambda m, n: 1 / (m + n)),
                    "a 2 is missing at each layer: Var(w) is 2/(fan_in + fan_out).",
                ),
            ],
        ),
    ),
    "weights": Exercise(
        (
            "dW is a product. How does each of its two factors change from layer 2 to layer 5?",
            "With n Var(w) = 1/3, a second moment falls to a third at each layer: that of `a` on "
            "the way up, that of `dz` on the way down.",
            "From layer 2 to 5 the one is multiplied by (1/3)³ and the other by 3³.",
        ),
        number(
            1,
            mistakes=[
                (27, "that is what `dz` changes by; `a` changes by the inverse."),
                (1 / 27, "that is what `a` changes by; `dz` changes by the inverse."),
                (
                    729,
                    "both factors count, and they go in opposite directions: one grows upwards, "
                    "the other falls.",
                ),
                (
                    1 / 729,
                    "both factors count, and they go in opposite directions: one grows upwards, "
                    "the other falls.",
                ),
                (81, "there are three steps from layer 2 to layer 5, and two factors."),
                (
                    1 / 81,
                    "there are three steps from layer 2 to layer 5, and two factors.",
                ),
                (3, "that is one layer's factor for one of the two."),
                (1 / 3, "that is one layer's factor for one of the two."),
                (0, "a ratio of 0 would mean that one of them vanishes."),
            ],
            why="What the signal loses on the way up, the gradient loses on the way down.",
        ),
    ),
    "depth": Exercise(
        (
            "For an estimate solve 1/(2l) = 0.01. Is the truth before or after?",
            "`theory.signal` gives the variances of all layers; its first entry is layer 1.",
            "`np.argmax(theory.signal('tanh', 1.0, 200) < 0.01)` counts from 0.",
        ),
        number(
            53,
            relative=1e-6,
            mistakes=[
                (
                    50,
                    "that is the estimate of 1/(2l). Early layers add less than 2 to 1/q, so the "
                    "truth comes a little later: compute it.",
                ),
                (
                    51,
                    "1/(2l) is below 0.01 from there on; the variance itself a little later.",
                ),
                (52, "the list counts from 0 and layers from 1."),
                (
                    100,
                    "that would be 1/l. Each layer adds about 2 to 1/q, not 1.",
                ),
            ],
            why="The estimate 1/(2l) says 50.",
        ),
    ),
}

QUIZ = {
    "both": Question(
        "For which networks does one weight variance keep both signals and gradients, in linear "
        "layers?",
        (
            Choice(
                "For all, with 2/(fan_in + fan_out)",
                "That is between the two conditions; where they differ it meets neither.",
            ),
            Choice(
                "For those whose layers all have the same width",
                "Then 1/fan_in and 1/fan_out are one number.",
                right=True,
            ),
            Choice(
                "For very wide ones",
                "Width makes the averages sharp. The ratio of the fans stays what it is.",
            ),
            Choice(
                "For none",
                "Where a layer has as many inputs as outputs, the two conditions agree.",
            ),
        ),
    ),
    "names": Question(
        "A program sets the standard deviation of the weights to 1/√fan_in and calls it Xavier. "
        "What is it?",
        (
            Choice(
                "Xavier, written for one layer",
                "Xavier's variance has both fans in it, for one layer as for many.",
            ),
            Choice(
                "LeCun's start: the forward condition alone",
                "It is the same as Xavier only where fan_in = fan_out.",
                right=True,
            ),
            Choice(
                "The standard start of Glorot and Bengio's eq. 1",
                "There 1/√n is the bound of a uniform law, whose variance is 1/(3n).",
            ),
            Choice(
                "Xavier's uniform law",
                "That one is uniform on ±√(6/(fan_in + fan_out)).",
            ),
        ),
    ),
    "narrowing": Question(
        "Under Xavier every layer of a linear network has half the width of the one before. What "
        "happens with depth?",
        (
            Choice(
                "Signals grow and gradients shrink",
                "By 4/3 and by 2/3 at each layer.",
                right=True,
            ),
            Choice(
                "Signals shrink and gradients grow",
                "That is a widening network. Here fan_in is the larger fan, and the forward sum "
                "has more terms than Xavier allows for.",
            ),
            Choice(
                "Both are kept: that is what Xavier is for",
                "It keeps the sum of the two factors at 2, not each of them at 1.",
            ),
            Choice(
                "Both shrink",
                "They do in a network whose widths go up and down by turns. Here the ratio of "
                "the fans is the same at each layer.",
            ),
        ),
    ),
    "assumption": Question(
        "Which step of the backward derivation no longer holds after training?",
        (
            Choice(
                "The chain rule, line 1",
                "The chain rule holds for any weights.",
            ),
            Choice(
                "That the arriving gradient is independent of the weights, A2",
                "Training moved the weights along such gradients, so the two depend on each other.",
                right=True,
            ),
            Choice(
                "That tanh has a slope of at most 1",
                "It has, always, and the derivation does not use it.",
            ),
            Choice(
                "That there are n_out terms in the sum",
                "Training does not change the widths.",
            ),
        ),
    ),
}
