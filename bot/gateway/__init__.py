"""The only door to the outside: a FastAPI app that takes a message from identity to answer.

identity → conversation → turn → stream, one module each; `create_app` in `app` wires them.
"""
