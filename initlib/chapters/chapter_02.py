"""The texts of chapter 02: what is asked, and what is said to each answer."""

import math

import numpy as np

from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import Unreadable, Verdict, number, word

TITLE = "Break the symmetry"

PREDICTIONS = {
    "four-starts": Question(
        "The four networks get the same digits in the same order at the same learning rate. Which "
        "of them read more than half of the test digits after 150 steps?",
        (
            Choice(
                "All four",
                "Learning does not find its way from everywhere. Two of these starts have a flaw "
                "that no gradient can see.",
            ),
            Choice(
                "All but the one that starts at zero",
                "It is tempting to blame the number 0. The flaw of zero is that all its weights "
                "are equal, and the constant start shares it.",
            ),
            Choice(
                "The almost constant and the random one",
                "Noise of a tenth of the weights' size is enough, and without any noise hardly "
                "anything is learned.",
                right=True,
            ),
            Choice(
                "Only the random one",
                "You may think that weights which are nearly equal stay nearly equal. Watch what "
                "training does to a small difference.",
            ),
        ),
    ),
    "distinct": Question(
        "After training, how many different hidden units has the constant network among its 100?",
        (
            Choice(
                "100: the training data tell them apart",
                "The data are the same for each unit. What could give two units different "
                "gradients?",
            ),
            Choice(
                "About 10, one for each class",
                "Every hidden unit is connected to all ten classes with the same weights, so no "
                "unit is nearer to one class than to another.",
            ),
            Choice(
                "1: they are copies of one another",
                "Equal units get equal gradients, at every step.",
                right=True,
            ),
            Choice(
                "None: it does not learn, so there is nothing to count",
                "Its weights do move, all hundred units' alike, and given thousands of steps it "
                "learns what one unit can.",
            ),
        ),
    ),
    "escape-time": Question(
        "With noise of size 1e-5 the units are apart after 67 steps. The next network starts "
        "with noise ten thousand times smaller, 1e-9. How long will it take?",
        (
            Choice(
                "About 10,000 times as long",
                "That would be right if the distance grew by the same amount at each step. It "
                "grows by the same factor.",
            ),
            Choice(
                "About 67 steps more, twice the time in all",
                "The distance is multiplied by about the same factor at each step, so each factor "
                "of ten in the noise costs the same number of steps.",
                right=True,
            ),
            Choice(
                "Just as long",
                "The units have to come the whole way from their first distance to the last.",
            ),
            Choice(
                "It will never happen: 1e-9 is too small to matter",
                "Nothing is too small for a quantity that multiplies itself at each step.",
            ),
        ),
    ),
    "rounding": Question(
        "All weights are now equal to the last bit, with no noise at all; only the two halves of "
        "the layer compute tanh by different formulas. The proof says that the units stay equal. "
        "When will the units be apart on a real computer, in float64?",
        (
            Choice(
                "Never: that is what the proof says",
                "The proof computes with real numbers. A computer rounds after each operation, "
                "and the two formulas round differently.",
            ),
            Choice(
                "After some 270 steps: the line, read at the size of a rounding error",
                "A rounding error is a noise of known size, and training cannot tell it from "
                "another.",
                right=True,
            ),
            Choice(
                "Within ten steps",
                "A rounding error is tiny at first and has to grow like every other noise.",
            ),
        ),
    ),
}


def _check_start(answer):
    if not callable(answer):
        raise Unreadable("a function is asked for: write `def my_start(rng, shape, dtype)`")
    for shape in ((64, 100), (100, 10)):
        verdict = _check_start_of(answer, shape)
        if not verdict.right:
            return verdict
    return Verdict(
        True,
        "Every unit differs, and no random number was needed: what breaks the symmetry is "
        "difference; randomness is the convenient way to it.",
    )


