"""How a question looks: with a kernel, on a page without one, and in a terminal."""

from initlib._display import NEUTRAL, RIGHT, WRONG, card, show, to_html
from initlib.lessons._records import record

NOTED = "Noted. The experiment will answer."

# A choice of two lines, as on a phone, would lie over the next one.
LINES = """<style>
.initlib-choices .widget-radio-box label {
  display: flex; flex-direction: row-reverse; justify-content: flex-end;
  height: auto; line-height: 1.6 }
.initlib-choices .widget-radio-box input { flex: none }
</style>"""


def fold(summary, page, unfolded=False):
    """HTML that the reader unfolds."""
    unfolded = " open" if unfolded else ""
    return f"<details{unfolded}><summary>{summary}</summary>{page}</details>"


def ask(asked, answered, choices):
    """Show questions, each with the name it is remembered by and its heading.

    ``answered(question, choice)`` is the HTML that a learner sees after committing, and
    ``choices(question)`` what stands for the choices where there is no kernel.
    """
    import ipywidgets as widgets

    page = text = ""
    for _, heading, question in asked:
        page += card(NEUTRAL, _heading(heading, question), choices(question))
        listed = "\n".join(f"  ( ) {choice.text}" for choice in question.choices)
        text += f"{heading}. {question.text}\n{listed}\n\n"
    style = widgets.HTML(LINES, layout={"display": "none"})
    show(text.strip(), page, widgets.VBox([*(_widget(*each, answered) for each in asked), style]))


def _heading(heading, question):
    return f'<p style="line-height: 1.5"><b>{heading}.</b> {to_html(question.text)}</p>'


def _widget(name, heading, question, answered):
    import ipywidgets as widgets

    wide = widgets.Layout(width="100%")
    text = widgets.HTML(_heading(heading, question), layout=wide)
    options = widgets.RadioButtons(
        options=[(choice.text.replace("`", ""), choice) for choice in question.choices],
        index=None,
        layout=widgets.Layout(width="auto"),
    )
    options.add_class("initlib-choices")
    commit = widgets.Button(description="Commit", disabled=True, tooltip="Commit to this answer")
    said = widgets.HTML(layout=wide)

    def choose(change):
        commit.disabled = options.index is None
        said.value = ""  # what stands there was said to another choice

    def answer(_):
        choice = options.value
        problem = record(name, choice.right, choice.text)
        said.value = answered(question, choice) + warning(problem)

    options.observe(choose, "index")
    commit.on_click(answer)
    return widgets.VBox([text, options, commit, said])


# --- what is said to a choice ----------------------------------------------------------------


def warning(problem):
    """What kept an answer from being kept, if anything did."""
    return card(WRONG, to_html(problem)) if problem else ""


def noted(question, choice):
    """To a prediction nothing is said before the experiment."""
    return card(NEUTRAL, NOTED)


def feedback(question, choice):
    """Whether the choice is right and why, with the refresher under a miss."""
    colour, word = (RIGHT, "Right.") if choice.right else (WRONG, "Not so.")
    more = "" if choice.right else refresher(question)
    return card(colour, f"<b>{word}</b> {to_html(choice.feedback)}{more}")


def refresher(question):
    return fold("Refresher", to_html(question.refresher)) if question.refresher else ""


# --- the choices on a page -------------------------------------------------------------------


def plain(question):
    """A list that gives nothing away."""
    items = "".join(f"<li>{to_html(choice.text)}</li>" for choice in question.choices)
    return f"<ul>{items}</ul>"


def unfolding(question):
    """Each unfolds into its feedback."""
    return "".join(
        fold(to_html(choice.text), feedback(question, choice)) for choice in question.choices
    )
