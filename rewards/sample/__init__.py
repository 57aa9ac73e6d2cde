"""Sample data, plainly so: made by the product's own use cases, at moments of a past season."""

from rewards.sample.earning import suggest, volunteer
from rewards.sample.giving import give
from rewards.sample.neighbours import give_on
from rewards.sample.people import Cast, found
from rewards.sample.rules import draft
from rewards.sample.stage import SignIn, Stage

__all__ = ["Cast", "SignIn", "Stage", "draft", "found", "give", "give_on", "suggest", "volunteer"]
