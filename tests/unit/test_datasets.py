import difflib
import itertools

import numpy as np
import pytest

from initlib.datasets import SHEETS, load_digits, raw_digits

COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.datasets", reason="its copy of the digits is needed")
    theirs = sklearn.load_digits()
    pixels, labels = raw_digits()
    np.testing.assert_array_equal(pixels, theirs.images)
    np.testing.assert_array_equal(labels, theirs.target)


def test_raw_digits():
    pixels, labels = raw_digits()
    assert pixels.shape == (1797, 8, 8) and pixels.min() == 0 and pixels.max() == 16
    assert np.bincount(labels).tolist() == COUNTS


WAYS = [{}, {"writers": "apart"}, {"order": "file"}]
SIZES = [(1200, 200, 397), (1215, 200, 382), (1400, 0, 397)]
FIRST = [980, 107, 223, 713, 1595]


def parts(digits):
    return digits.train, digits.validation, digits.test


def rows(**way):
    """Which digits of the file each part holds, in order, found through the images.

    Standardising keeps the order of a pixel's values, and so the order of the images.
    """
    pixels = raw_digits()[0].reshape(-1, 64).astype(float)
    together = np.concatenate([x for x, _ in parts(load_digits(**way))])
    varies = together.std(axis=0) > 0
    mine, theirs = (np.lexsort(np.round(x[:, varies], 6).T) for x in (together, pixels))
    at = np.empty(len(pixels), int)
    at[mine] = theirs
    return np.split(at, np.cumsum([len(y) for _, y in parts(load_digits(**way))])[:-1])


@pytest.mark.parametrize("way, sizes", list(zip(WAYS, SIZES)))
def test_every_digit_of_the_file_is_in_one_part_with_its_label(way, sizes):
    digits, (_, labels) = load_digits(**way), raw_digits()
    assert tuple(len(y) for _, y in parts(digits)) == sizes
    found = rows(**way)
    assert sorted(np.concatenate(found)) == list(range(1797))
    for (x, y), at in zip(parts(digits), found):
        assert x.shape == (len(y), 64)
        np.testing.assert_array_equal(y, labels[at])


@pytest.mark.parametrize("way", WAYS)
def test_the_training_part_is_standardised_and_the_others_take_its_numbers(way):
    digits, pixels = load_digits(**way), raw_digits()[0].reshape(-1, 64).astype(float)
    train = pixels[rows(**way)[0]]
    middle, spread = train.mean(axis=0), train.std(axis=0)
    constant = spread == 0
    assert 0 < constant.sum() < 10
    for (x, _), at in zip(parts(digits), rows(**way)):
        assert not x[:, constant].any()
        expected = (pixels[at] - middle)[:, ~constant] / spread[~constant]
        np.testing.assert_allclose(x[:, ~constant], expected, rtol=1e-9, atol=1e-12)


def test_the_files_order_is_that_of_the_first_edition():
    digits = load_digits(order="file")
    _, labels = raw_digits()
    np.testing.assert_array_equal(digits.y_train, labels[:1400])
    np.testing.assert_array_equal(digits.y_test, labels[1400:])
    assert [id(each) for part in parts(digits) for each in part] == list(map(id, digits))


def test_a_sheet_holds_the_same_digits_as_the_first():
    """In the first sheet's order, of which at most eight digits miss and one is another."""
    _, labels = raw_digits()
    first = labels[:130].tolist()
    for start, end in itertools.pairwise((*SHEETS, 1797)):
        sheet = labels[start:end].tolist()
        same = difflib.SequenceMatcher(None, first, sheet, autojunk=False).get_matching_blocks()
        assert sum(block.size for block in same) >= len(sheet) - 1 >= 121, start


def test_every_hand_is_in_every_part_by_its_share():
    for part, size in zip(rows(), SIZES[0]):
        counts, _ = np.histogram(part, (*SHEETS, 1797))
        expected = np.diff((*SHEETS, 1797)) * size / 1797
        assert np.abs(counts - expected).max() < 2


def test_hands_that_are_tested_apart_are_in_no_other_part():
    train, validation, test = rows(writers="apart")
    assert sorted(test) == list(range(1415, 1797))
    counts, _ = np.histogram(validation, SHEETS[:12])
    assert counts.min() > 10 and max(*train, *validation) < 1415


@pytest.mark.parametrize("way", WAYS[:2])
def test_a_hand_is_not_dealt_by_a_pattern(way):
    """Nor do its digits stand together: neighbours in a part are of the same sheet by chance."""
    train, validation, _ = rows(**way)
    sheet = np.searchsorted(SHEETS, train, side="right")
    assert np.mean(sheet[1:] == sheet[:-1]) < 0.12
    for start in (0, 130, 256):
        own = np.sort([row for row in validation if start <= row < start + 126])
        assert len(set(np.diff(own))) > 3


def test_the_split_is_the_same_whatever_a_lesson_seeds(monkeypatch):
    before = load_digits()
    monkeypatch.setattr(np.random, "default_rng", None)
    for one, other in zip(before, load_digits()):
        np.testing.assert_array_equal(one, other)


def test_the_split_is_data():
    """It does not change from one version of numpy to the next."""
    assert rows()[0][:5].tolist() == FIRST


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(dtype):
    digits = load_digits(dtype=dtype)
    assert digits.x_train.dtype == digits.x_test.dtype == digits.x_validation.dtype == dtype
    assert digits.y_train.dtype.kind == digits.y_test.dtype.kind == "i"
    np.testing.assert_allclose(digits.x_test, load_digits().x_test, rtol=1e-6)


@pytest.mark.parametrize(
    "options, error, sentence",
    [
        ({"writers": "known"}, ValueError, "writers must be one of together, apart; 'known' is"),
        ({"order": None}, ValueError, "order must be one of dealt, file; None is not"),
        ({"order": "file", "writers": "apart"}, ValueError, 'order="file" knows no writers'),
        ({"dtype": int}, ValueError, "dtype must be one of float32, float64"),
    ],
)
def test_bad_digits(options, error, sentence):
    with pytest.raises(error, match=sentence):
        load_digits(**options)
