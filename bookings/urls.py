from django.urls import path

from bookings import views

app_name = "bookings"
urlpatterns = [
    path("experts/<slug:slug>/inquire/", views.inquire, name="inquire"),
    path("experts/<slug:slug>/inquire/sent/", views.inquiry_sent, name="inquiry_sent"),
    path("waitlist/<int:pk>/", views.join_waitlist, name="join_waitlist"),
    path("waitlist/leave/<str:token>/", views.leave_waitlist, name="leave_waitlist"),
]
