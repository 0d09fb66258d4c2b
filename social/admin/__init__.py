"""The staff's screens of social commerce."""

from social.admin import leads, monitoring, outreach, slack, trends, viral

__all__ = ["leads", "monitoring", "outreach", "slack", "trends", "viral"]
