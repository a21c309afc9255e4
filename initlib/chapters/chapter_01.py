"""The texts of chapter 01: what is asked, and what is said to each answer."""

import math

import numpy as np

from initlib.datasets import load_digits
from initlib.initializers import normal
from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import Verdict, as_number, number
from initlib.network import Network
from initlib.training import evaluate, fit

TITLE = "See why it matters"

PREDICTIONS = {
    "step-zero": Question(
        "The ten logits of a digit are independent numbers with mean 0 and standard deviation 1 "
        "and know nothing of the digit. What is the expected loss?",
        (
            Choice(
                "ln 10 = 2.30 nats: the network still guesses",
                "ln 10 is the price of an even guess. This network has favourites, and nothing to "
                "base them on.",
            ),
            Choice(
                "Less than ln 10: it is sometimes right",
                "It is right on one digit in ten, as an even guess is, and it pays more for its "
                "favourites being wrong than it gains when they are right.",
            ),
            Choice(
                "More than ln 10",
                "To be sure of something false costs more than not to know.",
                right=True,
            ),
            Choice(
                "It depends on the digit",
                "The logits know nothing of the digit, so on average each digit costs the same.",
            ),
        ),
    ),
    "race": Question(
        "Each start gets five learning rates from 0.03 to 3, and 200 steps. Which of the six never "
        "arrive at 1 nat, whatever the rate?",
        (
            Choice(
                "None: with the right rate each of them learns",
                "A rate multiplies the gradients. Two of these starts have gradients that no "
                "factor can mend.",
            ),
            Choice(
                "Zero alone",
                "It is tempting to blame the number 0. The constant 0.1 shares what is wrong "
                "with it.",
            ),
            Choice(
                "Zero and constant",
                "The other four are only badly scaled at worst, and a rate of their own helps.",
                right=True,
            ),
            Choice(
                "All but Xavier and He",
                "A name on a start is no magic. In a network this shallow a bad scale delays "
                "training, and a rate of its own makes up for much of it.",
            ),
        ),
    ),
    "shared": Question(
        "At the shared rate 0.03 Xavier needs about half as many steps again as He, in each of ten "
        "seeds. What will a careful reader conclude?",
        (
            Choice(
                "He is the better start for this network",
                "The tuned race of the same seeds was a tie. Ten seeds of ten exclude chance; they "
                "do not exclude that the rate suits one start better.",
            ),
            Choice(
                "It is chance; more seeds are needed",
                "In ten pairs of ten He is ahead. The result is firm; the question is what it is "
                "a result about.",
            ),
            Choice(
                "He is faster at this rate; each needs its own rate before the starts compare",
                "At its own rate each of them arrives within a few steps of the other.",
                right=True,
            ),
            Choice(
                "The tuned race was wrong",
                "Both races are right: they answer different questions.",
            ),
        ),
    ),
    "depth": Question(
        "With two hidden layers Xavier and He tie. What happens with twenty, each at the best of "
        "five rates, within 250 steps?",
        (
            Choice(
                "They tie again, both later",
                "That would be so if a layer more only cost time. A small difference between the "
                "starts acts at each layer anew.",
            ),
            Choice(
                "Both fail: twenty layers are too many",
                "Twenty layers can be trained from a start that suits them, without any trick.",
            ),
            Choice(
                "He arrives and Xavier does not",
                "What hardly counts in one layer is multiplied over twenty.",
                right=True,
            ),
            Choice(
                "Xavier arrives and He does not",
                "At small rates He was the faster one already; depth makes more of it.",
            ),
        ),
    ),
}


def _arrivals(std):
    """Arrival at 1 nat of three seeds at rate 0.3 within 16 steps, and their first loss."""
    digits = load_digits(order="file")
    network = Network(
        (64, 64, 64, 10),
        "relu",
        normal(std),
        [np.random.default_rng(seed) for seed in range(3)],
    )
    history = fit(
        network,
        *digits.train,
        steps=16,
        learning_rate=0.3,
        rng=np.random.default_rng(100),
        observe=lambda each: evaluate(each, *digits.test)[0],
        every=2,
        quiet=True,
    )
    losses = np.array(history.observed)
    return (losses <= 1).any(axis=0), losses[0].mean()


def _check_std(answer):
    std = as_number(answer)
    if std <= 0:
        return Verdict(False, "a standard deviation is above 0, or nothing is random.")
    arrived, first = _arrivals(std)
    if arrived.all():
        return Verdict(True, f"All three arrive; the loss at step 0 was {first:.2f}.")
    count = f"{arrived.sum()} of three arrive in time, and the loss at step 0 was {first:.3g}"
    if first > 4:
        return Verdict(False, f"{count}: the logits start too wide. Try a smaller one.")
    return Verdict(False, f"{count}: the signal is too weak to learn from. Try a larger one.")


