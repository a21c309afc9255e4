"""``python -m initlib`` says whether everything is there that the course needs."""

import sys

from initlib.environment import main, summary  # noqa: F401  (chapter 00 takes summary from here)

if __name__ == "__main__":
    sys.exit(main())
