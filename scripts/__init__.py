"""What the Makefile calls: setting up the machine, training, starting the three processes.

`bootstrap.py` and `browser.py` run on any Python 3 with nothing installed; the rest runs in `.venv`.
"""
