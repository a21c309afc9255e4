import re
import xml.etree.ElementTree as xml
from unittest.mock import patch

import numpy as np
import pytest

from initlib import plots
from tests.unit.test_numbers import NOT_COMPARED

OPTIONS = {"rows": "depth", "columns": ["Xavier", "He"], "title": "Accuracy"}


def shown(values, **options):
    """The text of a table, and its page read as one row of words after the other."""
    with patch("initlib._display.display") as display:
        assert plots.show_table(values, **{**OPTIONS, **options}) is None
    ((bundle,), _) = display.call_args
    assert display.call_count == 1 and set(bundle) == {"text/plain", "text/html"}
    table = xml.fromstring(bundle["text/html"])
    return bundle["text/plain"], table


def words(table):
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_a_cell_of_one_value_shows_it():
    text, table = shown({10: [0.9124, 1450], 5: np.array([1e-7, np.inf])})
    assert text.splitlines() == [
        "Accuracy",
        "depth  Xavier      He",
        "10      0.912    1450",
        "5       1e-07     inf",
    ]
    assert words(table) == [
        ["depth", "Xavier", "He"],
        ["10", "0.912", "1450"],
        ["5", "1e-07", "inf"],
    ]
    assert table.find("caption").text == "Accuracy"


def test_a_cell_of_several_values_shows_their_median_and_range():
    per_rate_and_seed = np.array([[[0.5, 0.1], [0.2, 0.4]], [[1, 2], [3, np.inf]]])
    text, table = shown({10: per_rate_and_seed})
    assert words(table)[1] == ["10", "0.3 (0.1 to 0.5)", "2.5 (1 to inf)"]
    assert re.sub(" +", " ", text.splitlines()[-1]) == "10 0.3 (0.1 to 0.5) 2.5 ( 1 to inf)"
    title = "Accuracy: median (lowest to highest) of 4"
    assert table.find("caption").text == text.splitlines()[0] == title
    _, table = shown({10: [[1, 2], [1, 2, 3]]})
    assert table.find("caption").text.endswith("of up to 3")


def test_columns_are_aligned_at_their_right():
    text, _ = shown({10: [[1, 2, 3], [10, 20, 30]], 100: [[0.123, 0.5, 0.7], [1, 2, np.nan]]})
    _, head, *rows = text.splitlines()
    assert {len(row) for row in rows} == {len(head)}
    for name in OPTIONS["columns"]:
        end = head.index(name) + len(name)
        assert all(row[:end][-1] == ")" and row[end:][:2] in ("", "  ") for row in rows)


def test_a_table_reads_on_a_light_and_a_dark_page():
    with patch("initlib._display.display") as display:
        plots.show_table({10: [1, 2]}, **OPTIONS)
    page = display.call_args[0][0]["text/html"]
    assert "color" not in page and "style" not in page  # it is written in the page's own


def test_headings_are_told_from_cells():
    _, table = shown({"a < b": [1, 2]}, title="p < 0.05")
    assert [cell.get("scope") for cell in table.iter("th")] == ["col", "col", "col", "row"]
    assert words(table)[1] == ["a < b", "1", "2"] and table.find("caption").text == "p < 0.05"


@pytest.mark.parametrize("many", [False, True])
def test_approximate_numbers_and_nothing_else_are_left_out_of_a_comparison(many):
    def compared(*values, **options):
        cells = [[v, 2 * v, v / 3] for v in values] if many else values
        text, table = shown({10: cells, 1000: [1.0, 2.0]}, approx=True, **options)
        return [NOT_COMPARED.sub("~N", form) for form in (text, xml.tostring(table, "unicode"))]

    here = compared(0.84, 0.1)
    assert "0.84" not in "".join(here) and "~N" in here[0] and "~N" in here[1]
    for there in (0.8412, 0.09), (123.0, -4.5e-7), (1450.5, 2e9):
        assert compared(*there) == here
    for other in compared(np.inf, 0.1), compared(0.84, np.nan), compared(0.84, 0.1, title="Loss"):
        assert other[0] != here[0] and other[1] != here[1]
    lost = compared(np.inf, 0.1)
    assert compared(np.inf, 0.123456) == lost and "inf" in lost[0]


@pytest.mark.parametrize(
    "values, options, sentence",
    [
        ({10: [1, 2, 3]}, {}, r"values\[10\] must hold a cell for each of the columns.*holds 3"),
        ({10: [1, []]}, {}, r"values\[10\] must hold.*none of them empty"),
        ({}, {}, "values must hold something to draw; it is empty"),
        ({10: []}, {"columns": []}, "columns must not be empty"),
        ({10: [1, 2]}, {"title": " "}, "title must say in words"),
        ({10: [1, 2]}, {"rows": ""}, "rows must say in words"),
    ],
)
def test_bad_tables(values, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        shown(values, **options)
