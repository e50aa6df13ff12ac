"""Understanding a customer's sentence: its language, intent and entities with their values.

Rasa graph components (`spacy_model`, `language`, `entities`, `classifier`) around a spaCy pipeline of
our own (`pipeline`, built by `python -m bot.nlu.build`) and an intent model (`model`). `evaluate` measures
the newest model, `crossval` and `compare` the choices behind it, `lint` reads the training sentences.
"""
