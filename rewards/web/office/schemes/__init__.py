"""The programme's points rules: drafted, compared, approved by a second person, in force."""

from rewards.web.office.schemes import deciding, drafts, index, parts, rules
from rewards.web.office.schemes.blueprint import bp

__all__ = ["bp", "deciding", "drafts", "index", "parts", "rules"]
