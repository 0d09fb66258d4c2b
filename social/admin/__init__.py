"""The staff's screens of social commerce."""

from social.admin import content, leads, monitoring, trends, viral

__all__ = ["content", "leads", "monitoring", "trends", "viral"]
