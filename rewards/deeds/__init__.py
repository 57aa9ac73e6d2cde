"""Acts done outside events: one person records them, a second approves, points follow.

A photo report, a referral, a visit, a team's work, anything else that the rules know; and the
acts that points are taken for.
"""
