from social.models.alerts import Alert, AlertRead, SlackPress, SlackUser
from social.models.content import Campaign, Idea, IdeaRound, PostDraft
from social.models.leads import Contact, Lead, LeadSample, Outreach
from social.models.monitoring import Monitor, Run, SocialSettings, Spending
from social.models.posts import Author, Post, PostSample, Sighting, ViralMoment
from social.models.trends import Trend, TrendPost, TrendSample

__all__ = [
    "Alert",
    "AlertRead",
    "Author",
    "Campaign",
    "Contact",
    "Idea",
    "IdeaRound",
    "Lead",
    "LeadSample",
    "Monitor",
    "Outreach",
    "Post",
    "PostDraft",
    "PostSample",
    "Run",
    "Sighting",
    "SlackPress",
    "SlackUser",
    "SocialSettings",
    "Spending",
    "Trend",
    "TrendPost",
    "TrendSample",
    "ViralMoment",
]
