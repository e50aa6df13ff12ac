"""Understanding a customer's sentence: its language, intent and entities with their values.

Rasa graph components (`spacy_model`, `language`, `entities`, `classifier`) around a spaCy pipeline of
our own (`pipeline`, built by `python -m bot.nlu.build`); `evaluate` measures the newest model.
"""
