"""Where the learner's progress is kept; whoever asks needs nothing else of the course."""

import os
from pathlib import Path


def progress_file():
    """The environment's INITLIB_PROGRESS, or a file in the user's data directory."""
    if "INITLIB_PROGRESS" in os.environ:
        return Path(os.path.expanduser(os.environ["INITLIB_PROGRESS"]))
    import platformdirs

    return Path(platformdirs.user_data_dir("initlib", appauthor=False)) / "progress.jsonl"
