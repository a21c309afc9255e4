"""What who cannot see colours, or cannot see, needs: computed, not judged."""

import itertools
import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from initlib import _display, figures
from tests.notebooks import NOTEBOOKS, read

# Machado, Oliveira and Fernandes (2009), severity 1: how linear RGB is seen.
SEEN_AS = {
    "normal sight": np.eye(3),
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [
        [0.3673, 0.8606, -0.2279],
        [0.2801, 0.6725, 0.0474],
        [-0.0118, 0.0429, 0.9689],
    ],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
    "greyscale": [[0.2126, 0.7152, 0.0722]] * 3,
}


def linear(colour):
    """Linear RGB, from 0 to 1."""
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.2: from 1 to 21."""
    dark, light = sorted(0.05 + linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other))
    return light / dark


def lab(rgb):
    """CIE L*a*b* of linear RGB under D65, in which equal distances look about equal."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    f = np.cbrt(np.clip(to_xyz @ np.clip(rgb, 0, 1), 0.008856, None) / [0.9505, 1, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other, sight):
    """The distance of two colours as seen; 2.3 can just be noticed side by side."""
    matrix = np.asarray(SEEN_AS[sight])
    return np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other)))


def form(style):
    return style["linestyle"], style["marker"]


@pytest.mark.parametrize("sight", SEEN_AS)
def test_two_curves_stay_apart(sight):
    """By marker and line style together, always; by one of these alone or by colour as well."""
    for (one, a), (other, b) in itertools.combinations(figures.STYLES.items(), 2):
        if {one, other} == {"random", "Xavier"}:  # one thing under two names
            continue
        assert form(a) != form(b), f"{one} and {other} differ in colour alone"
        distance = apart(a["color"], b["color"], sight)
        assert a["marker"] != b["marker"] and (a["linestyle"] != b["linestyle"] or distance > 5), (
            f"{one} and {other} look alike in {sight}: {distance:.1f}"
        )


def test_curves_and_texts_stand_out_from_their_page():
    for name, style in figures.STYLES.items():
        assert contrast(style["color"], "white") >= 2, name
    assert contrast(figures.THEORY["color"], "white") >= 4.5
    for page in ("white", "#111111"):  # Lab's light and dark themes
        for edge in (_display.RIGHT, _display.WRONG, _display.NEUTRAL):
            assert contrast(edge, page) >= 3, (edge, page)


def test_right_and_wrong_are_words_too():
    assert apart(_display.RIGHT, _display.WRONG, "normal sight") > 20
    from initlib.lessons._questions import feedback
    from initlib.lessons._texts import Choice, Question

    choices = (Choice("a", "because", right=True), Choice("b", "no reason"))
    question = Question("?", list(choices))
    right, wrong = (feedback(question, choice) for choice in choices)
    assert "<b>Right.</b>" in right and "<b>Not so.</b>" in wrong


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_alt_texts_say_what_is_seen(path):
    alts = [
        output.metadata["image/png"]["alt"]
        for cell in read(path).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    for alt in alts:
        assert 8 <= len(alt.split()) <= 80 and alt.endswith("."), alt
        assert not re.match(r"(figure|picture|image|plot) ", alt.lower()), alt
    assert len(set(alts)) == len(alts)
