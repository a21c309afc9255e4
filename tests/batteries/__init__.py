"""What learners answer: a module a chapter, written from the exercises' text, not their checkers.

Each has ``RIGHT``, right answers in usual and unusual forms; ``MISTAKES``, wrong answers that a
learner reaches by a known mistake, which have to be told what it is; and ``OTHER_WRONG``, those
whose reason nobody can guess. All are by the exercise's key.
"""
