"""Where the learner's progress is kept; whoever asks needs nothing else of the course."""

import os
from pathlib import Path


def progress_file():
    """The environment's INITLIB_PROGRESS, or a file in the user's data directory.

    It raises RuntimeError where that asks for a home directory and there is none.
    """
    if "INITLIB_PROGRESS" in os.environ:
        return Path(os.environ["INITLIB_PROGRESS"]).expanduser()
    import platformdirs

    return (platformdirs.user_data_path("initlib", appauthor=False) / "progress.jsonl").expanduser()
