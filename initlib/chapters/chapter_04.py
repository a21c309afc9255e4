"""The texts of chapter 04: what is asked, and what is said to each answer."""

import math

import numpy as np

from initlib import theory
from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import function, number

TITLE = "Preserve the variance"

PREDICTIONS = {
    "which-moment": Question(
        "The activations a come out of a ReLU. Which number, times n_in Var(w), gives the mean of "
        "z² in the next layer?",
        (
            Choice(
                "Var(a), their variance",
                "A variance leaves the mean out, and a ReLU's outputs have one. The next layer "
                "adds up the activations as they are, mean included.",
            ),
            Choice(
                "E[a²], their mean square",
                "Each weight multiplies an activation as it is, and the square of the product "
                "contains the square of the activation.",
                right=True,
            ),
            Choice(
                "E[a]², their squared mean",
                "That would be right if the activations did not vary at all.",
            ),
            Choice(
                "1: the layer's weights alone decide",
                "Twice the activations give twice the z. What comes in has to be in the formula.",
            ),
        ),
    ),
    "tied": Question(
        "Each unit has one random weight and uses it for all of its 300 inputs, which come from a "
        "ReLU. How large is the mean of z², compared with 300 independent weights of the same "
        "variance?",
        (
            Choice(
                "The same: mean and variance of each weight are the same",
                "That speaks of one product at a time. A sum also contains how its terms go "
                "together.",
            ),
            Choice(
                "About 17 times, the root of 300",
                "That is the right thought for the standard deviation, if all inputs were equal; "
                "here the square of z is asked for.",
            ),
            Choice(
                "About 100 times",
                "All 300 products of a unit now have one sign, so they add up instead of "
                "cancelling.",
                right=True,
            ),
            Choice(
                "Exactly 300 times",
                "It would be, if all activations were equal. A ReLU's are spread out, and half of "
                "them are 0.",
            ),
        ),
    ),
    "narrow": Question(
        "Now the networks are only 10 units wide, and we average over thousands of them. For "
        "which activations does the mean of z², layers deep, still equal the prediction exactly?",
        (
            Choice(
                "For none: the theory is about wide networks",
                "Go through the lines of the box again. Which of them mentions a large width?",
            ),
            Choice(
                "For linear and ReLU, not for tanh",
                "There the mean square is a fixed multiple of the variance. For tanh it is a "
                "curved function of it, whose mean is not its value at the mean.",
                right=True,
            ),
            Choice(
                "For linear only",
                "ReLU is not linear, but it halves the mean square of any symmetric law.",
            ),
            Choice(
                "For all: the box is exact at any width",
                "The box is. But to go on to the next layer you also need E[φ(z)²], and for that "
                "the variance alone is not always enough.",
            ),
        ),
    ),
    "trained": Question(
        "After training, the standard deviation of the hidden weights has changed by a few "
        "percent. What does the box, with the trained network's own Var(w) and E[a²], say of its "
        "mean of z²?",
        (
            Choice(
                "It still holds within a few percent",
                "The variance of the weights has hardly changed. But the box has other assumptions "
                "than the size of the weights.",
            ),
            Choice(
                "It is too large: in truth z² is smaller",
                "That would need weights that avoid what comes in. Training strengthens the answer "
                "to what the layer sees.",
            ),
            Choice(
                "It is too small, in a late layer by more than a factor of 2",
                "Training adds to the weights what it saw in the activations, so the products add "
                "up instead of cancelling.",
                right=True,
            ),
        ),
    ),
}


def _signal_with_biases(activation, scale, var_b, depth, q):
    variances = [scale * q + var_b]
    while len(variances) < depth:
        variances.append(scale * theory.second_moment(activation, variances[-1]) + var_b)
    return np.array(variances)


def _recurrence(first, following):
    """Variances of which ``first(activation, scale, var_b, q)`` gives the first, and ``following``
    the next from each."""

    def variances(activation, scale, var_b, depth, q):
        found = [first(activation, scale, var_b, q)]
        while len(found) < depth:
            found.append(following(activation, scale, var_b, found[-1]))
        return np.array(found)

    return variances


