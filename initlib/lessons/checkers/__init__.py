"""The checkers of what is no number or word, a module a chapter; `initlib.lessons._texts` says how.

What they say stands in the chapter's text, in the lines of ``mistakes``, by the names used here.
"""

from initlib.lessons import answers


def function(reference, cases, wrong, *, relative=1e-6):
    """A maker of the checker that compares a learner's function with ``reference`` on ``cases``.

    ``wrong`` maps the names of the text's mistakes to a wrong function, or to several.
    """

    def make(mistakes):
        if wrong.keys() != mistakes.keys():
            raise ValueError(f"its mistakes have to be named {', '.join(wrong)}")
        pairs = [
            (each, mistakes[name])
            for name, functions in wrong.items()
            for each in (functions if isinstance(functions, tuple) else (functions,))
        ]
        return answers.function(reference, cases, relative=relative, mistakes=pairs)

    return make
