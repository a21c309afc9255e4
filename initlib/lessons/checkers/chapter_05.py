import numpy as np

from initlib.lessons.answers import Unreadable, Verdict, as_array

SHAPES = ((300, 100), (100, 300), (80, 400))
WITHIN = 0.05  # of a variance: at least six standard errors of 30,000 weights


def normal(std):
    return lambda rng, shape: rng.normal(0, std(*shape), shape)


def uniform(bound):
    return lambda rng, shape: rng.uniform(-bound(*shape), bound(*shape), shape)


# By the name of the mistake. The first ones are told by the variance of what they draw.
BY_VARIANCE = {
    "variance_as_std": normal(lambda m, n: 2 / (m + n)),
    "fan_in": normal(lambda m, n: np.sqrt(1 / m)),
    "fan_out": normal(lambda m, n: np.sqrt(1 / n)),
    "he": normal(lambda m, n: np.sqrt(2 / m)),
    "without_the_2": normal(lambda m, n: np.sqrt(1 / (m + n))),
    "doubled": normal(lambda m, n: np.sqrt(4 / (m + n))),
    "bound_as_std": normal(lambda m, n: np.sqrt(6 / (m + n))),
    "std_as_bound": uniform(lambda m, n: np.sqrt(2 / (m + n))),
    "bound_without_root": uniform(lambda m, n: 6 / (m + n)),
    "root_twice": normal(lambda m, n: (2 / (m + n)) ** 0.25),
}
WRONG = BY_VARIANCE | {
    "off_centre": lambda rng, shape: rng.uniform(0, np.sqrt(6 / sum(shape)), shape),
    "same_numbers": lambda rng, shape: right(np.random.default_rng(0), shape),
    "other_shape": lambda rng, shape: right(rng, shape[::-1]),
    "no_return": lambda rng, shape: None,
}
right = normal(lambda m, n: np.sqrt(2 / (m + n)))


def drawn(start, seed=0):
    """Weights of all the shapes, each from a generator of its own."""
    return [start(np.random.default_rng(seed + k), shape) for k, shape in enumerate(SHAPES)]


def variances(start):
    return np.array([np.var(W) for W in drawn(start)])


def mended(mistakes):
    if WRONG.keys() != mistakes.keys():
        raise ValueError(f"its mistakes have to be named {', '.join(WRONG)}")

    def checker(answer):
        if not callable(answer):
            raise Unreadable("a function is asked for: hand in `mended`, not what it returns")
        name = amiss(answer)
        return Verdict(not name, mistakes.get(name, name))

    return checker


def amiss(answer):
    """The name of what is wrong with the function, or else a sentence; nothing if it is right."""
    Ws = drawn(answer)
    if any(W is None for W in Ws):
        return "no_return"
    Ws = [as_array(W) for W in Ws]
    if any(W.shape != shape for W, shape in zip(Ws, SHAPES)):
        return "other_shape"
    found, wanted = np.array([np.var(W) for W in Ws]), [2 / sum(shape) for shape in SHAPES]
    if any(abs(np.mean(W)) > 0.1 * np.sqrt(var) for W, var in zip(Ws, wanted)):
        return "off_centre"
    if all(map(np.array_equal, Ws, drawn(answer, seed=10))):
        return "same_numbers"
    if np.allclose(found, wanted, rtol=WITHIN):
        return ""
    for name, start in BY_VARIANCE.items():
        if np.allclose(found, variances(start), rtol=WITHIN):
            return name
    return f"for fans of {SHAPES[0]} the variance is {found[0]:.3g}; is that what Xavier wants?"


CHECKERS = {"mended": mended}
