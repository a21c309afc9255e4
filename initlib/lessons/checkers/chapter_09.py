from initlib.lessons.answers import Unreadable, Verdict

WORDS = ("true", "conditions", "false")


def sort(mistakes):
    """Of the text's lines, each is named by a sentence's place and its right word."""
    right = [name.split()[-1] for name in mistakes]

    def checker(answer):
        if isinstance(answer, str) or not hasattr(answer, "__len__"):
            raise Unreadable('a list of five words is asked for, such as ["true", "false", ...]')
        said = [str(each).strip().lower() for each in answer]
        if len(said) != len(right):
            return Verdict(False, f"there are five sentences; your list holds {len(said)}.")
        for each in said:
            if each not in WORDS:
                return Verdict(False, f'"{each}" is none of "true", "conditions" and "false".')
        for place, (word, meant, reason) in enumerate(zip(said, right, mistakes.values()), 1):
            if word != meant:
                return Verdict(False, f"sentence {place}: {reason}")
        return Verdict(True, "")

    return checker


CHECKERS = {"sort": sort}
