"""The browser of the tests of the site, of its live chapters and of the slides."""

import pytest

from tests.browser import launched


@pytest.fixture(scope="module")
def browser(request):
    with launched(request.module.PATIENCE) as browser:
        yield browser
