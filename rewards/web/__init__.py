"""The pages, one package for each audience, and the frame around them."""

from flask import Flask

from rewards.web import frame, hardening, refusals
from rewards.web.access import login_manager


def register(app: Flask) -> None:
    """Put the frame and every page of the programme into *app*."""
    from rewards.web import hooks, password
    from rewards.web.office import audit, ledger, staff, suggestions_desk
    from rewards.web.office import cards as office_cards
    from rewards.web.office import causes as office_causes
    from rewards.web.office import deeds as office_deeds
    from rewards.web.office import donations as office_donations
    from rewards.web.office import events as office_events
    from rewards.web.office import giving_on as office_giving
    from rewards.web.office import home as office
    from rewards.web.office import imports as office_imports
    from rewards.web.office import previews as office_previews
    from rewards.web.office import residents as office_residents
    from rewards.web.office import schemes as office_schemes
    from rewards.web.public import board, card, home, rules, scheme_files, seals, sign_in
    from rewards.web.resident import donations as my_donations
    from rewards.web.resident import events as me_events
    from rewards.web.resident import giving_on as my_giving
    from rewards.web.resident import home as me
    from rewards.web.resident import proof as my_proof
    from rewards.web.resident import suggestions as my_suggestions

    login_manager.init_app(app)
    hardening.install(app)
    frame.install(app)
    refusals.install(app)
    for blueprint in (home.bp, sign_in.bp, hooks.bp):
        app.register_blueprint(blueprint)
    for blueprint in (office.bp, staff.bp, audit.bp, ledger.bp, password.bp):
        app.register_blueprint(blueprint)
    for blueprint in (
        my_donations.bp,
        office_donations.bp,
        office_causes.bp,
        my_giving.bp,
        office_giving.bp,
    ):
        app.register_blueprint(blueprint)
    for blueprint in (my_suggestions.bp, suggestions_desk.bp, board.bp):
        app.register_blueprint(blueprint)
    for blueprint in (office_events.bp, me_events.bp, office_deeds.bp):
        app.register_blueprint(blueprint)
    for blueprint in (office_residents.bp, office_imports.bp):
        app.register_blueprint(blueprint)
    for blueprint in (office_schemes.bp, office_previews.bp, rules.bp, scheme_files.bp):
        app.register_blueprint(blueprint)
    for blueprint in (seals.bp, my_proof.bp):
        app.register_blueprint(blueprint)
    for blueprint in (card.bp, me.bp, office_cards.bp):
        app.register_blueprint(blueprint)
