"""The texts of chapter 03: what is asked, and what is said to each answer."""

import math

from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import Verdict, as_number, function, number

TITLE = "Feel the scale"

PREDICTIONS = {
    "overflow": Question(
        "Near which layer does the vector first hold an infinite entry?",
        (
            Choice(
                "None: positive and negative terms cancel",
                "They cancel in part. A sum of 100 independent terms of size 1 has the size "
                "√100, so each layer multiplies by about ten.",
            ),
            Choice(
                "About 39",
                "Each layer multiplies the length by about √100 = 10, and float32 ends at "
                "about 10^38.5.",
                right=True,
            ),
            Choice(
                "About 19",
                "That would be so if each layer multiplied by 100, the number of terms. "
                "Independent terms add up to the root of their number.",
            ),
            Choice(
                "About 10^36",
                "That would be so if each layer added something. It multiplies.",
            ),
        ),
    ),
    "weight-gradient": Question(
        "A tanh network of 20 layers starts with weights that are too small (gain 0.5). In which "
        "layers are the gradients dW smallest?",
        (
            Choice(
                "In the first: the error fades on its way back",
                "The error dz does fade. But dW is a product of the error with the signal that "
                "comes in, and the signal is largest in the first layers.",
            ),
            Choice(
                "In the last: the signal fades on its way forward",
                "The signal does fade. But dW is a product of the signal with the error that "
                "comes back, and the error is largest in the last layers.",
            ),
            Choice(
                "They are about the same in all layers",
                "The signal loses on its way forward what the error loses on its way back, so "
                "their product is small everywhere.",
                right=True,
            ),
        ),
    ),
    "dead": Question(
        "A ReLU network of 20 layers starts with all biases 0. We make all its weights ten times "
        "as large. How does the share of dead units at step 0 change?",
        (
            Choice(
                "Many more units are dead",
                "A larger z is not more negative than positive. Which signs change?",
            ),
            Choice(
                "It does not change at all",
                "Each z is multiplied by a positive number, so every unit that was on is on.",
                right=True,
            ),
            Choice(
                "Fewer are dead: stronger signals wake them",
                "A unit wakes when z becomes positive for some digit, and a positive factor "
                "leaves the sign of z as it was.",
            ),
        ),
    ),
    "ridge": Question(
        "At 16 layers, how many of the nine gains let the network read more than a third of the "
        "training digits after 60 steps, each at its best learning rate?",
        (
            Choice(
                "All nine: the best learning rate makes up for the scale",
                "At four layers it still does. A learning rate multiplies all steps by one "
                "number; the scale is multiplied up layer by layer.",
            ),
            Choice(
                "All from 1 upwards: only small weights are a problem",
                "Large weights fail too, in another way: the first step throws them out of range.",
            ),
            Choice(
                "About half",
                "A gain that is off by √2 is off by √2 at each of 16 layers, which makes 256.",
            ),
            Choice(
                "One or two",
                "The neighbours are off by √2 a layer, which makes 256 over 16 layers.",
                right=True,
            ),
        ),
    ),
}


def _balanced(n):
    return math.exp(1 / (2 * n)) / math.sqrt(n)


_LAYER = number(
    30,
    relative=1e-6,
    mistakes={
        29: "at layer 29 the limit is not yet passed; the first layer after counts.",
        39: "that is the layer for 100×100 matrices.",
        38: "38 factors of ten make 1e38; here a layer is another factor.",
        15: "each layer multiplies by √400, not by 400: variances add up to 400, and the length "
        "goes with the root.",
        13: "that takes the logarithm to another base for one of the two numbers.",
        20: "that is the factor of one layer; how many of them pass the limit?",
        400: "that is the width; the number of layers is asked for.",
        31: "the correction 1/(2n) is far too small for that.",
        128: "that many doublings make 3.4e38; here a layer is another factor.",
        4: "that is for float16; the limit of float32 is 3.4e38.",
        237: "that is for float64; the limit of float32 is 3.4e38.",
    },
    why="ln(3.4e38) over ln 20, rounded up.",
)


