from django.urls import path

from experts.calendar import feed_views, views

urlpatterns = [
    path("expert/calendar/", views.month, name="calendar_month"),
    path("expert/calendar/hours/", views.weekly_hours, name="calendar_hours"),
    path("expert/calendar/exceptions/", views.exceptions, name="calendar_exceptions"),
    path(
        "expert/calendar/exceptions/<int:pk>/remove/",
        views.remove_exception,
        name="calendar_exception_remove",
    ),
    path("expert/calendar/away/<int:pk>/remove/", views.remove_away, name="calendar_away_remove"),
    path("expert/calendar/import/", views.imports, name="calendar_import"),
    path("expert/calendar/import/<int:pk>/", views.source, name="calendar_source"),
    path("expert/calendar/feed/", views.own_feed, name="calendar_own_feed"),
    path("expert/calendar/<str:day>/", views.day, name="calendar_day"),
    path("experts/<slug:slug>/calendar/", views.public_month, name="calendar"),
    path("experts/<slug:slug>/calendar/<str:day>/", views.public_day, name="calendar_public_day"),
    path("calendar/<str:address>.ics", feed_views.calendar_feed, name="calendar_feed"),
]
