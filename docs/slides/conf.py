"""The slides: a deck a chapter, of what its notebook stores, with nothing of another host."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))  # what docs/ takes of the tests
sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # as the chapters' claims

from pages import copy_mathjax
from sphinx.writers.html5 import HTML5Translator
from sphinx_revealjs.writers import RevealjsSlideTranslator

project = "Initial weights"
author = "The initlib authors"
language = "en"
root_doc = "00"
extensions = ["myst_parser", "sphinx_revealjs", "quoted", "voted", "drawn"]
exclude_patterns = ["_static"]
suppress_warnings = ["toc.not_included"]  # a deck is opened by itself
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]

highlight_language = "python"
pygments_style = "friendly"
html_copy_source = False
html_favicon = "../_static/icon.svg"
revealjs_html_theme = "revealjs-simple"
revealjs_style_theme = "white"  # which asks no other host for its letters
revealjs_static_path = ["_static"]
revealjs_css_files = ["pygments.css", "slides.css"]
revealjs_script_files = ["vote.js"]
revealjs_script_plugins = [{"src": "revealjs/plugin/notes/notes.js", "name": "RevealNotes"}]
revealjs_script_conf = {
    "width": 1280,
    "height": 720,
    "margin": 0,
    "center": False,
    "display": "flex",  # a picture takes the height that the rest of its slide leaves
    "controlsLayout": "edges",
    "hash": True,
    "slideNumber": "c/t",
    "transition": "none",
    "pdfSeparateFragments": False,
}
mathjax_path = "mathjax/tex-mml-chtml.js"  # which pages.py copies from an installed package
mathjax3_config = {"chtml": {"matchFontHeight": False}}  # a slide that is not shown has no height


class Translator(RevealjsSlideTranslator):
    """Code is coloured here, not by a script of a megabyte in each deck."""

    visit_literal_block = HTML5Translator.visit_literal_block
    depart_literal_block = HTML5Translator.depart_literal_block


def setup(app):
    app.set_translator("revealjs", Translator)
    app.connect("build-finished", copy_mathjax)
