"""Statements that the learner judges before the chapter does, and both verdicts at its end."""

from initlib._display import NEUTRAL, RIGHT, WRONG, card, show, to_html
from initlib.lessons._questions import fold, warning
from initlib.lessons._records import record, records

WORDS = {"true": "true", "conditions": "under conditions", "false": "false"}
UNTESTED = {"untested": "not tested"}  # a verdict that the course alone may give


def ask(number, statements):
    """Show the statements, each with the three verdicts; a click keeps one, another changes it."""
    import ipywidgets as widgets

    page = "".join(f"<p>{_line(key, each)}</p>" for key, each in statements.items())
    text = "\n".join(f"{key}. {each.text}" for key, each in statements.items())
    said = widgets.HTML()

    def count(problem=None):
        judged = f"{len(given(number, statements))} of {len(statements)} judged"
        kept = "." if problem else ", and kept."
        said.value = card(NEUTRAL, judged + kept) + warning(problem)

    rows = [_row(f"{number}/{key}", key, each, count) for key, each in statements.items()]
    count()
    show(text, card(NEUTRAL, page), widgets.VBox([*rows, said]))


def _line(key, statement):
    return f"<b>{key}.</b> {to_html(statement.text)}"


def _row(name, key, statement, count):
    import ipywidgets as widgets

    line = f'<p style="line-height: 1.5">{_line(key, statement)}</p>'
    choice = widgets.ToggleButtons(
        options=[(word, verdict) for verdict, word in WORDS.items()],
        value=_last().get(name),
        tooltips=[f"Statement {key}: {word}" for word in WORDS.values()],
        style={"button_width": "auto"},
    )

    def keep(change):
        count(record(name, choice.value == statement.verdict, choice.value))

    choice.observe(keep, "value")
    return widgets.VBox([widgets.HTML(line, layout=widgets.Layout(width="100%")), choice])


def _last():
    """The last verdict on each item, whatever it was asked in."""
    verdicts = ((name, choice) for name, _, choice in records() if isinstance(choice, str))
    return {name: choice for name, choice in verdicts if choice in WORDS}


def given(number, statements):
    """The learner's verdicts: statement -> one of WORDS."""
    last = _last()
    return {key: last[f"{number}/{key}"] for key in statements if f"{number}/{key}" in last}


def tell(number, statements):
    """Show the learner's verdicts beside those of the course; on a page these are folded."""
    yours, ours = given(number, statements), WORDS | UNTESTED
    same = sum(yours[key] == statements[key].verdict for key in yours)
    head = f"You judged {len(yours)} of {len(statements)} statements, {same} of them as we do."
    text = [head, f"{'':<5}{'you':<18}we"]
    page = '<tr><th></th><th scope="col">you</th><th scope="col">we</th><th></th></tr>'
    for key, statement in statements.items():
        you, we = ours.get(yours.get(key), "–"), ours[statement.verdict]
        text.append(f"{key:<5}{you:<18}{we}")
        page += f'<tr><th scope="row">{key}</th>{_cell(key, yours, statement, you)}'
        page += f'<td>{we}</td><td style="text-align: left">{to_html(statement.text)}</td></tr>'
    both = fold("Both verdicts on each", f"<table>{page}</table>", unfolded=bool(yours))
    show("\n".join(text), card(NEUTRAL, f"<p><b>{head}</b></p>", both))


def _cell(key, yours, statement, you):
    """The learner's verdict, in the colour of a miss or a hit where there is one."""
    if key not in yours:
        return f"<td>{you}</td>"
    same = yours[key] == statement.verdict
    mark, colour = ("✓", RIGHT) if same else ("≠", WRONG)
    return f'<td style="border-left: 4px solid {colour}">{mark} {you}</td>'
