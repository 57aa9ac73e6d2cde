"""The JSON API, version 1: the pages' use cases for programs, and its description."""

from flask import Flask

from rewards.api.framework import Api, make


def register(app: Flask) -> Api:
    """Put the programme's part of the API into *app*; answers it, for packages above to add to."""
    from rewards.api import docs, events, giving, me, tokens

    api = make(app)
    app.extensions["api"] = api
    app.register_blueprint(docs.bp)
    for blueprint in (tokens.door, tokens.bp, me.bp, giving.bp, events.bp):
        api.register_blueprint(blueprint)
    return api
