import itertools
import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from initlib.lessons import _arithmetic
from initlib.lessons.answers import (
    Unreadable,
    as_number,
    function,
    number,
    read_numbers,
    read_words,
    word,
)

HALF = [
    0.5,
    np.float16(0.5),
    np.float32(0.5),
    np.longdouble(0.5),
    np.array(0.5),
    np.array([[0.5]], dtype=np.float32),
    [0.5],
    (np.float32(0.5),),
    Fraction(1, 2),
    Decimal("0.5"),
    "0.5",
    " .5\n",
    "0,5",
    "1/2",
    "50 %",
    "50%",
    "50\N{NO-BREAK SPACE}%",
    "2^-1",
    "2**-1",
    "sqrt(1/4)",
    "np.sqrt(0.25)",
    "5e-1",
    "+0.5 nats",
    "0.5 times",
    "0.5×",
    "about 0.5",
    "≈ 0.5",
    "= 1÷2",
    "50 per cent",
    "√0.25",
    "√(1/4)",
    "2⁻¹",
    "2·0.5²",
    "ceil(0.2)/2",
    "log10 1000/6",
    "ln 1e3/(2·ln 1e3)",
    "2π/(4·π)",
    "√π/(2·√π)",
    "5·10⁻¹",
    "−(−1/2)",
    "½",
    "std = 0.5",
    "5 x 10^-1",
    (mpf(1) / 2,),
    [Decimal("0.5")],
    [[Fraction(1, 2)]],
    np.array([Fraction(1, 2)]),
    np.array(["1/2"]),
    iter(["1/2"]),
    (each for each in (0.5,)),
    map(float, ["0.5"]),
    np.full(10, 0.5),  # what all of ten units or networks have
    np.full((2, 3), 0.5, np.float32),
    [0.5, Fraction(1, 2), "50 %"],
    itertools.repeat(0.5),
    lambda: 0.5,
    lambda: np.array([0.5]),
    lambda: "1/2",
]


@pytest.mark.parametrize("answer", HALF, ids=map(str, range(len(HALF))))
def test_any_form_of_a_half_is_a_half(answer):
    value = as_number(answer)
    assert value == 0.5 and type(value) is float


@pytest.mark.parametrize(
    "answer, value",
    [
        (7, 7),
        (np.int8(-7), -7),
        (np.uint64(7), 7),
        (np.array([7]), 7),
        ("7 steps", 7),
        ("2^3", 8),
        ("2**3**2", 512),
        ("10²", 100),
        ("2²³", 2**23),
        ("3.4·10^38", 3.4e38),
        ("2√2", math.sqrt(8)),
        ("30 layers", 30),
        ("−1", -1),
        ("1e-3", 1e-3),
        ("sqrt(2)/2", math.sqrt(0.5)),
        ("ln 10", math.log(10)),
        ("ln(10)", math.log(10)),
        ("np.log(10)", math.log(10)),
        ("LN(10)", math.log(10)),
        ("math.pi", math.pi),
        ("log2(8)", 3),
        ("exp(1)", math.e),
        ("e", math.e),
        ("π/2", math.pi / 2),
        ("1.03 nats", 1.03),
        ("-(0.5*ln(0.5) + 0.5*ln(0.5))", math.log(2)),
        ("250 %", 2.5),
        ("1½", 1.5),
        ("2π", 2 * math.pi),
        ("√π", math.sqrt(math.pi)),
        ("ln10", math.log(10)),
        ("2^{-28}", 2**-28),
        ("1/(2π)", 1 / (2 * math.pi)),
        ("std = 0.1", 0.1),
        ("1 x 10^-1", 0.1),
    ],
)
def test_numbers_and_formulas(answer, value):
    assert as_number(answer) == pytest.approx(value, rel=1e-15)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_prints_is_read_back(value):
    for answer in (value, np.float64(value), [value], str(value), lambda: value):
        assert as_number(answer) == value


REFUSED = [
    None,
    ...,
    math.nan,
    math.inf,
    -np.inf,
    np.array(np.nan),
    True,
    np.False_,
    [True],
    1j,
    np.complex128(1 + 2j),
    np.array([1j]),
    {},
    {"a": 1},
    {1},
    [],
    [1, 2],
    [1, [2, 3]],
    [None],
    np.arange(2),
    np.array(["a"]),
    np.array([None]),
    np.array([0.5, 0.6]),
    [0.5, 0.5, True],
    np.ma.masked_less([0.5, 0.1], 0.2),
    iter([]),
    (each for each in (1, 2)),
    itertools.count(),
    range(3),
    {0.5: 0.5}.values(),
    10**400,
    Fraction(10**400),
    Decimal("sNaN"),
    Decimal("Infinity"),
    object(),
    list,
    b"1",
    lambda: None,
    lambda: print,
    "",
    " ",
    "abc",
    "%",
    "% 5",
    "²",
    "√",
    "1 + x",
    "about",
    "np.no",
    "nan",
    "inf",
    "True",
    "1e999",
    "'a'",
    "1j",
    "1 2",
    "1, 2",
    "1;2",
    "x=",
    "1/0",
    "sqrt(-1)",
    "log(0)",
    "(-8)**(1/3)",
    "10**400",
    "9**9**9**9",
    "__import__('os')",
    "exec('1')",
    "lambda: 3",
    "def f(): pass",
    "[1][0]",
    "(1).real",
    "1 if 1 else 2",
    "\x00",
    "9" * 5000,
    "(" * 5000,
    "-" * 5000 + "1",
    "1+" * 5000 + "1",
]


