"""The texts of chapter 06: what is asked, and what is said to each answer."""

import math

import numpy as np

from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import function, number

TITLE = "Derive He"

PREDICTIONS = {
    "halving": Question(
        "Xavier's weights keep the variance of a linear layer of equal fans. With a ReLU after "
        "each layer, how large is the second moment of z at layer 29, compared with layer 1?",
        (
            Choice(
                "About the same",
                "That holds for an activation that is close to the identity. A ReLU sets half of "
                "its inputs to 0, in every layer.",
            ),
            Choice(
                "About half of it",
                "You have counted one ReLU. There are 28 of them in a row, and each takes its "
                "share of what the one before left.",
            ),
            Choice(
                "About 2^-14",
                "That is what the standard deviation loses. A second moment loses the square of "
                "it.",
            ),
            Choice(
                "About 2^-28",
                "Each ReLU keeps half of the second moment, and halves multiply.",
                right=True,
            ),
        ),
    ),
    "either": Question(
        "A network of 20 hidden layers whose widths go up and down between 128 and 512 starts with "
        "Var(w) = 2/fan_in. What becomes of the gradient's variance on the way from the logits to "
        "the first layer?",
        (
            Choice(
                "It vanishes or explodes with the number of layers",
                "You may have multiplied one bad factor 20 times. The factors differ: a layer that "
                "narrows is followed by one that widens.",
            ),
            Choice(
                "It stays the same in every layer",
                "That is what fan_out would give. Under fan_in a layer multiplies it by "
                "fan_out/fan_in.",
            ),
            Choice(
                "It changes by one ratio of widths, whatever lies in between",
                "The factors are fan_out/fan_in, and each width in between cancels.",
                right=True,
            ),
        ),
    ),
    "thirty": Question(
        "Xavier and He tied at 10 layers. What will happen at 20, and at 30?",
        (
            Choice(
                "They tie again: the learning rate can make up for the start",
                "A rate scales all layers' steps alike. At ten layers that is enough; with more "
                "layers there is ever less gradient to scale.",
            ),
            Choice(
                "Xavier begins later at 20 layers and does not begin at 30",
                "The missing factor doubles with each layer, and so training needs longer and "
                "longer to leave the start.",
                right=True,
            ),
            Choice(
                "Xavier ends with a worse accuracy at both, but learns from the first step",
                "You may think of the start as a handicap that stays the same. It is a plateau: "
                "first nothing is learned, then things go quickly.",
            ),
            Choice(
                "Xavier diverges",
                "A signal that is too small does not overflow. It gives gradients that are too "
                "small to matter.",
            ),
        ),
    ),
    "narrow": Question(
        "At a rate of 0.01 some of the narrow networks learn badly. How will six of them do at "
        "that rate once the second moment is exactly 1 in each layer?",
        (
            Choice(
                "All learn well: the spread of the second moment was the trouble",
                "That is the natural guess, since the spread is large and predicted. It takes an "
                "experiment that removes the spread to see what else there is.",
            ),
            Choice(
                "None learns: rescaling spoils He's weights",
                "Rescaling multiplies each layer by one factor, which ReLU passes on. The network "
                "tells the digits apart at the start as it did before.",
            ),
            Choice(
                "Some still learn badly: rate 0.01 stays unreliable",
                "One number a layer is set right, and training depends on more than this number.",
                right=True,
            ),
        ),
    ),
}

_SLOPE = 1 + 0.2**2


def _scale(negative, positive):
    return 2 / (negative**2 + positive**2)


