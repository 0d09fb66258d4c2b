"""The staff's screens of social commerce."""

from social.admin import leads, monitoring, trends, viral

__all__ = ["leads", "monitoring", "trends", "viral"]
