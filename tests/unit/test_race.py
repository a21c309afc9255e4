import asyncio
import itertools
from unittest.mock import patch

import ipywidgets as widgets
import numpy as np
import pytest

from initlib import datasets, figures, training
from initlib.explorables import race
from initlib.explorables.race import DEPTHS, EVERY, LIMIT, RATES, STARTS, laps, start_line
from initlib.network import Network
from tests.unit.test_explorables import said, tree

NAMES = list(STARTS)
EXTREMES = list(itertools.product((RATES[0], 0.3, RATES[-1]), (DEPTHS[0], DEPTHS[-1])))


@pytest.fixture(autouse=True)
def coarse_pictures(monkeypatch):
    monkeypatch.setattr(figures, "DPI", 40)


def until(step, rate, hidden):
    """The lap of that step."""
    return next(itertools.islice(laps(rate, hidden), step // EVERY, None))


# The numbers


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rate, hidden", EXTREMES)
def test_laps_over_their_controls(rate, hidden):
    for look, seen in enumerate(itertools.islice(laps(rate, hidden), 12)):
        np.testing.assert_array_equal(seen.steps, EVERY * np.arange(look + 1))
        assert seen.rate == rate and seen.hidden == hidden
        assert seen.read.shape == (look + 1, 6) and seen.gradients.shape == (6, hidden + 1)
        on = np.isinf(seen.ended)
        assert (seen.read[:, on] >= 0).all() and (seen.read[:, on] <= 1).all()
        assert np.isfinite(seen.gradients[on]).all()
        assert (seen.gradients[0] == 0).all()  # zero weights send nothing either way
        for name, end in zip(NAMES, seen.ended):
            curve = seen.read[:, NAMES.index(name)]
            np.testing.assert_array_equal(np.isfinite(curve), seen.steps < end)
            text = race.describe(seen)
            assert 20 < len(text) < 600 and "nan" not in text.lower().split(" "), text


def test_a_race_ends_at_its_last_step():
    *_, end = laps(0.1, 2)
    assert end.steps[-1] == LIMIT and len(end.steps) == LIMIT // EVERY + 1
    best = dict(zip(NAMES, end.read.max(axis=0)))
    assert best["Xavier"] > 0.9 < best["He"] and max(best["zero"], best["small"]) < 0.3
    arrived = dict(zip(NAMES, end.arrived))
    assert arrived["large"] < arrived["He"] < arrived["Xavier"] < 50
    assert arrived["zero"] == arrived["constant"] == np.inf


@pytest.mark.parametrize("rate, there, never", [(0.1, "large", "small"), (0.6, "small", "large")])
def test_a_shared_rate_decides_between_small_and_large_as_in_the_chapter(rate, there, never):
    *_, end = laps(rate, 2)
    arrived = dict(zip(NAMES, end.arrived))
    assert arrived[there] < 150 and arrived[never] == np.inf


def test_the_race_is_the_training_of_the_course():
    digits = datasets.load_digits(dtype=np.float32)
    rngs = [np.random.default_rng(0) for _ in STARTS]
    network = Network((64, 64, 64, 64, 10), "relu", STARTS.values(), rngs, np.float32)
    history = training.fit(
        network,
        *digits.train,
        steps=10,
        learning_rate=0.1,
        batch_size=32,
        rng=np.random.default_rng(100),
        observe=lambda each: training.evaluate(each, *digits.test).accuracy,
        every=EVERY,
        quiet=True,
    )
    read, observed = until(10, 0.1, 3).read, np.array(history.observed)
    assert np.isinf(until(10, 0.1, 3).ended[np.delete(range(6), NAMES.index("large"))]).all()
    on = np.isfinite(read)
    np.testing.assert_allclose(read[on], observed[on], atol=0.01)


def test_the_gradient_is_that_of_the_next_minibatch():
    x, labels = datasets.load_digits(dtype=np.float32).train
    batch = next(training.minibatches(len(x), 32, np.random.default_rng(100)))
    for k, initializer in enumerate(STARTS.values()):
        alone = Network((64, 64, 64, 10), "relu", initializer, np.random.default_rng(0), np.float32)
        alone.forward(x[batch])
        dW = alone.backward(labels[batch]).dW
        sizes = [np.sqrt(np.mean(np.square(each, dtype=float))) for each in dW]
        np.testing.assert_allclose(start_line(0.1, 2).gradients[k], sizes, rtol=1e-3)


def test_a_gradient_too_small_to_square_in_float32_is_no_zero():
    sizes = start_line(0.1, 14).gradients[NAMES.index("small")]
    assert (sizes > 0).all() and sizes.min() ** 2 < np.finfo(np.float32).tiny


def test_at_the_start_line_all_guess_and_no_rate_was_used():
    for hidden in DEPTHS:
        for rate in RATES:
            seen, before = start_line(rate, hidden), start_line(RATES[0], hidden)
            assert seen.rate == rate and list(seen.steps) == [0]
            np.testing.assert_array_equal(seen.read, before.read)
        assert (seen.read < 0.25).all()


def test_a_run_that_diverges_ends_there():
    seen = until(12, 0.3, 10)
    large = NAMES.index("large")
    end = seen.ended[large]
    assert 2 <= end <= 8 and np.isinf(np.delete(seen.ended, large)).all()
    assert np.isnan(seen.read[seen.steps >= end, large]).all()
    assert np.isinf(seen.arrived[large])


def test_what_has_stopped_is_over_whatever_its_last_weights_read(monkeypatch):
    reads = training.Evaluation(np.full(len(STARTS), 2.0), np.full(len(STARTS), 0.1))
    monkeypatch.setattr(race, "evaluate", lambda network, x, labels: reads)
    seen = until(12, 0.3, 10)
    large = NAMES.index("large")
    assert 2 <= seen.ended[large] <= 8 and np.isinf(np.delete(seen.ended, large)).all()
    assert np.isnan(seen.gradients[large]).all()
    assert np.isfinite(np.delete(seen.gradients, large, axis=0)).all()


def test_the_exercise_has_the_answer_that_the_check_knows():
    first = {}
    for rate in RATES[:4]:
        *_, end = laps(rate, 10)
        for name in ("He", "Xavier"):
            most = end.read[:, NAMES.index(name)].max()
            # No close call that another processor might decide otherwise.
            assert abs(most - race.FINISH) > 0.03
            if most >= race.FINISH:
                first.setdefault(name, rate)
    assert first == {"He": 0.01, "Xavier": 0.1}


@pytest.mark.parametrize(
    "function, change",
    [
        (lambda **controls: next(laps(**controls)), {"rate": 0.2}),
        (lambda **controls: next(laps(**controls)), {"hidden": 4}),
        (start_line, {"rate": np.nan}),
        (start_line, {"hidden": 0}),
    ],
)
def test_laps_refuse(function, change):
    with pytest.raises(ValueError, match=f"{next(iter(change))} must be one of"):
        function(**{"rate": 0.3, "hidden": 2, **change})


# What is drawn and said


def test_the_picture_shows_the_lap():
    figure, draw = race.new_picture()
    course, strip, _ = figure.axes
    lines = {line.get_label(): line for line in course.lines}
    for rate, hidden in ((0.3, 10), (0.03, 14), (0.3, 2)):
        seen = until(10, rate, hidden)
        draw(seen)
        for k, name in enumerate(NAMES):
            np.testing.assert_array_equal(lines[name].get_xdata(), seen.steps)
            np.testing.assert_array_equal(lines[name].get_ydata(), seen.read[:, k])
        (mesh,) = strip.collections
        shades = np.ma.filled(mesh.get_array(), np.nan).reshape(6, -1)
        for k, end in enumerate(seen.ended):
            if np.isinf(end):
                wanted = np.log10(np.clip(seen.gradients[k], 1e-6, 100))
                np.testing.assert_allclose(shades[k, : hidden + 1], wanted)
            else:
                assert np.isnan(shades[k]).all()
        assert np.isnan(shades[:, hidden + 1 :]).all()
        *names, caption = course.texts
        running = np.isinf(seen.ended)
        read, heights = seen.read[-1], np.array([name.get_position()[1] for name in names])
        rising = np.flatnonzero(running)[np.argsort(read[running], kind="stable")]
        assert (np.diff(heights[rising]) > 0.07).all(), "a name covers another"
        assert [name.get_text() for name in names] == NAMES and all(heights < 1)
        assert caption.get_text() == f"rate {rate:g}, {hidden} hidden layers, step 10"


def test_the_axes_say_what_they_are():
    figure, _ = race.new_picture()
    course, strip, scale = figure.axes
    lines = {line.get_label(): line for line in course.lines}
    assert course.get_ylabel() == "test digits read" and course.get_ylim() == (0, 1)
    assert lines["chance"].get_linestyle() == "--"
    assert set(lines["chance"].get_ydata()) == {0.1}
    assert set(lines["the finish"].get_ydata()) == {0.6}
    looks = {(lines[name].get_color(), lines[name].get_marker()) for name in NAMES}
    assert len(looks) == len(NAMES)
    rows = {
        text.get_text(): place for place, text in zip(strip.get_yticks(), strip.get_yticklabels())
    }
    assert rows == {name: k + 0.5 for k, name in enumerate(NAMES)}
    assert strip.get_ylim() == (6, 0)  # the first row is on top
    (mesh,) = strip.collections
    assert mesh.get_clim() == (-6, 2) and mesh.get_cmap().name == "viridis"
    assert scale.get_ylabel() == "root mean square"
    shown = dict(zip(scale.get_yticks(), (text.get_text() for text in scale.get_yticklabels())))
    assert shown == {-6: "≤ 1e-6", -4: "1e-4", -2: "0.01", 0: "1", 2: "≥ 100"}


def lap(arrived, ended, read, step=200):
    return race.Lap(
        0.03,
        np.array([0, step]),
        np.array([[0.1] * 6, read]),
        np.ones((6, 11)),
        np.array(arrived),
        np.array(ended),
    )


def test_words_for_what_is_seen():
    inf, nan = np.inf, np.nan
    seen = lap(
        [inf, inf, inf, inf, 126, 46], [inf, inf, inf, 4, inf, 150], [0.1, 0.12, 0.1, nan, 0.8, nan]
    )
    assert race.describe(seen) == (
        "Step 200 of 200: learning rate 0.03, 10 hidden layers. "
        "Arrived at 60%: He at step 46, Xavier at step 126. "
        "Not arrived, and reading now: zero 10%, constant 12%, small 10%. "
        "Diverged to a loss that is not finite: large at step 4, He at step 150."
    )
    none = race.describe(lap([inf] * 6, [inf] * 6, [0.1] * 6))
    assert "Arrived at 60%: none." in none and "Diverged" not in none
    all_there = race.describe(lap([8] * 6, [inf] * 6, [0.7] * 6, step=10))
    assert all_there.startswith("Step 10 of 200") and "Not arrived" not in all_there


def test_words_for_the_start_line():
    said = race.describe(start_line(0.03, 3))
    assert said.startswith("The start line: learning rate 0.03, 3 hidden layers.")
    assert "Of the test digits are read: zero 10%, constant " in said
    assert said.endswith("Press Race to train for 200 steps.")


# The widget, in an event loop as the kernel has one


def button(explorable, name):
    (found,) = (
        each
        for each in tree(explorable.box)
        if isinstance(each, widgets.Button) and each.description == name
    )
    return found


def play(script, monkeypatch, steps=20):
    """Run ``script(explorable, press)`` in an event loop, with short races; return what it did."""
    monkeypatch.setattr(race, "LIMIT", steps)
    monkeypatch.setattr(race, "BREATH", 0)
    complaints = []

    async def run():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context["exception"]))
        explorable = race.build()
        result = await script(explorable, button(explorable, "Race").click)
        await asyncio.sleep(0.01)
        return result

    return asyncio.run(run()), complaints


