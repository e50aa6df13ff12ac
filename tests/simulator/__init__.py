"""A wallet that is played, with the truth kept: what really happened is written down when it happens.

`python -m tests.simulator.evaluate` asks the diagnosis about it. The simulator follows the wallet's own
business (who pays whom through which channel, what breaks) and knows nothing of the diagnosis rules:
from `actions.diagnosis` it takes the labels and plain data types alone.
"""