def _check_start_of(answer, shape):
    W = answer(np.random.default_rng(0), shape, np.float64)
    if W is None:
        return Verdict(False, "your function returns nothing: is there a `return`?")
    W = np.asarray(W, dtype=float)
    if W.shape != shape:
        return Verdict(False, f"for the shape {shape} it returns the shape {W.shape}.")
    if not np.isfinite(W).all():
        return Verdict(False, "some weights are not finite.")
    if np.abs(W - 0.1).max() > 0.01 + 1e-12:
        farthest = W.flat[np.abs(W - 0.1).argmax()]
        return Verdict(False, f"{farthest:.3g} is farther than 0.01 from 0.1.")
    again = np.asarray(answer(np.random.default_rng(1), shape, np.float64), dtype=float)
    if not np.array_equal(W, again):
        return Verdict(False, "called again it gives other weights; it should not need chance.")
    return _check_columns(W)


def _check_columns(W):
    columns = len(np.unique(np.round(W, 12), axis=1).T)
    if columns == W.shape[1]:
        return Verdict(True, "")
    if columns > 1:
        return Verdict(False, f"only {columns} of the {W.shape[1]} columns differ.")
    if len(np.unique(np.round(W, 12), axis=0)) > 1:
        return Verdict(
            False,
            "the weights differ along the inputs, and each unit (a column) still has the same "
            "ones. Vary them along the last axis.",
        )
    return Verdict(False, "all weights are equal, or closer than 1e-12, and so are all units.")


SHARES = (0.5, 0.3, 0.2)

EXERCISES = {
    "entropy": Exercise(
        (
            "The output biases can give each class one probability, the same for every input.",
            "The best they can do is to predict each class as often as it occurs.",
            "The mean of -ln p over the examples is -(0.5 ln 0.5 + 0.3 ln 0.3 + 0.2 ln 0.2).",
        ),
        number(
            -sum(p * math.log(p) for p in SHARES),
            relative=0.005,
            mistakes={
                math.log(3): "ln 3 is right for three classes that are equally frequent.",
                -sum(p * math.log2(p) for p in SHARES): "that is in bits; nats take ln.",
                -sum(p * math.log10(p) for p in SHARES): "that is with log10; nats take ln.",
                sum(p * math.log(p) for p in SHARES): "the sign is missing: ln p is negative.",
                -sum(map(math.log, SHARES)) / 3: "weight each -ln p by its share, not by 1/3.",
                math.log(2): "that is -ln 0.5, the loss on the most frequent class alone.",
                0.5: "that is the accuracy of always naming the first class.",
                math.log(10): "ln 10 belongs to ten classes; here there are three.",
            },
            why="It is the entropy of the class frequencies.",
        ),
    ),
    "merged": Exercise(
        (
            "What do the 100 units together add to one logit?",
            "All 100 send the same activation a, each through a weight of 0.1.",
            "The logit receives 100 times 0.1 times a.",
        ),
        number(
            10,
            mistakes={
                0.1: "one unit alone would then send a hundredth of the signal.",
                0.01: "that is 0.1 squared; each unit's weight is 0.1, and they are added.",
                0.001: "that divides by the number of units; their signals are added.",
                1: "the root of their number belongs to independent units; equals add up.",
                100: "that is the number of units; each sends a tenth of its activation.",
            },
            why="A crowd of equal units is one unit with a louder voice.",
        ),
    ),
    "escape": Exercise(
        (
            "How many steps did the factor of 10,000 between the two measurements cost?",
            "From 1e-4 to 1e-8 is four factors of ten, and 80 steps: 20 steps for each.",
            "From 1e-8 to 1e-16 there are eight more factors of ten.",
        ),
        number(
            300,
            mistakes={
                280: "twice the exponent is not twice the time: the line misses the origin.",
                320: "that counts 16 factors of ten from 0 steps; at ε = 1 the line says -20.",
                460: "only eight factors of ten lie between 1e-8 and 1e-16; you added sixteen.",
                220: "that is one more factor of 10,000; from 1e-8 to 1e-16 there are two.",
                160: "that is what the eight further factors of ten add; add it to 140.",
                140e8: "the time grows with the logarithm of 1/ε, not with 1/ε.",
                60e12: "the time grows with the logarithm of 1/ε, not with 1/ε.",
                140e4: "the time grows with the logarithm of 1/ε, not with its root.",
            },
            why="Twenty steps for each factor of ten.",
        ),
    ),
    "distinct-start": Exercise(
        (
            "Two units differ when their columns of W do. How can a column know its number?",
            "`np.arange(shape[1])` numbers the columns, and `np.linspace` spaces them.",
            "Add `np.linspace(-0.01, 0.01, shape[1])` to `np.full(shape, 0.1)`: it varies along "
            "the last axis.",
        ),
        _check_start,
    ),
    "two-groups": Exercise(
        (
            "Take the proof again. Which pairs of units does it speak of?",
            "Units of the same group stay equal. Is there a reason why the groups should meet?",
            "Build it: set `network.W[0][:, :, 50:] = 0.05`, train, and count with "
            "`probes.distinct_units`.",
        ),
        number(
            2,
            relative=1e-9,
            mistakes={
                1: "the two groups start with different weights, and nothing makes them meet.",
                10: "that is the number of classes; no unit is nearer to one than to another.",
                50: "that is how many units each group has; count the different ones.",
                100: "within a group the units are equal, so their gradients are too.",
            },
            why="Each group stays together, and the two differ. Training cannot make more "
            "different units than there were at the start.",
        ),
    ),
    "longest": Exercise(
        (
            "Choose each activation in turn, and let the player run.",
            "Watch for the step at which the dots leave the centre.",
            "With tanh and ReLU it is before step 100. Only one of the three takes longer.",
        ),
        word(
            "sigmoid",
            {
                "tanh": "with tanh the dots have left the centre by step 100.",
                "relu": "with ReLU the dots have left the centre by step 100.",
            },
        ),
    ),
}

