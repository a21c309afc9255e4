"""The site: the stored notebooks as pages that need no kernel and nothing of another host."""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the clock and the results are the tests'
sys.path.insert(0, str(Path(__file__).parent))
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # as the chapters' claims

from tests.notebooks import address

HERE = Path(__file__).parent
project = "Initial weights"
author = "The initlib authors"
copyright = "The initlib authors, text and figures CC BY 4.0, code BSD-3-Clause"
language = "en"
extensions = ["myst_nb", "pages", "live"]
exclude_patterns = ["_static", "jupyterlite", "slides"]

# The notebooks are copied for each build, so that they stand in the repository only once.
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(
    HERE.parent / "notebooks",
    HERE / "notebooks",
    ignore=lambda folder, names: [name for name in names if not name.endswith(".ipynb")],
)

nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "text/html", 0), ("html", "image/png", 1)]
nb_ipywidgets_js = {}  # the widgets' code would come from another host
nb_number_source_lines = False
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "guide.anchor"

html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = ["explorables.js"]
html_show_sphinx = False
html_copy_source = True
html_sourcelink_suffix = ""
html_theme_options = {
    "home_page_in_toc": True,
    "navbar_persistent": [],  # the search stands in the sidebar
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_download_button": True,
    "use_fullscreen_button": True,
    "use_issues_button": False,
    "use_repository_button": False,
}
if published := address():  # no button leads nowhere
    html_theme_options |= {
        "repository_url": published,
        "repository_branch": "main",
        "use_repository_button": True,
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
            "notebook_interface": "jupyterlab",
        },
    }
mathjax_path = "mathjax/tex-mml-chtml.js"  # which pages.py copies from an installed package