def _check_layer(answer):
    layer = as_number(answer)
    if 29 < layer < 30:
        return Verdict(False, "a layer is a whole number: the first after the limit is passed.")
    return _LAYER(layer)


EXERCISES = {
    "knob": Exercise(
        (
            "Choose tanh and 60 layers, lock any guess, and read the sentence below the picture.",
            "At a gain of 1 the gradient is smaller at layer 1 than at layer 60. Go up from there.",
            "It passes a hundred between 1.5 and 1.7, and the ten thousand a little above 2.",
        ),
        number(
            2.18,
            mistakes={
                2.0: "at 2.00 it is some five thousand times as large; one more stop.",
                1.83: "at 1.83 it is about a thousand times as large.",
                1.41: "that is where ReLU keeps its signal; choose tanh.",
                1.0: "at a gain of 1 it is smaller at layer 1 than at layer 60.",
                1.17: "a linear network would pass it there; tanh's slopes take some of it away.",
                1.19: "a linear network would pass it there; tanh's slopes take some of it away.",
                1.68: "there it passes a hundred; ten thousand is asked for.",
                2.38: "it is, and at the stop before it is as well.",
                2.59: "it is, and two stops before it is as well.",
                2.83: "it is more than ten million there; smaller gains pass ten thousand too.",
                4.0: "that is the largest gain; smaller ones pass ten thousand too.",
            },
            why="The signal stays between -1 and 1, and nothing holds the gradient.",
        ),
    ),
    "layer": Exercise(
        (
            "By which factor does one layer multiply the length, and how many such factors make "
            "3.4e38?",
            "The factor is about √400 = 20. Divide ln(3.4e38) = 88.7 by the speed of ln(length).",
            "ln 20 - 1/800 = 2.994, so the limit is passed between two layers near 29.5; the "
            "first whole layer after it is asked for.",
        ),
        _check_layer,
    ),
    "variance": Exercise(
        (
            "What does a layer's gain depend on, the variance or its root?",
            "A variance that is 10% too large makes a standard deviation √1.1 times too large.",
            "Each of 50 layers multiplies by √1.1.",
        ),
        number(
            1.1**25,
            mistakes=[
                (
                    1.1**50,
                    "that would be so if the standard deviation were 10% too large, or for the "
                    "square of the signal.",
                ),
                (1.1**100, "you squared where a root is needed."),
                (
                    6,
                    "the layers multiply; they do not add 10% of the first signal each.",
                ),
                (5, "the layers multiply; they do not add 10% each."),
                (3.5, "the layers multiply; they do not add 5% each."),
                (math.sqrt(1.1), "that is one layer; there are 50."),
                (1.1, "that is the variance of one layer; there are 50."),
                (1.05**50, "√1.1 is less than 1.05, and over 50 layers the difference shows."),
                (55, "50 layers multiply: a power, not a product with 50."),
                (50 * math.sqrt(1.1), "50 layers multiply: a power, not a product with 50."),
                (1 + 50 * (math.sqrt(1.1) - 1), "the layers multiply; they do not add."),
                (1.1**12.5, "you took the root of the variance twice."),
                (
                    1.1**25 - 1,
                    "that is by how much it exceeds the right signal; the factor is asked for.",
                ),
                (1.1**-25, "that is a signal too small; yours grows."),
            ],
            why="√1.1 to the power of 50: one order of magnitude, from an error nobody would see.",
        ),
    ),
    "tolerance": Exercise(
        (
            "Twenty equal factors multiply to at most 10. How large is each?",
            "The gain to the power of 20 is 10.",
            "10 ** (1 / 20), or exp(ln(10) / 20).",
        ),
        number(
            10 ** (1 / 20),
            relative=0.003,
            mistakes=[
                (
                    10 ** (1 / 20) - 1,
                    "that is by how much the gain may exceed 1; the gain itself is asked for.",
                ),
                (
                    100 * (10 ** (1 / 20) - 1),
                    "that is by how many per cent it may exceed 1; the gain itself is asked for.",
                ),
                (
                    10 ** (1 / 10),
                    "that is the square of the gain, the factor of the variance.",
                ),
                (
                    10 ** (1 / 40),
                    "that is the root of the gain; the length itself, not its square, grows 10 "
                    "times.",
                ),
                (0.5, "the layers multiply, so a root is needed, not a division."),
                (10, "that is the factor of all 20 layers together."),
                (math.log(10) / 20, "that is the logarithm of the gain."),
                (
                    1.45,
                    "the layers multiply, so nine is not shared out among 20 layers.",
                ),
                (10 ** (-1 / 20), "that is the smallest gain, for a factor of 1/10."),
                (0.12, "that is by how much the gain may exceed 1; the gain itself is asked for."),
                (
                    12,
                    "that is by how many per cent it may exceed 1; the gain itself is asked for.",
                ),
                (10 ** (1 / 19), "that spreads the growth over 19 layers; there are 20."),
                (20 ** (1 / 10), "10 and 20 have changed places."),
                (2, "20 over 10: the layers multiply, so a root is needed, not a division."),
                (1, "at a gain of 1 the signal does not grow at all; it may, by a factor of 10."),
            ],
            why="The 20th root of 10.",
        ),
    ),
    "balanced": Exercise(
        (
            "Set the speed μ to 0 and solve for σ.",
            "ln(σ√n) = 1/(2n), so σ√n is a little larger than 1.",
            "Return `np.exp(1 / (2 * n)) / np.sqrt(n)`.",
        ),
        function(
            _balanced,
            [(100,), (50,), (20,)],
            relative=2e-3,
            mistakes=[
                (
                    lambda n: 1 / math.sqrt(n),
                    "there the mean of the squared length stays; the logarithm falls by 1/(2n) "
                    "a layer.",
                ),
                (
                    lambda n: math.exp(-1 / (2 * n)) / math.sqrt(n),
                    "the sign of 1/(2n): the gain has to make up for a loss.",
                ),
                (
                    lambda n: math.exp(1 / n) / math.sqrt(n),
                    "that is 1/n in the exponent: twice too much, as for the squared length.",
                ),
                (
                    lambda n: 1 / n,
                    "that is the variance; its square root is asked for.",
                ),
                (
                    lambda n: math.exp(1 / (2 * n)) / n,
                    "it divides by n; the gain is σ√n, with a root.",
                ),
                (
                    lambda n: math.exp(1 / (2 * n)),
                    "that is the gain σ√n; the standard deviation σ is asked for.",
                ),
                (
                    lambda n: math.exp(1 / (2 * n)) * math.sqrt(n),
                    "it multiplies by √n; the gain is σ√n, so √n divides.",
                ),
                (
                    lambda n: 1 / math.sqrt(n) + 1 / (2 * n),
                    "1/(2n) belongs to the logarithm: it multiplies σ by a number near 1.",
                ),
                (
                    lambda n: math.exp(n / 2) / math.sqrt(n),
                    "`1/2*n` is n/2: put brackets round `2*n`.",
                ),
                (
                    lambda n: math.log(_balanced(n)),
                    "that is the logarithm of σ; σ itself is asked for.",
                ),
                (
                    lambda n: math.log(math.sqrt(n)) - 1 / (2 * n),
                    "that is μ at σ = 1; asked is the σ at which μ is 0.",
                ),
                (
                    lambda n: math.sqrt(2 / n),
                    "the 2 is for a ReLU, which this network has not.",
                ),
                (
                    lambda n: 0.1,
                    "that is 1/√100; it has to depend on n, and the correction is missing.",
                ),
                (
                    lambda n: math.exp(1 / n) / n,
                    "that is the variance; its square root is asked for.",
                ),
            ],
        ),
    ),
    "narrow": Exercise(
        (
            "The gain is 1, so ln(σ√n) is 0. What is left of the speed μ?",
            "μ = -1/(2n) = -1/20 a layer, and there are 199 layers between the two ends.",
            "`walk(np.float64, 1 / np.sqrt(10), layers=200, n=10, networks=1000)` gives the "
            "vectors, `log_length` their lengths.",
        ),
        number(
            -10.2,
            relative=0.07,
            mistakes=[
                (
                    0,
                    "that is what the mean of the squared length suggests; the median network "
                    "is another matter.",
                ),
                (-20, "that is the logarithm of the squared length."),
                (-1, "that would be right for width 100."),
                (10.2, "the sign: the typical network fades."),
                (math.exp(-10), "that is the factor; its logarithm is asked for."),
                (1 / 20_000, "that is the factor; its logarithm is asked for."),
                (20_000, "that is the factor; its logarithm is asked for."),
                (
                    -9.95 / math.log(10),
                    "that is to the base 10; the natural logarithm is asked for.",
                ),
                (-1 / 20, "that is one layer; there are 199 between the ends."),
                (-5, "that is 1/(4n) a layer; in 1/(2n) the root is taken already."),
            ],
            why="About -200/(2·10), a little more because at width 10 the next term, 1/(6n²) a "
            "layer, begins to show.",
        ),
    ),
}