_MEDIAN = number(
    58,
    relative=1e-3,
    mistakes={
        52: "that is the median of the seven that arrived: the runs that were lost are dropped.",
        372 / 7: "that is the mean of the seven that arrived.",
        97.2: "that is the mean with 200 for the lost runs; we only know that they need more.",
        200: "that is where the lost runs were stopped.",
        55: "that is the fifth; of ten the median is the middle of the fifth and sixth.",
        61: "that is the sixth; of ten the median is the middle of the fifth and sixth.",
        47: "that counts the lost runs as the fastest.",
        37.2: "that is a mean, and the lost runs count as 0 in it.",
    },
    why="A median can count what it has not seen the end of.",
)


def _check_median(answer):
    if isinstance(answer, (float, np.floating)) and math.isinf(answer):
        return Verdict(
            False, "that is a mean: lost runs count as infinitely late, and a median can bear that."
        )
    if isinstance(answer, (float, np.floating)) and math.isnan(answer):
        return Verdict(False, "nan spoils a median: let a lost run count as infinitely late.")
    return _MEDIAN(answer)


EXERCISES = {
    "rescue": Exercise(
        (
            "Set the slider to ten hidden layers and race at each rate, from the smallest on.",
            "At 0.003 nobody arrives. He is the first to, and Xavier needs a larger rate.",
            "He arrives at 0.01. Go on to the first rate at which Xavier arrives within 200 steps.",
        ),
        number(
            10,
            mistakes={
                0.1: "that is Xavier's rate, or He's over Xavier's; asked is the factor between "
                "them, and it is above 1.",
                0.01: "that is He's rate; by what factor is Xavier's larger?",
                1: "there are rates at which both arrive, but He arrives at smaller ones too.",
                3: "that is one stop of the slider: does Xavier arrive at 0.03?",
                10 / 3: "does He arrive at 0.03 only, or at 0.01 as well?",
                30: "that is 0.3 over 0.01: does Xavier not arrive at a smaller rate than 0.3?",
                100 / 3: "that is 0.1 over 0.003: does He arrive at 0.003 within 200 steps?",
                1.89: "that is the ratio of the gradients with two hidden layers; race with ten.",
                math.sqrt(2): "that is the ratio of the weights' standard deviations; race with "
                "ten layers.",
                2: "that is the ratio of the weights' variances; race with ten layers.",
                0.09: "that is the difference of the rates; asked is the factor between them.",
                -0.09: "that is the difference of the rates; asked is the factor between them.",
            },
            why="0.1 over 0.01: at the rates between, a race shows He alone.",
        ),
    ),
    "classes": Exercise(
        (
            "With nothing known, each class gets the same probability.",
            "The loss is minus the natural logarithm of the probability of the right class.",
            "That probability is 1/1000.",
        ),
        number(
            math.log(1000),
            mistakes={
                math.log(10): "that is for ten classes; here there are 1,000.",
                3: "that is the logarithm to the base 10; a nat is from the natural one.",
                math.log2(1000): "that is in bits; a nat is from the natural logarithm.",
                0.001: "that is the probability; the loss is minus its logarithm.",
                -math.log(1000): "the logarithm of 1/1000 is negative, and the loss is minus it.",
                230.26: "that is 100 times ln 10; a logarithm does not grow in proportion.",
                1000: "that is the number of classes; take its logarithm.",
                0: "a loss of 0 is for who knows every class; at step 0 nothing is known.",
                0.999: "that is the share of wrong guesses; the loss is minus a logarithm.",
                math.log(1000) / 1000: "you weighted by 1/1000: the mean over photographs that "
                "cost the same is that cost.",
            },
            why="ln 1000, three times ln 10.",
        ),
    ),
    "spread": Exercise(
        (
            "92 is far above ln 10, so the straight part of the curve counts.",
            "There the loss is the spread times the mean of the largest of ten standard normals.",
            "That mean is 1.54, so the spread is 92 divided by it.",
        ),
        number(
            92 / 1.5388,  # the mean of the largest of ten standard normals
            relative=0.05,
            mistakes={
                92: "the loss is not the spread itself: ten logits have a largest one, which lies "
                "1.54 spreads above 0.",
                92 * 1.54: "you multiplied; the loss is 1.54 times the spread.",
                92**0.5: "the loss grows with the spread itself, not with its square.",
                92 - math.log(10): "the loss is not ln 10 and the spread added: far above ln 10 it "
                "is a multiple of the spread.",
                92 / math.log(10): "that divides by ln 10, which belongs to equal logits.",
                (92 / 1.54) ** 2: "that is the variance; its square root is asked for.",
                (92 / 1.54)
                ** 0.5: "you took a square root too many: 92/1.54 is the standard deviation.",
                92**2: "the loss grows with the spread itself, not with its root.",
                math.log(
                    92
                ): "the loss is in the unit of the logits; no logarithm is left to take.",
                26: "that is for the loss of 40 in the text; here it is 92.",
                1.54: "that is the loss for each unit of spread.",
            },
            why="92/1.54.",
        ),
    ),
    "median": Exercise(
        (
            "All ten runs count. Where do those that did not arrive stand in the order?",
            "They are later than all others, however late. The median is the middle of the fifth "
            "and the sixth.",
            "The fifth is 55 and the sixth 61.",
        ),
        _check_median,
    ),
    "fair": Exercise(
        (
            "Which rate would somebody choose who uses A? And who uses B?",
            "A is at its best at rate 1, and B at rate 0.1.",
            "A needs 35 steps there and B 50.",
        ),
        number(
            0.7,
            mistakes={
                400 / 90: "that is at the shared rate 0.01, which is too small for both.",
                60 / 50: "that is at the shared rate 0.1, which is B's best and not A's.",
                35 / 210: "that is at the shared rate 1, which is A's best and not B's.",
                50 / 35: "that is B over A; asked is A over B.",
                495 / 350: "that adds up all rates; nobody trains at all of them.",
                60 / 90: "those are medians over the rates; who uses a start chooses its rate.",
                1.937: "that averages over the shared rates; who uses a start chooses its rate.",
                35 / 90: "that is A at its best rate and B at one too small for it.",
                -15: "that is a difference; how many times as many is asked for.",
                15: "that is a difference; how many times as many is asked for.",
                0.3: "that is the share that A saves; how many times as many is asked for.",
            },
            why="Each at its own best rate, and no best rate at the edge of the table.",
        ),
    ),
    "std": Exercise(
        (
            "`normal(0.01)` is too small and `normal(0.4)` too large. Try something between.",
            "The loss at step 0 helps: near 2.3 it may be too small, above 4 it is too large.",
            "Xavier's weights have the standard deviation 0.125 in the hidden layers, and He's "
            "0.177.",
        ),
        _check_std,
    ),
}