EXERCISES = {
    "lottery": Exercise(
        (
            "Set the depth to 50 and the seeds to 200; the sentence below tells the share.",
            "Begin at 64 units and double: each time fewer end below a tenth.",
            "At 64 units it is about two in five, at 128 nearly one in five.",
        ),
        number(
            256,
            mistakes=[
                (512, "there it holds, but a smaller width will do."),
                (128, "nearly one in five end there; that width is enough for 30 layers."),
                (64, "about two in five end there."),
                (50, "that is the number of layers; the width is asked for."),
                (8, "the smallest width of all; nearly all of its networks end there."),
                (200, "that is the number of networks; the width is asked for."),
            ],
            why="Of 200 seeds, a few are still below a tenth.",
        ),
    ),
    "pair": Exercise(
        (
            "Build √(2/(n_in + n_out)) and read the sentence below the picture.",
            "A layer multiplies by half of n_in·Var(w), and Var(w) is 2/(n_in + n_out).",
            "n_in/(n_in + n_out) is 256/320 in one layer and 64/320 in the other.",
        ),
        number(
            0.16,
            relative=0.03,
            mistakes=[
                (0.25, "that is for equal widths, where each layer halves."),
                (0.64, "that is for linear layers; each of the two ReLUs takes a half."),
                (0.4, "that is the root of it; the second moment is asked for."),
                (0.8, "that is the layer down to 64 units alone."),
                (0.2, "that is the layer up to 256 units alone."),
                (0.04, "you left out the 2, in both layers."),
                (6.25e-6, "that is Xavier's variance taken for a standard deviation."),
                (0.8**4 * 0.2**3, "that is layer 8 over layer 1; two layers are asked for."),
                (1, "that is He's; Xavier's has the sum of the fans below."),
                (0.5, "that is one layer of equal widths; here are two, of unequal ones."),
                (4, "upside down, and for equal widths: the signal shrinks."),
                (6.25, "upside down: the signal shrinks."),
            ],
            why="0.8·0.2: below the 1/4 of equal widths.",
        ),
    ),
    "std": Exercise(
        (
            "Forward: which of the two fans does a unit sum over?",
            "Half of n_in·Var(w) has to be 1, so Var(w) = 2/n_in.",
            "Var(w) = 2/200. The standard deviation is its root.",
        ),
        number(
            0.1,
            mistakes=[
                (0.01, "that is the variance; its square root is asked for."),
                (math.sqrt(1 / 200), "that is LeCun's; the ReLU's half is missing."),
                (math.sqrt(2 / 50), "you used fan_out; that is the backward condition."),
                (math.sqrt(2 / 250), "that is Xavier's, with the sum of the fans."),
                (
                    math.sqrt(2 / 125),
                    "that takes the mean of the fans; forward asks for one of them.",
                ),
                (2 / math.sqrt(200), "the 2 belongs under the root."),
                (math.sqrt(6 / 200), "that is the bound of the uniform law."),
            ],
            why="√(2/200).",
        ),
    ),
    "bound": Exercise(
        (
            "First the variance, with the slope in it; then the law.",
            "The variance is 2/((1 + 0.2²)·100), and a uniform law on ±b has the variance b²/3.",
            "b = √(3·2/(1.04·100)).",
        ),
        number(
            math.sqrt(6 / (_SLOPE * 100)),
            relative=0.005,
            mistakes=[
                (math.sqrt(2 / (_SLOPE * 100)), "that is the standard deviation."),
                (2 / (_SLOPE * 100), "that is the variance."),
                (6 / (_SLOPE * 100), "the root is missing."),
                (math.sqrt(3 / 100), "that is LeCun's: the factor for a leaky ReLU is missing."),
                (math.sqrt(2 / 100), "that is the standard deviation for a slope of 0."),
                (math.sqrt(6 / 100), "that is for a slope of 0."),
                (math.sqrt(6 / (0.8 * 100)), "what the slope lets through is added, and squared."),
                (math.sqrt(6 / (1.2 * 100)), "the slope counts squared: 1 + 0.2²."),
                (
                    math.sqrt(3 / (_SLOPE * 100)),
                    "the ReLU's factor of 2 is missing: √3 belongs to LeCun's variance.",
                ),
                (
                    math.sqrt(6 * _SLOPE / 100),
                    "the factor 1.04 divides: a slope leaves more of the signal, so the weights "
                    "may be smaller.",
                ),
            ],
            why="√(6/(1.04·100)).",
        ),
    ),
    "depth": Exercise(
        (
            "The second moment halves at each layer. What does its root do?",
            "The standard deviation loses a factor of √2 a layer; solve (√2)^k = 1000.",
            "k = ln(1000²)/ln 2.",
        ),
        number(
            2 * math.log2(1000),
            relative=0.01,
            mistakes=[
                (
                    math.log2(1000),
                    "then the second moment is 1,000 times smaller; the standard deviation loses "
                    "√2 a layer, not 2.",
                ),
                (10, "that is for the second moment; the standard deviation is asked for."),
                (1000, "the factors multiply; they do not add up."),
                (500, "the factors multiply; they do not add up."),
                (math.log(1000), "that would be a loss of a factor e a layer."),
            ],
            why="2·log₂(1000). A whole number of layers, 20, does it.",
        ),
    ),
    "scale": Exercise(
        (
            "Split E[φ(z)²] into the part where z < 0 and the part where z > 0.",
            "Each part holds half of E[z²], times its slope squared.",
            "E[φ(z)²] = (negative² + positive²)/2 · E[z²], and n_in·Var(w) is 1 over that share.",
        ),
        function(
            _scale,
            [tuple(map(np.float64, each)) for each in ((0, 1), (0.2, 1), (-1, 1), (0.5, 2))],
            mistakes=[
                (
                    lambda negative, positive: 1 / (negative**2 + positive**2),
                    "a factor of 2 is missing: each side holds half of the second moment.",
                ),
                (
                    lambda negative, positive: (negative**2 + positive**2) / 2,
                    "that is the share that is kept; the weights have to give its inverse.",
                ),
                (
                    lambda negative, positive: 2 / (1 + negative**2),
                    "that is eq. 15, where the positive slope is 1; here it may be another.",
                ),
                (
                    lambda negative, positive: 2 / (negative + positive),
                    "a slope enters the second moment squared.",
                ),
                (
                    lambda negative, positive: 2 / (negative + positive) ** 2,
                    "each side has its own square: square the slopes, then add.",
                ),
                (lambda negative, positive: 2.0, "that is ReLU's; the slopes are ignored."),
                (
                    lambda negative, positive: negative**2 + positive**2,
                    "that is upside down: what the slopes keep, the weights need not give.",
                ),
                (
                    lambda negative, positive: math.sqrt(2 / (negative**2 + positive**2)),
                    "that is a gain, a factor of the standard deviation.",
                ),
            ],
        ),
    ),
    "spread": Exercise(
        (
            "The variance of the logarithm grows by 5/n a layer.",
            "The standard deviation is 1 when the variance is 1.",
            "5·k/100 = 1.",
        ),
        number(
            20,
            mistakes=[
                (100, "that would be 1/n a layer; a ReLU layer adds 5/n."),
                (10, "that would be 10/n a layer; a ReLU layer adds 5/n."),
                (5, "that is the 5 of 5/n; how many layers make 5/n into 1?"),
                (math.sqrt(20), "you took a root; at 1 variance and root agree."),
                (500, "you multiplied by 5; it divides."),
                (40, "2.5/n a layer is what the mean of the logarithm loses."),
                (4, "you seem to have taken a root; at 1 variance and root agree."),
            ],
            why="5·20/100 = 1. At twice the width, twice the depth.",
        ),
    ),
}

