"""A Flask application that reads a request and answers it, and does nothing else: the floor of any other on granian."""

from __future__ import annotations

from flask import Flask, Response, request

app = Flask("trivial")


@app.get("/")
def get() -> Response:
    """Answer."""
    return Response("{}", content_type="application/json")


@app.post("/")
def post() -> Response:
    """Read the body and answer."""
    return Response(f'{{"size":{len(request.get_data())}}}', status=201, content_type="application/json")
