from django.urls import path

from bookings import booking_views, views

app_name = "bookings"
urlpatterns = [
    path("experts/<slug:slug>/inquire/", views.inquire, name="inquire"),
    path("experts/<slug:slug>/inquire/sent/", views.inquiry_sent, name="inquiry_sent"),
    path("waitlist/<int:pk>/", views.join_waitlist, name="join_waitlist"),
    path("experts/<slug:slug>/book/", booking_views.offered, name="offered"),
    path("experts/<slug:slug>/services/<int:pk>/book/", booking_views.book, name="book"),
    path("bookings/", booking_views.booking_list, name="list"),
    path("bookings/<int:pk>/", booking_views.detail, name="detail"),
    path("bookings/<int:pk>/move/", booking_views.move, name="move"),
    path("bookings/<int:pk>/times/", booking_views.propose, name="propose"),
    path("bookings/<int:pk>/times/<int:proposal>/", booking_views.answer, name="answer"),
]