QUIZ = {
    "half": Question(
        "z is symmetric about 0, and not normal. What is E[relu(z)²]?",
        (
            Choice("E[z²]/2, as for a normal z", "Only the symmetry was used.", True),
            Choice(
                "It depends on the law",
                "The table needs that z and -z have the same law, and nothing else.",
            ),
            Choice(
                "Var(z)/4",
                "Half of the units are off, and those that are on keep their square whole.",
            ),
            Choice(
                "0.34·E[z²]",
                "That is the variance of relu(z) for a normal z. It leaves the mean out.",
            ),
        ),
    ),
    "fan-out": Question(
        "He with fan_in keeps the forward signal of a deep ReLU network. Is the gradient in danger "
        "for that reason?",
        (
            Choice(
                "Yes, since only fan_out keeps it",
                "It is not kept exactly. But it changes by one ratio of widths in all.",
            ),
            Choice(
                "No: over all layers it changes by the ratio of the last to the first width",
                "The product of fan_out/fan_in telescopes.",
                True,
            ),
            Choice(
                "No: both conditions always hold together",
                "They do only where each layer has equal fans.",
            ),
        ),
    ),
    "compare": Question(
        "A blog shows that He beats Xavier on a network of 5 ReLU layers, both at the same "
        "learning rate. What can you conclude?",
        (
            Choice(
                "He is better for ReLU at every depth",
                "At small depth the two tie when each may have its own rate.",
            ),
            Choice(
                "That this rate suits He better",
                "Weights of another size want another rate. Tune both before you compare.",
                True,
            ),
            Choice(
                "Nothing is lost with Xavier at any depth",
                "At 30 layers no rate that we tried helped.",
            ),
        ),
    ),
    "width": Question(
        "A He network has 50 ReLU layers of 50 units. What do you expect of its second moment at "
        "the last hidden layer?",
        (
            Choice(
                "It is 1, give or take a few percent",
                "That is the mean over networks. One network strays by a factor of about e^√5, "
                "either way.",
            ),
            Choice(
                "Its mean over networks is kept, and a single one may be off by a factor of ten",
                "The logarithm has a variance of about 5·50/50, so a standard deviation of 2.2, a "
                "factor of nine.",
                True,
            ),
            Choice(
                "It vanishes, as with Xavier",
                "Xavier would leave 2^-50. The typical He network fades too, but only to about "
                "e^-2.5, a twelfth.",
            ),
            Choice(
                "It explodes",
                "The typical network lies below the mean, and a few large ones hold it up.",
            ),
        ),
    ),
}
