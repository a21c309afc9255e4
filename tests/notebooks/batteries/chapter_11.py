"""Answers to the exercises of chapter 11, written from their text alone."""

import math

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sees(q):
    return np.tri(len(q), dtype=bool)


def by_rows(q, k):
    """Token by token."""
    A = np.zeros((len(q), len(k)))
    for i, query in enumerate(q):
        e = np.exp(k[: i + 1] @ query / math.sqrt(len(query)))
        A[i, : i + 1] = e / e.sum()
    return A


def by_a_large_number(q, k):
    s = (q / q.shape[1] ** 0.5) @ k.T
    return softmax(s - 1e9 * (1 - np.tri(len(q))))


def by_product(q, k):
    e = np.exp(q @ k.T / np.sqrt(q.shape[1])) * np.tri(len(q))
    return e / e.sum(1, keepdims=True)


def by_triu(q, k):
    s = np.einsum("id,jd->ij", q, k) / np.sqrt(k.shape[-1])
    s[np.triu_indices(len(s), 1)] = -np.inf
    return softmax(s, 1)


class Weights:
    def __call__(self, q, k, root=None):
        root = root or q.shape[-1] ** 0.5
        return softmax(np.where(sees(q), q @ k.T / root, -np.inf))


RIGHT = {
    "gain": [*forms(2.83), 2**1.5, "2**1.5", "sqrt(8)", 2.828],
    "heads": [*forms(8), "sqrt(64)", "sqrt(768/12)", 64**0.5],
    "weights": [
        by_rows,
        by_a_large_number,
        by_product,
        by_triu,
        Weights(),
        lambda q, k: softmax(np.where(sees(q), q @ k.T / np.sqrt(q.shape[1]), -np.inf)),
        lambda queries, keys: by_rows(queries, keys),
        lambda q, k: by_product(q, k).tolist(),
    ],
    "first": [
        *forms(10.98),
        "ln(50257) + 0.1536",
        "log(50257) + 768*0.0004/2",
        math.log(50257) + 0.1536,
        11,
    ],
}

MISTAKES = {
    "gain": [1, "1", 2, 4, 1.41, "sqrt(2)", 0.25, 8],
    "heads": ["sqrt(768)", 768**0.5, 64, "768/12", 768, 12, "sqrt(12)", 0.125, "1/8"],
    "weights": [
        lambda q, k: softmax(q @ k.T / q.shape[1]) * np.tri(len(q)),  # nothing changed
        lambda q, k: softmax(q @ k.T / np.sqrt(q.shape[1])) * sees(q),  # one fault left
        lambda q, k: softmax(np.where(sees(q), q @ k.T / q.shape[1], -np.inf)),
        lambda q, k: softmax(np.where(sees(q), q @ k.T, -np.inf)),
        lambda q, k: softmax(np.where(sees(q), q @ k.T / np.sqrt(q.shape[1]), 0)),
        lambda q, k: softmax(np.where(sees(q).T, q @ k.T / np.sqrt(q.shape[1]), -np.inf)),
        lambda q, k: softmax(np.where(sees(q), q @ k.T / np.sqrt(q.shape[1]), -np.inf), 0),
    ],
    "first": [
        math.log(50257),  # chance alone
        "ln(50257)",
        "ln(50257) + 768*0.02**2",
        math.log2(50257),
        math.log10(50257),
        "768*0.02**2/2",
        math.log(768),
    ],
}

OTHER_WRONG = {
    "gain": [*not_it(2.83), 3, 2.5, 0.5, 16],
    "heads": [*not_it(8), 7, 9, 100, 6],
    "weights": [
        *NOT_FUNCTIONS,
        lambda q: q @ q.T,
        lambda q, k: np.nan,
        lambda q, k: np.tri(len(q)) / np.arange(1, 1 + len(q))[:, None],
        lambda q, k: q @ k.T,
        lambda q, k: by_rows(q, k).T,
        lambda q, k: by_rows(k, q),
        lambda q, k: by_rows(q, k)[0],
        lambda q, k: by_rows(q, k) / 2,
    ],
    "first": [*not_it(10.98), 10.5, 12, 3, 1, 300],
}
