"""A prediction on a slide, put to a show of hands, and later what the experiment said to it.

    ```{prediction} 03/overflow
    ```

    ```{settled} 03/overflow
    ```

The question is that of the chapter's text; what the experiment said is read from the stored output
of ``settle``. What a directive holds stands beside the choices. ``slides/_static/vote.js`` keeps
the counts for as long as the page is open.
"""

import re

from guide import settled
from quoted import Quote, close, raw

from initlib._display import to_html
from initlib.lessons._texts import item

HANDS = '<input type="number" min="0" max="999" aria-label="Hands for {}" autocomplete="off">'
BAR = '<span class="bar" hidden></span>'
AT_ONCE = 'data-fragment-index="0"'


class Prediction(Quote):
    """The question and its choices, each with a box for the hands that went up; in the speaker's
    notes, what to ask who chose wrongly."""

    def run(self):
        choices = self.choices("vote", lambda nth, choice: HANDS.format(nth))
        asked = f'<p class="question">{to_html(self.question().text)}</p>'
        back = [
            f"<p>{nth}, ask back: {to_html(choice.ask_back)}</p>"
            for nth, choice in enumerate(self.question().choices, 1)
            if choice.ask_back
        ]
        notes = raw(f'<aside class="notes">{"".join(back)}</aside>')
        return [*self.around(f'{asked}<div class="beside">{choices}<div>'), notes]

    def question(self):
        try:
            return item(self.arguments[0], "predictions")
        except ValueError as problem:
            self.fail(problem)

    def choices(self, kind, after):
        """The list of the choices, with ``after(nth, choice)`` after each."""
        page = ""
        for nth, choice in enumerate(self.question().choices, 1):
            page += f'<li><span class="choice">{to_html(choice.text)}</span>{after(nth, choice)}'
        return f'<div class="{kind}" data-vote="{self.arguments[0]}"><ol>{page}</ol></div>'

    def around(self, begin):
        """What the directive holds, in the second of two columns."""
        return [raw(begin), *self.parsed("\n".join(self.content)), raw("</div></div>")]


class Settled(Prediction):
    """The choices with the room's counts; then which of them holds, why, and what was measured."""

    def run(self):
        stored = self.stored()

        def verdict(nth, choice):
            judged = re.search(rf"(Right|Not so): +{re.escape(choice.text)}\n +(.+)", stored)
            if not judged:
                self.fail(f"what is stored does not judge {choice.text!r}: is it up to date?")
            kind = "right" if judged[1] == "Right" else "wrong"
            return f'{BAR}<p class="why {kind} fragment" {AT_ONCE}>{to_html(judged[2])}</p>'

        choices, said = self.choices("told", verdict), to_html(close(stored.partition("\n")[0]))
        told = f'<div class="fragment" {AT_ONCE}><p class="said">{said}</p>'
        return self.around(f'<div class="beside">{choices}{told}')

    def stored(self):
        """All that is stored of what the experiment said to it."""
        try:
            return settled(self.arguments[0])
        except ValueError:
            self.fail("no stored output settles it")


def setup(app):
    app.add_directive("prediction", Prediction)
    app.add_directive("settled", Settled)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
