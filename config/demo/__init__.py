"""The demo market: made-up people who know real places.

material  what the texts are made of: cities/, offers.toml, words.toml
writing   bios, services, reviews and briefs out of it
people    who the experts are
clients   who travels, books, reviews and waits
loading   brings it all into the database

Everything comes from seeded random numbers and the day of loading: the same seed gives the same rows.
"""