def _inputs(activation, scale, var_b, q):
    return scale * q + var_b


def _box(activation, scale, var_b, q):
    return scale * theory.second_moment(activation, q) + var_b


def _without_biases(activation, scale, var_b, depth, q):
    return theory.signal(activation, scale, depth, q)


def _without_first_bias(activation, scale, var_b, depth, q):
    variances = [scale * q]
    while len(variances) < depth:
        variances.append(scale * theory.second_moment(activation, variances[-1]) + var_b)
    return np.array(variances)


def _one_layer_late(activation, scale, var_b, depth, q):
    return _signal_with_biases(activation, scale, var_b, depth + 1, q)


def _with_activation_first(activation, scale, var_b, depth, q):
    return _one_layer_late(activation, scale, var_b, depth, q)[1:]


def _with_variance(activation, scale, var_b, depth, q):
    variances = [scale * q + var_b]
    while len(variances) < depth:
        last = variances[-1]
        var_a = theory.second_moment(activation, last) - theory.mean(activation, last) ** 2
        variances.append(scale * var_a + var_b)
    return np.array(variances)


def _with_std_of_bias(activation, scale, var_b, depth, q):
    return _signal_with_biases(activation, scale, math.sqrt(var_b), depth, q)


_VAR_RELU = 0.5 - 1 / (2 * math.pi)

