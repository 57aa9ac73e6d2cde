"""What is wrong with a scheme although its form is right."""

from rewards.schemes.problems import Problem
from rewards.schemes.scheme import Scheme


def problems(scheme: Scheme) -> list[Problem]:
    """All that keeps the scheme from taking effect, in the order of the document."""
    return []