@pytest.mark.parametrize("answer", REFUSED, ids=map(str, range(len(REFUSED))))
def test_what_is_not_a_number_gets_a_sentence(answer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Unreadable, match=r"number is asked for") as refusal:
            as_number(answer)
    assert len(str(refusal.value)) < 120 and "\n" not in str(refusal.value)


def test_long_text_is_refused_before_it_is_read(monkeypatch):
    text = "1" + " " * 20_000 + "1"  # which a regular expression may read for minutes
    for reader in "re", "unicodedata":
        monkeypatch.setattr(_arithmetic, reader, None)
    with pytest.raises(Unreadable, match="too long"):
        as_number(text)


def test_a_comma_that_may_mean_thousands_is_not_guessed():
    with pytest.raises(Unreadable):
        as_number("10,000")


# number


CHECK = number(10, relative=0.01, mistakes=[(100, "squared"), (0.1, "inverted")], why="!")


@pytest.mark.parametrize("answer", [10, 10.09, 9.91, "10", [10.0], lambda: 10])
def test_number_is_right_within_its_tolerance(answer):
    assert CHECK(answer) == (True, "!")


@pytest.mark.parametrize(
    "answer, said",
    [
        (100, "squared"),
        (100.9, "squared"),
        ("1/10", "inverted"),
        (10.11, "10.11 is too large."),
        (9.89, "9.89 is too small."),
        (-10, "-10 is too small."),
        (0, "0 is too small."),
    ],
)
def test_number_names_the_mistake_or_the_direction(answer, said):
    assert CHECK(answer) == (False, said)


def test_right_comes_before_a_mistake_that_is_near():
    assert number(1, relative=0.1, mistakes=[(1.05, "no")])(1.05).right


def test_number_does_not_judge_what_it_cannot_read():
    with pytest.raises(Unreadable):
        CHECK("ten")


def test_the_nearest_of_two_mistakes_is_told():
    checker = number(10, relative=0.02, mistakes=[(100, "a hundred"), (101, "one more")])
    assert [checker(each).message for each in (100, 100.4, 100.6, 101, 102)] == [
        *("a hundred", "a hundred", "one more", "one more", "one more"),
    ]


def test_a_mistake_is_told_within_two_per_cent_however_large_the_tolerance():
    checker = number(1, relative=0.5, mistakes=[(10, "ten")])
    assert checker(1.4).right and checker(10.1).message == "ten"
    assert checker(10.5).message == "10.5 is too large."


def test_what_is_not_finite_may_be_a_mistake():
    checker = number(1, mistakes=[(math.inf, "never"), (math.nan, "not a number")])
    assert checker(np.inf).message == checker("inf").message == "never"
    assert checker(np.float64("nan")).message == checker([np.nan]).message == "not a number"
    for answer in (-np.inf, "-inf"):
        with pytest.raises(Unreadable, match="a finite number is asked for"):
            checker(answer)


def test_a_whole_number_is_exact():
    checker = number(30, mistakes=[(29, "one less")], whole="no fraction.")
    assert checker(np.full(3, 30.0)).right and checker("90/3").right
    wide = number(256, whole="no fraction.")
    assert [wide(each).message for each in (254.7, "6.965", 256.001)] == ["no fraction."] * 3
    assert wide(260).message == "260 is too large."  # and no rounding of what is exact
    assert checker("30.0").right and checker(29).message == "one less"
    assert checker(29.9).message == checker(30.01).message == "no fraction."
    assert checker(31).message == "31 is too large."


@pytest.mark.parametrize(
    "expected, rounded", [(math.sqrt(6 / 400), 0.12), (1 - 1 / math.pi, "0.68"), (2.3026, 2.3)]
)
def test_two_digits_are_asked_for_a_third(expected, rounded):
    for answer in (rounded, np.float32(rounded), [float(rounded)]):
        said = f"{float(rounded):g} is right to two digits: give three."
        assert number(expected, relative=0.001)(answer) == (False, said)
    assert number(expected)(f"{expected:.3g}").right
    assert number(expected, relative=0.001)(0.9 * expected).message.endswith("is too small.")


# numbers, and words


@pytest.mark.parametrize(
    "answer",
    [
        [1, 0.5],
        (Fraction(1), Decimal("0.5")),
        ["1", "50 %"],
        np.array([[1], [0.5]]),
        np.array([mpf(1), mpf(0.5)]),
        (each for each in (1, 0.5)),
        map(float, ["1", ".5"]),
        [[1], (0.5,)],
        lambda: [1, 0.5],
    ],
)
def test_a_list_of_numbers_in_any_form(answer):
    assert read_numbers(answer) == [1, 0.5]


