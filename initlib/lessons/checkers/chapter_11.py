import numpy as np

from initlib.lessons.checkers import function


def softmax(s, axis=1):
    e = np.exp(s - s.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def scores(q, k):
    return q @ k.T / np.sqrt(q.shape[1])


def masked(s, mask, axis=1):
    return softmax(np.where(mask, s, -np.inf), axis)


def weights(q, k):
    return masked(scores(q, k), np.tri(len(q)))


def before_itself(tokens):
    """Those before a token; the first has none and sees itself."""
    mask = np.tri(tokens, k=-1)
    mask[0, 0] = 1
    return mask


WRONG = {
    "as_given": lambda q, k: softmax(q @ k.T / q.shape[1]) * np.tri(len(q)),
    "after": lambda q, k: softmax(scores(q, k)) * np.tri(len(q)),
    "by_width": lambda q, k: masked(q @ k.T / q.shape[1], np.tri(len(q))),
    "bare": lambda q, k: masked(q @ k.T, np.tri(len(q))),
    "zeros": lambda q, k: softmax(scores(q, k) * np.tri(len(q))),
    "future": lambda q, k: masked(scores(q, k), np.tri(len(q)).T),
    "not_itself": lambda q, k: masked(scores(q, k), before_itself(len(q))),
    "columns": lambda q, k: masked(scores(q, k), np.tri(len(q)), axis=0),
}


def case(seed, tokens, d):
    """Queries and keys of so many tokens."""
    return tuple(np.random.default_rng(seed).standard_normal((2, tokens, d)))


CASES = [case(0, 5, 9), case(1, 4, 3)]
CHECKERS = {"weights": function(weights, CASES, WRONG)}