async def shows(explorable, begin):
    for _ in range(2000):
        if said(explorable).startswith(begin):
            return True
        await asyncio.sleep(0)
    return False


def test_race_runs_to_its_end_and_lets_others_run_between_laps(monkeypatch):
    async def script(explorable, press):
        assert said(explorable).startswith("The start line: learning rate 0.3, 2 hidden")
        press()
        pictures, turns = [], 0
        while not said(explorable).startswith("Step 20 of 20"):
            pictures.append(explorable.image.value)
            turns += 1
            await asyncio.sleep(0)
        assert len(set(pictures)) >= 10 and turns >= 10
        return said(explorable)

    told, complaints = play(script, monkeypatch)
    assert "Arrived at 60%: He at step 6, Xavier at step 8." in told and not complaints


def test_moving_a_control_cancels_and_coming_back_remembers(monkeypatch):
    async def script(explorable, press):
        press()
        assert await shows(explorable, "Step 4 ")
        explorable.controls["hidden"].value = 3
        assert said(explorable).startswith("The start line: learning rate 0.3, 3 hidden")
        assert not await shows(explorable, "Step")
        explorable.controls["hidden"].value = 2
        partial = said(explorable)
        explorable.controls["rate"].value = 0.1
        press()
        assert await shows(explorable, "Step 20 of 20: learning rate 0.1")
        explorable.controls["rate"].value = 0.3
        assert said(explorable) == partial
        explorable.controls["rate"].value = 0.1
        return partial, said(explorable)

    (partial, finished), complaints = play(script, monkeypatch)
    assert partial.startswith("Step 4 of 20: learning rate 0.3, 2 hidden")
    assert finished.startswith("Step 20 of 20: learning rate 0.1") and not complaints


