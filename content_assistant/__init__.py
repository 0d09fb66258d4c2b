"""Drafts for experts, on top of the model door: a model words, code checks, the expert decides.

A `Draft` is one text that an expert wants (tool, subject, wishes), a `Version` one attempt at it: written by a model,
by the offline writer or by the expert. `drafting` makes every move, `tools` says what there is to be written, `checks`
what is off about it. Nothing here ever becomes public or is sent without a click of the expert's.
"""
