"""The form in which typed words are compared with ours."""

import regex

from nlu.normal import forms

_MARKS = regex.compile(r"[\p{P}\p{S}\p{Z}\p{C}]+")


def fold(text: str) -> str:
    """Compare words by this: one spelling, no marks of Latin letters, no signs and no blanks."""
    return _MARKS.sub("", forms(text)[1])
