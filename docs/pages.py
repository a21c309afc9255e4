"""What Sphinx and MyST-NB leave out when they make a page of a stored notebook."""

import functools
import itertools
import json
import re
import shutil
from importlib import metadata
from pathlib import Path

import evidence
from docutils import nodes
from guide import anchor, filled
from myst_nb.core.render import NbElementRenderer
from nbformat.v4 import new_markdown_cell
from played import play_all

from tests.notebooks import GUARD

MATHJAX = "sphinx-mathjax-offline"  # a package that holds all of MathJax 3.2.2, 24 MB
WANTED = "tex-mml-chtml.js", "/woff-v2/"  # what a page loads of it, 1.6 MB
PROGRESS = "predictions made"  # in the table of what was done, which stands at 0 on a page
EXPLORE = re.compile(r'^explore\("(\w+)"\)$', re.MULTILINE)
STORED = {"output_type": "display_data", "metadata": {}}  # a display as a notebook stores it
CONTENTS = """
```{{toctree}}
:hidden:
:caption: Chapters

{}
```

```{{toctree}}
:hidden:
:caption: What was checked

evidence
```

```{{toctree}}
:hidden:
:caption: Teaching

{}
A class on a hub <hub/index>
```
"""
CLAIMS = """
How often each claim of this chapter holds when the random numbers are others stands under
[Evidence](../evidence.md#{}).
"""


def draw(app):
    """Draw the interactives of all chapters, before their pages are made."""
    cells = itertools.chain.from_iterable(read(path)["cells"] for path in chapters(app))
    names = {name for cell in cells for name in EXPLORE.findall("".join(cell["source"]))}
    app.explorables = play_all(names, Path(app.outdir, "_static", "explorables"))


def chapters(app):
    return sorted(Path(app.srcdir, "notebooks").glob("*.ipynb"))


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def prepare(app, page, source):
    """Change a source on its way to its page; the file itself is what readers download."""
    if page == "index":
        listed = map(entry, chapters(app)), teaching(app)
        source[0] += CONTENTS.format(*map("\n".join, listed))
    elif page == "evidence":
        source[0] = evidence.render(source[0])
    elif page.startswith("notebooks/"):
        notebook = json.loads(source[0])
        for cell in notebook["cells"]:
            cell["metadata"]["id"] = cell["id"]
            if cell["id"] == GUARD:  # it says something only where it is run
                cell["metadata"]["tags"] = ["remove-cell"]
            outputs = cell.get("outputs", [])
            outputs[:] = [each for each in outputs if PROGRESS not in json.dumps(each)]
            for name in EXPLORE.findall("".join(cell["source"])):
                outputs[:] = [{**STORED, "data": {"text/html": app.explorables[name]}}]
        title = evidence.title(Path(app.srcdir, f"{page}.ipynb"))
        notebook["cells"].append(new_markdown_cell(CLAIMS.format(anchor(title))))
        source[0] = json.dumps(notebook)
    elif page.startswith("teaching/"):
        source[0] = filled(source[0])


def name_cells(app, doctree):
    """Let links lead to cells by their ids, as they lead to headings."""
    anchors = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for cell in doctree.findall(nodes.container):
        name = cell.get("cell_metadata", {}).get("id")
        if name:
            cell["ids"].append(f"cell-{name}")
            anchors.setdefault(name, (None, f"cell-{name}", ""))


def entry(path):
    """The chapter's line in the navigation, with its number."""
    return f"{evidence.title(path)} <notebooks/{path.stem}>"


def teaching(app):
    """The lines of the teacher's pages: those of no chapter come first."""
    pages = [path.stem for path in Path(app.srcdir, "teaching").glob("*.md")]
    return [f"teaching/{page}" for page in sorted(pages, key=lambda page: (page.isdigit(), page))]


def keep_alt(render_image):
    """The stored alternative text of a picture goes to its page."""

    @functools.wraps(render_image)
    def render(self, data):
        rendered = render_image(self, data)
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        for image in (image for node in rendered for image in node.findall(nodes.image)):
            if alt:
                image["alt"] = alt
        return rendered

    return render


def hide_template(app, page, template, context, doctree):
    """A page that was filled in is there to be printed; its source would be a form with gaps."""
    if not page.startswith("notebooks/"):
        for group in (button for button in context["header_buttons"] if "buttons" in button):
            kept = [button for button in group["buttons"] if "source" not in button["label"]]
            group["buttons"] = kept


def copy_mathjax(app, failed):
    """Copy what a page needs of MathJax, out of the package that was installed with Sphinx."""
    for file in metadata.files(MATHJAX):
        place = file.as_posix().partition("/mathjax/")[2]
        if any(wanted in place for wanted in WANTED):
            target = Path(app.outdir, "_static", "mathjax", place)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), target)


def drop_unused(app, failed):
    """The theme's maps and languages are for those who work on the theme: a seventh of the site."""
    for path in Path(app.outdir).rglob("*.map"):
        path.unlink()
    shutil.rmtree(Path(app.outdir, "_static", "locales"), ignore_errors=True)


def setup(app):
    NbElementRenderer.render_image = keep_alt(NbElementRenderer.render_image)
    app.connect("builder-inited", draw)
    app.connect("source-read", prepare)
    app.connect("doctree-read", name_cells)
    app.connect("html-page-context", hide_template, priority=900)  # after the theme's buttons
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", drop_unused)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
