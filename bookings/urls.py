from django.urls import path

from bookings import dashboard_views, views

app_name = "bookings"
urlpatterns = [
    path("expert/", dashboard_views.home, name="dashboard"),
    path("experts/<slug:slug>/inquire/", views.inquire, name="inquire"),
    path("experts/<slug:slug>/inquire/sent/", views.inquiry_sent, name="inquiry_sent"),
    path("waitlist/<int:pk>/", views.join_waitlist, name="join_waitlist"),
]
