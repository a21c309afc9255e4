"""Displays that mean the same with a kernel, on a web page and in a terminal."""

import html
import re

from IPython.display import display


def show(text, page, widget=None):
    """Display ``widget`` where widgets live, else the HTML ``page``, else the plain ``text``."""
    # What ipywidgets 8 has a method for; 7, which Colab has, lacks it.
    model = {"version_major": 2, "version_minor": 0, "model_id": getattr(widget, "model_id", None)}
    view = {"application/vnd.jupyter.widget-view+json": model} if widget is not None else {}
    display({**view, "text/html": page, "text/plain": text}, raw=True)


def to_html(text):
    """Plain text as HTML: escaped, with `code` in code type and [links](https://...)."""
    page = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\[([^]]+)\]\((https?:[^)]+)\)", r'<a href="\2" target="_blank">\1</a>', page)


def card(colour, *parts):
    """HTML parts in a box whose edge has a colour; readable on a light and on a dark page."""
    edge = f"border-left: 4px solid {colour}; padding: 0.2em 0.8em; margin: 0.3em 0"
    # A widget's own line height is too wide.
    return f'<div style="{edge}; line-height: 1.5">{"".join(parts)}</div>'


RIGHT, WRONG, NEUTRAL = "#009E73", "#D55E00", "#0072B2"
