"""The staff's screens of social commerce."""

from social.admin import alerts, content, leads, monitoring, outreach, slack, trends, viral

__all__ = ["alerts", "content", "leads", "monitoring", "outreach", "slack", "trends", "viral"]