QUIZ = {
    "zero-relu": Question(
        "All weights and biases of a ReLU network are zero. Which parameters have a gradient that "
        "is not zero at step 0?",
        (
            Choice(
                "All of them",
                "With all activations 0 and all weights 0, nearly every product "
                "in the backward pass is 0.",
            ),
            Choice(
                "Only the output biases",
                "The output weights see activations of 0, and nothing passes back through weights "
                "of 0.",
                right=True,
            ),
            Choice(
                "The output weights and biases",
                "The gradient of an output weight is its "
                "activation times the error, and the activations are φ(0) = 0.",
            ),
            Choice("None", "The error p - y is not zero, and the output biases receive it."),
        ),
    ),
    "wider": Question(
        "A constant network with tanh units is made ten times as wide. In exact arithmetic, "
        "which more functions can it compute after training?",
        (
            Choice(
                "Ten times as many features",
                "Each new unit is one more copy of the same feature.",
            ),
            Choice(
                "Nothing more: it is still a network of width one",
                "Width adds copies, which act as one unit with larger outgoing weights.",
                right=True,
            ),
            Choice(
                "It depends on the learning rate",
                "The proof holds for every learning rate: "
                "equal gradients, times any number, are equal.",
            ),
        ),
    ),
    "biases": Question(
        "The weights are random. Should the biases be random too?",
        (
            Choice(
                "Yes, or the biases stay equal",
                "The biases' gradients differ because their "
                "units do, so they part at the first step.",
            ),
            Choice(
                "No: random weights already make the units different",
                "And measured over ten seeds it made no difference to the accuracy.",
                right=True,
            ),
            Choice(
                "They must not be, or training fails",
                "Random biases do no harm here; they are not needed.",
            ),
        ),
    ),
    "momentum": Question(
        "Which of these lets the equal units of a constant network part, in exact arithmetic?",
        (
            Choice("Momentum", "It adds up past gradients, and those were equal too."),
            Choice("Smaller minibatches", "Every unit sees the same minibatch."),
            Choice(
                "A different learning rate for each layer",
                "Units of one layer still take equal steps.",
            ),
            Choice(
                "Dropout, which switches off a random half of the hidden units at each step",
                "It gives units of one layer different gradients: noise in training breaks the "
                "symmetry as noise in the weights does.",
                right=True,
            ),
        ),
    ),
}
