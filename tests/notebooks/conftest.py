"""What the tests of exercises and of texts share."""

import pytest


@pytest.fixture
def own_progress(tmp_path, monkeypatch):
    """What is answered here is kept apart, and nowhere."""
    monkeypatch.setenv("INITLIB_PROGRESS", str(tmp_path / "progress.jsonl"))
