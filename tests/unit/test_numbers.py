import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initlib import approx
from initlib._numbers import number

# What is not compared in a stored output: nbval replaces it on both sides.
NOT_COMPARED = re.compile("[ \t]*\u2248 ?-?[0-9.]+(e[-+]?[0-9]+)?( \u00b1 [0-9.e+-]+)?[ \t]*")


@pytest.mark.parametrize(
    "x, digits, written",
    [
        (0.84172, 3, "0.842"),
        (0.84, 3, "0.84"),
        (-0.0, 3, "0"),
        (np.float32(0.1), 3, "0.1"),
        (1450.0, 3, "1450"),
        (1450.3, 3, "1450"),
        (123456, 2, "123456"),
        (1234567.0, 3, "1.23e+06"),
        (2.5e-7, 2, "2.5e-07"),
        (math.pi, 8, "3.1415927"),
        (math.nan, 3, "nan"),
        (-math.inf, 3, "-inf"),
    ],
)
def test_number(x, digits, written):
    assert number(x, digits) == written


def test_approx_marks_what_is_not_compared():
    assert approx(0.84172) == "≈ 0.842"
    assert approx(0.84172, 2) == "≈ 0.84"
    assert approx(0.84172, error=0.0123) == "≈ 0.842 ± 0.012"
    assert approx(math.nan) == approx(math.nan, error=1.0) == "nan"
    assert approx(math.inf) == "inf"


finite = st.floats(-1e300, 1e300)


@given(finite, st.integers(1, 9), st.none() | finite.map(abs))
def test_all_of_an_approximate_number_is_replaced(x, digits, error):
    assert NOT_COMPARED.sub("~N", f"it is {approx(x, digits, error)} here") == "it is~Nhere"


@pytest.mark.parametrize("x", ["many", None, [1, 2]])
def test_approx_writes_one_number(x):
    with pytest.raises(TypeError, match="x must be one number, not"):
        approx(x)
