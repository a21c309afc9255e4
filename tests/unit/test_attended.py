"""The ways back that chapter 11 writes by hand, beside central differences."""

import numpy as np
import pytest

from tests.notebooks import defined
from tests.unit.test_normalized import slopes

TOKENS = 6
READ = np.array([3, 1, 4, 1, 5, 0, 2])


@pytest.fixture(scope="module")
def chapter():
    """The names that the chapter's cells define, with a window of six letters."""
    names = defined("11", "imports", "define-")
    names["sees"] = np.tri(TOKENS, dtype=bool)
    return names


def matrices(rng, *shapes):
    return [rng.standard_normal((2, *shape)) for shape in shapes]


def masks():
    return {"all": True, "before": np.tri(TOKENS, dtype=bool)}


@pytest.mark.parametrize("seen", masks())
def test_an_attention_s_gradient(chapter, seen):
    rng = np.random.default_rng(0)
    x, d, *W = matrices(rng, (TOKENS, 5), (TOKENS, 5), *[(5, 5)] * 4)
    _, back = chapter["attend"](W, x, masks()[seen])
    dx, dW = back(d)

    def loss():
        return np.sum(d * chapter["attend"](W, x, masks()[seen])[0])

    for ours, numeric in zip([dx, *dW], slopes(loss, [x, *W]), strict=True):
        np.testing.assert_allclose(ours, numeric, atol=1e-6)


def test_no_letter_sees_those_after_it(chapter):
    x, *W = matrices(np.random.default_rng(0), (TOKENS, 5), *[(5, 5)] * 4)
    y = chapter["attend"](W, x, masks()["before"])[0]
    x[:, 3:] += 1
    changed = chapter["attend"](W, x, masks()["before"])[0]
    np.testing.assert_array_equal(changed[:, :3], y[:, :3])
    assert (changed[:, 3:] != y[:, 3:]).all()


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_model_s_gradient(chapter, place):
    where = {"before": chapter["keep"], "after": chapter["normalize"]} if place == "after" else {}
    block = [*[(4, 4)] * 4, (4, 16), (16, 4)]
    P = matrices(np.random.default_rng(1), (len(chapter["LETTERS"]), 4), (TOKENS, 4), *2 * block)

    def loss():
        return chapter["slopes"](P, READ, **where)[0].sum()

    dP = chapter["slopes"](P, READ, **where)[1]
    for ours, numeric in zip(dP, slopes(loss, P), strict=True):
        np.testing.assert_allclose(ours, numeric, atol=1e-5)
