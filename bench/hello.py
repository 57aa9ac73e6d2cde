"""A hello-world on the service's own server: what answering a POST in JSON costs at the least."""

import os
from pathlib import Path

from flask import Flask
from granian.constants import Interfaces

from rewards import serving
from rewards.settings import Settings


def create_app() -> Flask:
    app = Flask(__name__)

    @app.post("/api/v1/redemptions")
    def hello() -> tuple[dict[str, str], int]:
        return {"hello": "world"}, 201

    return app


if __name__ == "__main__":
    serving.run_server(
        "bench.hello:create_app",
        Settings.read(os.environ, Path()),
        interface=Interfaces.WSGI,
        blocking_threads=serving.THREADS,
    )