EXERCISES = {
    "kept": Exercise(
        (
            "Write down four rows and three columns, and read the measured Var(z) in the sentence "
            "for each pair, with the slider at 1.00.",
            "E[a²] keeps Var(z) with every activation. Which of the others do so, and where?",
            "With relu and with sigmoid only E[a²] does. linear has three beliefs that do.",
        ),
        number(
            7,
            mistakes={
                3: "that is the number of beliefs; count the pairs that keep.",
                7 / 12: "that is a share; how many is asked for.",
                4: "that is one belief for each activation; linear and tanh allow another.",
                5: "try all three beliefs with linear, and Var(a) with tanh.",
                6: "one is missing: a is z in a linear network, so what do its beliefs differ in?",
                8: "one too many: with tanh and with sigmoid, belief in Var(z) ends far below 1.",
                9: "too many: with tanh and with sigmoid, belief in Var(z) ends far below 1.",
                10: "too many: curves that level off may do so far from 1.",
                12: "that is all pairs; with relu you have seen two that fail.",
            },
            why="E[a²] for all four, and more where outputs have mean 0.",
        ),
    ),
    "product": Exercise(
        (
            "Which line of the derivation is about one product?",
            "Line 3: it is the mean square of the activation times the variance of the weight.",
            "A mean square is the variance plus the squared mean: here 4 + 9.",
        ),
        number(
            1.3,
            relative=1e-3,
            mistakes=[
                (
                    0.4,
                    "that takes the activation's variance; its mean square counts, mean included.",
                ),
                (0.9, "that takes the squared mean alone; the variance belongs to it."),
                (0.3, "that is the activation's mean times the weight's variance."),
                (
                    2.5,
                    "a variance is a square already: do not square the 4 again (9 + 16 = 25).",
                ),
                (
                    13,
                    "that is the mean square of the activation; the weight is missing.",
                ),
                (
                    math.sqrt(1.3),
                    "that is the standard deviation; the variance is asked for.",
                ),
                (0.7, "3 + 4 adds the mean as it is; it has to be squared."),
                (1.6, "4 is the variance already; do not square it."),
                (0.5, "a mean square is the variance plus the squared mean, not less it."),
                (4.1, "variances add when variables do; these are multiplied."),
                (1.2, "3 · 4 multiplies mean and variance; a mean square adds."),
                (0, "that is the mean of the product, not its variance."),
                (
                    0.13,
                    "0.1 is the weight's variance already; it is not squared again.",
                ),
            ],
            why="The mean square, 13, times 0.1.",
        ),
    ),
    "uniform-layer": Exercise(
        (
            "The box asks for four numbers. Which of them do you have?",
            "A uniform law on ±c has the variance c²/3, and the mean square of a ReLU is half the "
            "variance of what it gets.",
            "256 · 0.01/3 · 0.5, and then the square of 0.2.",
        ),
        number(
            256 * 0.01 / 3 * 0.5 + 0.04,
            mistakes=[
                (
                    256 * 0.01 / 3 * 0.5,
                    "the biases are missing: their variance adds.",
                ),
                (
                    256 * 0.01 * 0.5 + 0.04,
                    "0.1 is the bound of the uniform law, not its standard deviation.",
                ),
                (
                    256 * 0.01 / 3 * 0.5 + 0.2,
                    "0.2 is the biases' standard deviation; their variance adds.",
                ),
                (
                    256 * 0.01 / 3 * _VAR_RELU + 0.04,
                    "that takes the variance of the ReLU's outputs; their mean square counts.",
                ),
                (
                    256 * 0.01 / 3 + 0.04,
                    "the ReLU is missing: it halves the mean square.",
                ),
                (
                    256 * 0.01 / 12 * 0.5 + 0.04,
                    "(upper - lower)²/12 is right, and the law is 0.2 wide, not 0.1.",
                ),
                (
                    math.sqrt(256 * 0.01 / 3 * 0.5 + 0.04),
                    "that is the standard deviation; the variance is asked for.",
                ),
                (
                    256 * 0.01 / 3 / (2 * math.pi) + 0.04,
                    "that takes the squared mean of the ReLU's outputs; their mean square counts.",
                ),
                (
                    256 * 0.01 / 3 / math.sqrt(2 * math.pi) + 0.04,
                    "that takes the mean of the ReLU's outputs; their mean square counts.",
                ),
                (
                    256 * 0.1 / math.sqrt(3) * 0.5 + 0.04,
                    "that takes the weights' standard deviation; their variance counts.",
                ),
                (
                    256 * 0.1 * 0.5 + 0.04,
                    "0.1 is the bound of the uniform law, not its variance.",
                ),
                (256 * 0.01 / 3, "the ReLU and the biases are missing."),
                (
                    256 * 0.01 / 3 * 0.5 + 0.04 / 3,
                    "the weights are uniform; for the biases 0.2 is the standard deviation.",
                ),
                (
                    256 * 0.04 / 3 * 0.5 + 0.04,
                    "c²/3 is for a law on ±c, and c is 0.1 here, not 0.2.",
                ),
                (
                    0.01 / 3 * 0.5 + 0.04,
                    "each of the 256 inputs adds its product: n_in is missing.",
                ),
            ],
            why="The box with all four of its numbers.",
        ),
    ),
    "recurrence": Exercise(
        (
            "What goes in at the first layer? Not an activation: the inputs have the mean square "
            "`q` itself.",
            "Start a list with `scale * q + var_b`, then append until it holds `depth` numbers.",
            "Each next one is `scale * theory.second_moment(activation, variances[-1]) + var_b`.",
        ),
        function(
            _signal_with_biases,
            [
                ("tanh", 1.5, 0.2, 5, 0.6),
                ("relu", 1.2, 0.05, 4, 1.3),
                ("linear", 0.8, 0.0, 3, 2.0),
                ("sigmoid", 3.0, 0.1, 1, 0.5),
            ],
            mistakes=[
                (_without_biases, "it leaves the biases out: `var_b` has no effect."),
                (
                    _without_first_bias,
                    "the first layer has biases too: add `var_b` there.",
                ),
                (_one_layer_late, "it returns one layer too many."),
                (
                    lambda *case: _signal_with_biases(*case)[1:],
                    "it leaves layer 1 out, the one that the inputs enter.",
                ),
                (
                    lambda *case: _signal_with_biases(*case)[-1],
                    "it returns the last layer alone; all of them are asked for.",
                ),
                (
                    lambda *case: np.sqrt(_signal_with_biases(*case)),
                    "these are standard deviations; the variances are asked for.",
                ),
                (
                    lambda activation, *rest: theory.second_moment(
                        activation, _signal_with_biases(activation, *rest)
                    ),
                    "these are the mean squares of the activations; Var(z) is asked for.",
                ),
                *[
                    (wrong, "it begins with the inputs; layer 1 comes after the first weights.")
                    for wrong in (
                        _recurrence(lambda phi, scale, var_b, q: q, _box),
                        lambda *case: [case[-1], *_signal_with_biases(*case)],
                        lambda *case: [case[-1], *_signal_with_biases(*case)[:-1]],
                    )
                ],
                (
                    _recurrence(_box, _box),
                    "it sends the inputs through φ; only layers have an activation.",
                ),
                *[
                    (
                        _recurrence(
                            first, lambda phi, s, b, q: s * (theory.second_moment(phi, q) + b)
                        ),
                        "it multiplies the biases' variance by `scale`; it adds as it is.",
                    )
                    for first in (_inputs, lambda phi, scale, var_b, q: scale * (q + var_b))
                ],
                (
                    _recurrence(_inputs, lambda phi, scale, var_b, q: scale * q + var_b),
                    "it leaves the activation out.",
                ),
                (
                    _recurrence(_inputs, lambda phi, scale, var_b, q: scale * q / 2 + var_b),
                    "it takes every activation for a ReLU.",
                ),
                (
                    _recurrence(_inputs, lambda phi, s, b, q: s * theory.second_moment(phi, q)),
                    "only its first layer has biases: add `var_b` in each.",
                ),
                (
                    _recurrence(_inputs, lambda phi, s, b, q: _box(phi, s, b, math.sqrt(q))),
                    "`second_moment` takes the variance itself, not its root.",
                ),
                (
                    lambda *case: _without_biases(*case) + case[2],
                    "it adds the biases at the end; those of a layer also pass all layers after "
                    "it.",
                ),
                (
                    lambda phi, scale, *rest: _signal_with_biases(phi, scale**2, *rest),
                    "`scale` is n_in Var(w) already; do not square it.",
                ),
                (
                    lambda phi, scale, var_b, *rest: _signal_with_biases(
                        phi, scale, var_b**2, *rest
                    ),
                    "`var_b` is a variance already; do not square it.",
                ),
                (
                    lambda *case: _signal_with_biases(*case[:-1], case[-1] ** 2),
                    "`q` is a mean square already; do not square it.",
                ),
                (lambda *case: _signal_with_biases(*case[:-1], 1.0), "it leaves `q` out."),
                (
                    _with_activation_first,
                    "it begins with layer 2: the first layer gets the inputs, without φ.",
                ),
                (
                    _with_variance,
                    "it takes the variance of the activations; their mean square counts.",
                ),
                (
                    _with_std_of_bias,
                    "it adds the biases' standard deviation; `var_b` is their variance.",
                ),
            ],
        ),
    ),
    "dropout": Exercise(
        (
            "Which property of the activations enters the box?",
            "What is the mean square of a number that is a/0.8 with probability 0.8, and else 0?",
            "0.8 · (a/0.8)² + 0.2 · 0 = a²/0.8.",
        ),
        number(
            1.25,
            relative=1e-3,
            mistakes=[
                (
                    1,
                    "it is the mean that stays; the mean square counts, and it does not.",
                ),
                (
                    0.8,
                    "those that are kept are divided by 0.8, which counts squared.",
                ),
                (1.5625, "that is 1/0.8²; only 80 % of the activations are kept."),
                (
                    0.64,
                    "those that are kept grow, by 1/0.8; you multiplied by 0.8 twice.",
                ),
                (
                    0.25,
                    "that is what is added; the factor is asked for.",
                ),
                (
                    math.sqrt(1.25),
                    "that is the factor of the standard deviation.",
                ),
                (5, "0.8 is the probability to be kept, not to be dropped."),
                (0.2, "that is the share that is set to 0."),
                (1.2, "that adds the share that is dropped; work out the mean square instead."),
                (0.16, "that is the variance of a coin with the probability 0.8."),
                (
                    math.sqrt(0.8),
                    "that is a root of 0.8; the variance goes with squares, and those kept grow.",
                ),
            ],
            why="It is 1/0.8: dropout makes the signal larger while it is on.",
        ),
    ),
    "over-examples": Exercise(
        (
            "With the weights fixed, what do the means of the activations do to z?",
            "They add the same constant for every input, so the variance does not see them.",
            "What remains is Var(a) in place of E[a²]; for ReLU (1/2 - 1/(2π)) / (1/2). To measure "
            "it: `np.var(network.z[1], axis=1).mean() / np.mean(network.z[1]**2)`.",
        ),
        number(
            1 - 1 / math.pi,
            relative=0.04,
            mistakes=[
                (
                    1,
                    "that holds over the draw of the weights; here they are fixed, and the mean of "
                    "the activations is a constant.",
                ),
                (1 / math.pi, "that is the share of the mean, the part that is lost."),
                (
                    math.pi / (math.pi - 1),
                    "that is the factor the other way round: box over variance.",
                ),
                (
                    0.5,
                    "ReLU halves the mean square, and that is in the box already.",
                ),
                (
                    _VAR_RELU,
                    "that is Var(a) at q = 1; divide it by E[a²] = 1/2 for the fraction.",
                ),
                (
                    math.sqrt(1 - 1 / math.pi),
                    "that is the fraction of the standard deviation.",
                ),
                (1 / (2 * math.pi), "that is E[a]² at q = 1, the part that is lost."),
                (0, "the weights are fixed, but the inputs vary, and z with them."),
            ],
            why="It is 1 - 1/π: over examples it is Var(a) that counts.",
        ),
    ),
}

