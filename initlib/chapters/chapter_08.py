"""Texts of chapter 08: predictions, exercises and quiz, with what is said to each answer."""

from initlib.lessons import Choice, Exercise, Question
from initlib.lessons.answers import Unreadable, Verdict, number, word

TITLE = "Check the article"

PREDICTIONS = {
    "scales": Question(
        "Tanh networks learn 100 digits until they read all of them. The start is Xavier's, its "
        "weights multiplied by 1/2, 1, 2, 4 or 8, and each gain has its own tuned rate. How do "
        "they do on the test digits?",
        (
            Choice(
                "All alike: they have learned the same digits",
                "They agree on the training digits. Many networks do, and on other digits these "
                "need not agree.",
            ),
            Choice(
                "The smallest is clearly best: small weights prevent overfitting",
                "That mixes up where the weights start and a penalty that keeps them small. "
                "Between 1/2 and 1 you will see hardly any difference.",
            ),
            Choice(
                "1/2 and 1 about alike, 8 clearly worse",
                "Reasonable gains barely differ, and more of a huge start survives the training.",
                right=True,
            ),
            Choice(
                "The largest is best: it starts with the most varied features",
                "Its units do differ most, in ways that have nothing to do with digits.",
            ),
        ),
    ),
    "shared-rate": Question(
        "With 100 digits and a tuned rate for each gain, gain 8 read clearly fewer test digits "
        "than gain 1. Now all gains share the rate 0.01, and all still fit their training "
        "digits. What becomes of the difference?",
        (
            Choice(
                "It stays: the start is to blame, not the rate",
                "The rate decides how far the weights travel from their start, and with it how "
                "much of the start is left.",
            ),
            Choice(
                "It shrinks: a small rate is safe for everyone",
                "Safe from diverging, yes. With small steps a network stays nearer to its start, "
                "and the start is what hurts here.",
            ),
            Choice(
                "It grows to about twice its size",
                "The shared rate suits the small gains and leaves the large ones at their start.",
                right=True,
            ),
        ),
    ),
}


JUDGED = (
    ("false", "no start that we tried closed the gap between training and test accuracy."),
    ("true", "random weights already make the units different."),
    ("conditions", "at 10 layers they tie, at 30 layers of ReLU only He starts in time."),
    ("false", "one rate can suit one start and ruin another; it is fair to none."),
    ("false", "at unit gain the signal of a tanh network fades as 1/(2l)."),
)
WORDS = ("true", "conditions", "false")


def _check_sort(answer):
    if isinstance(answer, str) or not hasattr(answer, "__len__"):
        raise Unreadable('a list of five words is asked for, such as ["true", "false", ...]')
    said = [str(each).strip().lower() for each in answer]
    if len(said) != len(JUDGED):
        return Verdict(False, f"there are five sentences; your list holds {len(said)}.")
    for each in said:
        if each not in WORDS:
            return Verdict(False, f'"{each}" is none of "true", "conditions" and "false".')
    for place, (given, (right, reason)) in enumerate(zip(said, JUDGED), 1):
        if given != right:
            return Verdict(False, f"sentence {place}: {reason}")
    return Verdict(True, "Each of the five has a measurement behind it.")


EXERCISES = {
    "rate": Exercise(
        (
            "Set `rate` in *Explore* to each of the five and compare the ends of the curve.",
            "The medians of all rates are in `np.median(found_100[2], axis=-1)`: gains down, "
            "rates across.",
            "Take the largest minus the smallest along the gains, for each rate.",
        ),
        number(
            1.0,
            mistakes={
                0.01: "at 0.01 the gains are farthest apart.",
                0.03: "at 0.03 gain 8 is still far below the others.",
                0.1: "at 0.1 they are nearer; go on.",
                0.3: "at 0.3 they are nearer; one rate is left.",
            },
            why="And look at the height: all gains are alike there, and none is good.",
        ),
    ),
    "sort": Exercise(
        (
            "Ask of each sentence: against what, at which depth, at which rate?",
            "Only one sentence needs no condition, and it is about the biases.",
            "One is true under conditions: the one that compares two initializers.",
        ),
        _check_sort,
    ),
    "smaller": Exercise(
        (
            "`search` takes `gains=`; the rates it tries need no change.",
            "`best_rates(search(100, gains=(1 / 8, 0.5)))` gives each its rate; then `measure`.",
            "Compare the test accuracies seed by seed: row 2 of what `measure` returns.",
        ),
        word(
            "no",
            {
                "yes": "measure it with `search` and `measure`, and take the median of the "
                "differences seed by seed.",
            },
        ),
    ),
}

QUIZ = {
    "regularizer": Question(
        "A network reads all of its training digits and 75% of the test digits. What does a "
        "better initialization do for it, if its scale was already reasonable?",
        (
            Choice(
                "It closes most of the gap",
                "No gain did that; at the best one the gap was still there.",
            ),
            Choice(
                "Hardly anything; more training digits would help",
                "Reasonable gains differed by at most three points, and three times as many "
                "digits raised each gain by at least five.",
                right=True,
            ),
            Choice(
                "It makes overfitting impossible",
                "A network that fits its training digits can be wrong on others from any start.",
            ),
        ),
    ),
    "null-space": Question(
        "A linear layer has 64 inputs and learns from 30 digits by gradient descent. Which part "
        "of its first weights can training not change?",
        (
            Choice(
                "None: every weight has a gradient",
                "Every weight moves. But all moves together stay in the span of the 30 digits.",
            ),
            Choice(
                "The part orthogonal to all 30 digits",
                "The gradient is built of the training digits, so it has no such part.",
                right=True,
            ),
            Choice(
                "The weights of the largest size",
                "The gradient does not know the size of a weight in a linear layer.",
            ),
        ),
    ),
    "held-out": Question(
        "Why was the rate of each gain chosen on held-out digits and not on the test digits?",
        (
            Choice(
                "The test digits are too few",
                "There are about as many of either. The reason is what they are used for.",
            ),
            Choice(
                "A best of several rates, picked on the test digits, looks better than it is",
                "The pick would partly follow chance in those very digits.",
                right=True,
            ),
            Choice(
                "It makes no difference, it is only tidy",
                "It makes one: what is chosen for its score has a score that flatters it.",
            ),
        ),
    ),
    "expressive": Question(
        "In which sense does a good start make a deep network more expressive?",
        (
            Choice(
                "It enlarges the set of functions that the network can compute",
                "That set is the same for any start: it depends on the architecture alone.",
            ),
            Choice(
                "Training reaches good functions at depths where it would otherwise stall",
                "The functions were there before; the start decides whether training gets there.",
                right=True,
            ),
            Choice(
                "Its units are more different from one another",
                "Any random start makes them different, a bad scale included.",
            ),
        ),
    ),
}