def test_reset_ends_the_race_and_forgets_all(monkeypatch):
    async def script(explorable, press):
        begin, picture = said(explorable), explorable.image.value
        press()
        assert await shows(explorable, "Step 4 ")
        button(explorable, "Reset").click()
        assert (said(explorable), explorable.image.value) == (begin, picture)
        assert not await shows(explorable, "Step")
        press()
        assert await shows(explorable, "Step 20 ")
        button(explorable, "Reset").click()
        assert (said(explorable), explorable.image.value) == (begin, picture)

    _, complaints = play(script, monkeypatch)
    assert not complaints


def test_pressing_race_again_starts_anew(monkeypatch):
    async def script(explorable, press):
        seen = []
        explorable.sentence.observe(lambda _: seen.append(said(explorable)[:7]), "value")
        press()
        assert await shows(explorable, "Step 8 ")
        press()
        assert await shows(explorable, "Step 20 ")
        return seen

    steps, complaints = play(script, monkeypatch)
    assert [said.rstrip() for said in steps] == [
        *("Step 2", "Step 4", "Step 6", "Step 8", "The sta"),
        *(f"Step {step}" for step in range(2, 21, 2)),
    ]
    assert not complaints


def test_an_error_in_a_race_is_told(monkeypatch):
    def broken(rate, hidden):
        yield start_line(rate, hidden)
        raise FloatingPointError("the track is flooded")

    async def script(explorable, press):
        monkeypatch.setattr(race, "laps", broken)
        press()
        assert await shows(explorable, "The race has stopped")
        return said(explorable)

    told, complaints = play(script, monkeypatch)
    assert "FloatingPointError" in told and "the track is flooded" in told
    assert [type(error) for error in complaints] == [FloatingPointError]


def test_what_is_kept_is_bounded_by_the_controls():
    driver = race.Driver()
    for rate, hidden in itertools.product(RATES, DEPTHS):
        assert driver.newest(rate, hidden).steps[-1] == 0
    assert len(RATES) * len(DEPTHS) <= 40


def test_a_slice_is_short():
    """Between two laps no more is sent through the networks than a look and two steps need."""
    digits = datasets.load_digits()
    with patch.object(Network, "forward", autospec=True, side_effect=Network.forward) as forward:
        for lap_number, _ in enumerate(itertools.islice(laps(0.03, 2), 11)):
            sent = sum(len(call.args[1]) for call in forward.call_args_list)
            assert sent <= len(digits.x_test) + EVERY * race.BATCH, lap_number
            forward.reset_mock()