QUIZ = {
    "alarm": Question(
        "A new network for ten classes shows a loss of 35 nats at step 0. What do you look at "
        "first?",
        (
            Choice("The learning rate", "No step has been taken, so no rate was used yet."),
            Choice(
                "The scale of the weights: the logits are too wide",
                "35/1.54 is about 23: that is how widely the logits spread.",
                right=True,
            ),
            Choice(
                "Nothing: the loss will come down",
                "It may, and the first steps go into undoing favourites that nothing supports.",
            ),
            Choice(
                "The number of classes",
                "ln C is 35 only for e³⁵ classes, some 10¹⁵ of them.",
            ),
        ),
    ),
    "certificate": Question(
        "A network shows exactly ln 10 at step 0. What follows?",
        (
            Choice(
                "It has a good start",
                "So does a network whose weights are all zero, and it never arrives.",
            ),
            Choice(
                "Its weights are small",
                "The constant start has large logits and shows ln 10, because they are equal.",
            ),
            Choice(
                "Its logits are nearly equal, and no more",
                "Whether it can learn is not to be seen from the loss at step 0.",
                right=True,
            ),
        ),
    ),
    "one-rate": Question(
        "A page compares two starts at learning rate 0.01 over 50 seeds. The first reaches the "
        "goal earlier in all 50. What has it shown?",
        (
            Choice(
                "That the first start is better",
                "The second might win at a rate of its own, and 50 seeds at one rate cannot tell.",
            ),
            Choice(
                "That the first start is faster at 0.01",
                "And for starts that differ in scale, 0.01 means a different thing to each.",
                right=True,
            ),
            Choice(
                "Nothing: it may be chance",
                "Fifty of fifty is not chance. The doubt is about the question, not the answer.",
            ),
        ),
    ),
    "dropped": Question(
        "A table gives the mean number of steps of those runs that reached the goal. For which "
        "start does that flatter most?",
        (
            Choice(
                "For the one that loses most runs",
                "Its slow runs leave the table and its lucky ones stay.",
                right=True,
            ),
            Choice("For the fastest", "If all its runs arrive, nothing is left out of its mean."),
            Choice(
                "For none: the same rule holds for all",
                "The same rule removes nothing from one start and the worst runs from another.",
            ),
        ),
    ),
}