QUIZ = {
    "wider": Question(
        "Every weight is drawn from N(0, 0.05²), at all layers. You double the width of a ReLU "
        "network. What happens to the signal over ten such layers?",
        (
            Choice(
                "Nothing: the weights are the same",
                "The weights are, and each unit now adds up twice as many of them.",
            ),
            Choice(
                "It doubles",
                "Each layer doubles what it gets, and there are ten of them.",
            ),
            Choice(
                "Its variance grows by about 2 to the power of ten",
                "Each layer of twice as many inputs doubles the variance. So a variance should be "
                "chosen with the width in mind.",
                right=True,
            ),
        ),
    ),
    "dependent-inputs": Question(
        "The inputs of a layer are strongly correlated with one another. The weights are random, "
        "independent and have mean 0. For one fixed input, is the box still right?",
        (
            Choice(
                "No: the variance of a sum needs independent terms",
                "It needs terms whose products have mean 0. The weights' signs see to that, "
                "whatever the inputs do.",
            ),
            Choice(
                "Yes: line 4 multiplies E[a_i a_k] by zero",
                "Independent weights of mean 0 are enough.",
                right=True,
            ),
            Choice(
                "Only if the inputs are normal",
                "No line asks for the law of the inputs.",
            ),
            Choice(
                "Only if their mean is 0",
                "The mean is in E[a²], where it belongs.",
            ),
        ),
    ),
    "law": Question(
        "Two layers of 500 inputs: the weights of one are normal, those of the other are +s or -s "
        "with equal probability. Both have the same variance. How do their pre-activations differ?",
        (
            Choice(
                "The variance is smaller for ±s: the weights vary less",
                "They take only two values, but their variance is s², and it was made equal.",
            ),
            Choice(
                "Hardly at all",
                "Their variances are equal, and sums of 500 terms are close to normal either way.",
                right=True,
            ),
            Choice(
                "Those of ±s take two values as well",
                "A sum of 500 terms with random signs takes as many values as there are sums.",
            ),
        ),
    ),
    "after-training": Question(
        "In a trained network the box is far too small. Shuffle each layer's weights and it is "
        "right again. Which assumption had failed?",
        (
            Choice(
                "That the weights have mean 0 and equal variances",
                "Shuffling changes neither the mean nor the variance of the weights.",
            ),
            Choice(
                "That the weights are independent of the activations and of one another",
                "Shuffling keeps the numbers and destroys their relation to what they multiply.",
                right=True,
            ),
            Choice(
                "That the weights are normal",
                "The box does not need it, and shuffled weights have the law that they had.",
            ),
            Choice(
                "That biases are zero",
                "The box has room for biases, and they were included.",
            ),
        ),
    ),
}