QUIZ = {
    "bfloat16": Question(
        "bfloat16 has the largest number of float32 and keeps only three decimal digits. At which "
        "layer do products of 100×100 standard normal matrices overflow in it?",
        (
            Choice(
                "Near layer 5, as in float16",
                "Both have 16 bits. What counts is the largest number, and float16 spends its "
                "bits on digits instead.",
            ),
            Choice(
                "Near layer 39, as in float32",
                "The range decides where the signal overflows, not the number of digits.",
                right=True,
            ),
            Choice(
                "Near layer 16: it has three digits instead of seven",
                "Digits decide how finely a number is stored, not how large it may be.",
            ),
        ),
    ),
    "width": Question(
        "You make a network four times as wide and keep the standard deviation of its weights. "
        "What happens to the gain of a layer?",
        (
            Choice("Nothing: the weights have the same size", "Each sum has more terms."),
            Choice(
                "It doubles",
                "The gain is σ√n: four times the terms, twice the sum.",
                right=True,
            ),
            Choice(
                "It grows fourfold",
                "Independent terms add in variance; the size goes with the root.",
            ),
            Choice(
                "It halves",
                "Nothing is averaged here: a unit adds its inputs up.",
            ),
        ),
    ),
    "saturated": Question(
        "At the start of a deep tanh network, half of the units are saturated on each digit (gain "
        "4). What do the gradients do on their way back?",
        (
            Choice(
                "They vanish, because saturated units have slope 0",
                "Those units pass nothing. The others pass it on through large weights, and that "
                "outweighs the loss.",
            ),
            Choice(
                "They grow from layer to layer",
                "Measured over 18 layers: a factor of about a thousand.",
                right=True,
            ),
            Choice(
                "They keep their size, like the signals",
                "tanh bounds the signals. Nothing bounds the gradients.",
            ),
        ),
    ),
    "dead": Question(
        "A ReLU unit is dead on all training digits after the first step. Which of these can wake "
        "it?",
        (
            Choice(
                "Its own next gradient step",
                "Its slope is 0 on every digit, so its weights and its bias have the gradient 0.",
            ),
            Choice(
                "A larger learning rate",
                "Any number times a gradient of 0 is 0.",
            ),
            Choice(
                "Changes in the layers before it, which move its inputs",
                "They may bring z above 0 on some digit. Nothing aims at it, so it is luck.",
                right=True,
            ),
            Choice(
                "More training digits of the same kind, in the same order",
                "It is off on all of them, and digits of the same kind look alike to it.",
            ),
        ),
    ),
}
