"""What bookings teach about the weights of the five factors, and how far that may be believed.

slates        what travelers were shown and what they booked, as flat arrays
logit         weights that explain the bookings, position apart
baselines     the obvious rule, kept to be measured against
calibration   whether booking probabilities come true
gates         what must hold before a person may activate learned weights
interleaving  two rankings compared in one list
sequential    the verdict about them, at any time
exploration   the known swaps that make position measurable

Nothing here reads the database: arrays in, arrays or small dataclasses out.
"""