@pytest.mark.parametrize(
    "answer", ["1, 0.5", {1, 0.5}, {1: 0.5}, 3, None, b"1", [1, None], [[1, 2]]]
)
def test_what_is_no_list_of_numbers(answer):
    with pytest.raises(Unreadable, match=r"number is asked for|a list of numbers is asked for"):
        read_numbers(answer)


CHECK_WORD = word("sigmoid", {"tanh": "no.", "relu": "no."})


@pytest.mark.parametrize(
    "answer",
    [
        *("sigmoid", " SIGMOID\n", "Sigmoid.", "'sigmoid'", "the sigmoid", np.str_("sigmoid")),
        *(["sigmoid"], ("Sigmoid!",), iter(["sigmoid"]), np.array(["sigmoid"])),
    ],
)
def test_a_word_in_any_form(answer):
    assert CHECK_WORD(answer) == (True, "")


@pytest.mark.parametrize("answer", [["sigmoid", "tanh"], {"sigmoid"}, b"sigmoid", 3, None, len])
def test_what_is_no_word(answer):
    with pytest.raises(Unreadable, match=r"words? (is|are) asked for"):
        CHECK_WORD(answer)
    assert CHECK_WORD("").message == CHECK_WORD([]).message == "choose one of relu, sigmoid, tanh."


def test_words_are_read_in_order_and_without_what_stands_around_them():
    words = ["no", "under conditions", "true"]
    for answer in (
        ["No.", "Under  conditions", "TRUE "],
        {1: "no", 2: "under conditions", 3: True},
    ):
        assert read_words(answer) == read_words(iter(read_words(answer))) == words


# function


def square(x):
    return np.square(x) + 1.0


CASES = [(0.5,), (-2.0,), (np.array([[1.0, 3.0]]),)]
CHECK_SQUARE = function(square, CASES, mistakes=[(np.square, "the one is missing")])


def by_def(x):
    return 1 + x**2


@pytest.mark.parametrize(
    "answer",
    [
        square,
        by_def,
        lambda x: (x + 1) * (x + 1) - 2 * x,
        lambda x: (x * x + 1).tolist() if np.ndim(x) else x * x + 1,
        lambda x: np.longdouble(x) ** 2 + 1,
        lambda x: np.asarray(x, dtype=object) * x + Fraction(1),
        lambda x: (Decimal(x) ** 2 + 1) if np.ndim(x) == 0 else iter((x * x + 1).tolist()),
        lambda x: (row for row in x * x + 1) if np.ndim(x) else mpf(x) ** 2 + 1,
    ],
)
def test_function_is_right_in_any_spelling(answer):
    assert CHECK_SQUARE(answer) == (True, "")


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda x: x**2, "the one is missing"),
        (lambda x: x**2 + 2, "for (0.5) it gives 2.25, which is not right."),
        (lambda x: [x, x], "for (0.5) the shape is (2,), not ()."),
        (lambda x: np.atleast_1d(x**2 + 1), "for (0.5) the shape is (1,), not ()."),
        (
            lambda x: x * abs(x) + 1,
            "for (-2.0) it gives -3.0, which is not right.",
        ),  # right in the first alone
        (lambda x: np.squeeze(x**2 + 1), "for ([[1. 3.]]) the shape is (2,), not (1, 2)."),
        (lambda x: x**2 + 1 + 1e-4, "gives"),
        (lambda x: x * np.nan, "gives"),
    ],
)
def test_function_says_what_is_wrong(answer, said):
    right, message = CHECK_SQUARE(answer)
    assert not right and said in message


@pytest.mark.parametrize("answer", [None, 3, "x", lambda x: "x", lambda x: {}])
def test_function_refuses_what_is_not_one(answer):
    with pytest.raises(Unreadable):
        CHECK_SQUARE(answer)


@pytest.mark.parametrize("value, said", [(None, "nothing"), ({}, "something of type dict")])
def test_function_that_returns_no_numbers_is_told_what_it_returns(value, said):
    with pytest.raises(Unreadable, match=f"returns {said}$"):
        CHECK_SQUARE(lambda x: value)


@pytest.mark.filterwarnings("ignore")
def test_complex_numbers_are_not_cut_to_their_real_part():
    try:
        verdict = CHECK_SQUARE(lambda x: x**2 + 1 + np.complex128(1j))
    except Unreadable:
        return
    assert not verdict.right


def test_function_that_changes_its_argument_is_judged_on_the_original():
    def doubled_in_place(x):
        x *= 2
        return x

    def zeroed(x):
        x *= 0
        return x

    checker = function(lambda x: 2 * x, [(np.ones(2),)])
    assert checker(doubled_in_place).right
    assert checker(doubled_in_place).right
    assert not checker(zeroed).right


def test_what_a_function_raises_passes_through():
    with pytest.raises(ZeroDivisionError):
        CHECK_SQUARE(lambda x: 1 / 0)
