"""Drafting tools for experts, on top of the model door. Nothing stands here yet."""
