"""Trends, influencer leads and outreach, on top of the model door. Nothing stands here yet."""
