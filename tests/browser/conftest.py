"""What the tests in a browser share: the browser, and a table of what they measured."""

import re

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.browser import launched


class ByChapter(LoadScopeScheduling):
    """All tests of a chapter are run by one worker, which opens it once."""

    def _split_scope(self, nodeid):
        chapter = re.search(r"\b\d\d\b", nodeid.partition("[")[2])
        return chapter[0] if chapter else nodeid


def pytest_xdist_make_scheduler(config, log):
    return ByChapter(config, log)


@pytest.fixture(scope="module")
def browser(request):
    with launched(request.module.PATIENCE) as browser:
        yield browser


@pytest.fixture
def tell(record_property):
    """Adds a row of numbers to the table that is printed at the end."""
    return lambda name, **numbers: record_property("told", (name, numbers))


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    rows = [value for each in reports for key, value in each.user_properties if key == "told"]
    heads = dict.fromkeys(head for _, numbers in rows for head in numbers)
    if rows:
        terminalreporter.section("milliseconds of repaints, frames a second, seconds of all else")
        terminalreporter.line(f"{'':<30}" + "".join(f"{head:>9}" for head in heads))
    for name, numbers in sorted(rows):
        cells = (f"{numbers[head]:.3g}" if head in numbers else "" for head in heads)
        terminalreporter.line(f"{name:<30}" + "".join(f"{cell:>9}" for cell in cells))
