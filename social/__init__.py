"""Trends, viral moments, leads and outreach: what people say about markets on social networks (docs/social.md)."""
