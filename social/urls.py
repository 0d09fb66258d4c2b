from django.urls import path

from social.slack import views

app_name = "social"
urlpatterns = [path("slack/outreach/", views.interact, name="slack")]
