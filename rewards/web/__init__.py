"""The pages, one package for each audience, and the frame around them."""

from flask import Flask

from rewards.web import frame, hardening, refusals
from rewards.web.access import login_manager


def register(app: Flask) -> None:
    """Put the frame and every page of the programme into *app*."""
    from rewards.web import hooks, password
    from rewards.web.office import audit, rates, staff
    from rewards.web.office import events as office_events
    from rewards.web.office import home as office
    from rewards.web.public import home, sign_in
    from rewards.web.resident import events as me_events

    login_manager.init_app(app)
    hardening.install(app)
    frame.install(app)
    refusals.install(app)
    for blueprint in (home.bp, sign_in.bp, hooks.bp):
        app.register_blueprint(blueprint)
    for blueprint in (office.bp, staff.bp, rates.bp, audit.bp, password.bp):
        app.register_blueprint(blueprint)
    for blueprint in (office_events.bp, me_events.bp):
        app.register_blueprint(blueprint)
