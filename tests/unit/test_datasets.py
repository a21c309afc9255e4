import numpy as np
import pytest

from initlib.datasets import load_digits, raw_digits

COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def generator(seed=0):
    return np.random.default_rng(seed)


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


def test_the_parts_are_the_files_in_order():
    digits = load_digits()
    _, labels = raw_digits()
    assert digits.x_train.shape == (1400, 64) and digits.x_test.shape == (397, 64)
    np.testing.assert_array_equal(digits.y_train, labels[:1400])
    np.testing.assert_array_equal(digits.y_test, labels[1400:])
    assert [id(part) for part in (*digits.train, *digits.test)] == list(map(id, digits))


@pytest.mark.parametrize("rng", [None, 3])
def test_the_training_part_is_standardised(rng):
    digits = load_digits(train=500, rng=rng and generator(rng))
    np.testing.assert_allclose(digits.x_train.mean(axis=0), 0, atol=1e-12)
    spread = digits.x_train.std(axis=0)
    constant = spread == 0
    np.testing.assert_allclose(spread[~constant], 1, rtol=1e-12)
    assert 0 < constant.sum() < 10


def test_a_pixel_that_is_constant_in_training_is_zero_everywhere():
    raw = raw_digits()[0].reshape(-1, 64)
    constant = raw[:10].std(axis=0) == 0
    assert raw[10:, constant].any()  # they do vary in the test part
    digits = load_digits(train=10)
    assert not digits.x_train[:, constant].any() and not digits.x_test[:, constant].any()


def test_the_test_part_takes_the_training_parts_numbers():
    raw = raw_digits()[0].reshape(-1, 64).astype(float)
    varies = raw[:300].std(axis=0) > 0
    expected = (raw[300:] - raw[:300].mean(axis=0))[:, varies] / raw[:300].std(axis=0)[varies]
    np.testing.assert_allclose(load_digits(train=300).x_test[:, varies], expected, rtol=1e-10)


def test_shuffling_keeps_image_and_label_together():
    """The shuffled training part is some order of the file, found through its images."""
    pixels, labels = raw_digits()
    order = generator(7).permutation(1797)
    digits = load_digits(train=1000, rng=generator(7))
    raw = pixels.reshape(-1, 64)[order[:1000]].astype(float)
    varies = raw.std(axis=0) > 0
    restored = digits.x_train[:, varies] * raw.std(axis=0)[varies] + raw.mean(axis=0)[varies]
    known = {image.tobytes(): label for image, label in zip(pixels.reshape(-1, 64), labels)}
    images = np.zeros((1000, 64), pixels.dtype)
    images[:, varies] = np.rint(restored)
    images[:, ~varies] = raw[0, ~varies]
    assert [known[image.tobytes()] for image in images] == digits.y_train.tolist()
    everything = np.concatenate([digits.y_train, digits.y_test])
    assert np.bincount(everything).tolist() == COUNTS
    assert not np.array_equal(everything, labels)


def test_the_seed_decides_the_order():
    one, same, other = (load_digits(rng=generator(seed)) for seed in (1, 1, 2))
    for a, b in zip(one, same):
        np.testing.assert_array_equal(a, b)
    assert (one.y_train != other.y_train).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(dtype):
    digits = load_digits(dtype=dtype)
    assert digits.x_train.dtype == digits.x_test.dtype == dtype
    assert digits.y_train.dtype.kind == digits.y_test.dtype.kind == "i"
    np.testing.assert_allclose(digits.x_test, load_digits().x_test, rtol=1e-6)


@pytest.mark.parametrize(
    "options, error, sentence",
    [
        ({"train": 0}, ValueError, "train must be at least 1, not 0"),
        (
            {"train": 1797},
            ValueError,
            "train must be below 1797, the number of digits, not 1797",
        ),
        ({"train": 0.8}, TypeError, "train must be a whole number, not 0.8"),
        ({"rng": 0}, TypeError, r"rng must be .* pass numpy.random.default_rng\(0\)"),
        ({"dtype": int}, ValueError, "dtype must be one of float32, float64"),
    ],
)
def test_bad_digits(options, error, sentence):
    with pytest.raises(error, match=sentence):
        load_digits(**options)
