import numpy as np
import pytest

from initlib.datasets import load_digits, raw_digits, spirals

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


# --- spirals ----------------------------------------------------------------------------------


def test_spirals_are_arms_in_the_plane():
    x, labels = spirals(generator(), examples=60, classes=3, noise=0)
    assert x.shape == (60, 2) and np.bincount(labels).tolist() == [20, 20, 20]
    radius = np.hypot(*x.T)
    assert 0.1 <= radius.min() and radius.max() <= 1
    turns = np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - radius - labels / 3
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-9)


def test_noise_moves_the_points_by_its_std():
    clean, noisy = (spirals(generator(1), examples=4000, noise=noise)[0] for noise in (0, 0.2))
    assert abs((noisy - clean).std() / 0.2 - 1) < 5 / np.sqrt(2 * 8000)


def test_the_seed_decides_the_spirals():
    np.testing.assert_array_equal(spirals(generator(1))[0], spirals(generator(1))[0])
    assert (spirals(generator(1))[0] != spirals(generator(2))[0]).all()


@pytest.mark.parametrize(
    "options, error, sentence",
    [
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
        ({"examples": 0}, ValueError, "examples must be at least 1"),
        ({"classes": 0}, ValueError, "classes must be at least 1"),
        ({"noise": -1}, ValueError, "noise must be finite and at least 0"),
    ],
)
def test_bad_spirals(options, error, sentence):
    with pytest.raises(error, match=sentence):
        spirals(**{"rng": generator(), **options})
