from django.urls import path

from bookings import booking_views, dashboard_views, dispute_views, review_views, views

app_name = "bookings"
urlpatterns = [
    path("expert/", dashboard_views.home, name="dashboard"),
    path("experts/<slug:slug>/inquire/", views.inquire, name="inquire"),
    path("experts/<slug:slug>/inquire/sent/", views.inquiry_sent, name="inquiry_sent"),
    path("waitlist/<int:pk>/", views.join_waitlist, name="join_waitlist"),
    path("bookings/<int:pk>/review/", review_views.review, name="review"),
    path("bookings/<int:pk>/review/reply/", review_views.reply, name="review_reply"),
    path("bookings/<int:pk>/guest/", review_views.guest, name="guest_reviews"),
    path("reviews/", review_views.about_me, name="reviews"),
    path("reviews/as-traveler/", review_views.about_me, {"as_traveler": True}, name="reviews_as_traveler"),
    path("waitlist/leave/<str:token>/", views.leave_waitlist, name="leave_waitlist"),
    path("experts/<slug:slug>/book/", booking_views.offered, name="offered"),
    path("experts/<slug:slug>/services/<int:pk>/book/", booking_views.book, name="book"),
    path("bookings/", booking_views.booking_list, name="list"),
    path("bookings/<int:pk>/", booking_views.detail, name="detail"),
    path("bookings/<int:pk>/move/", booking_views.move, name="move"),
    path("bookings/<int:pk>/talk/", booking_views.talk, name="talk"),
    path("bookings/<int:pk>/times/", booking_views.propose, name="propose"),
    path("bookings/<int:pk>/times/<int:proposal>/", booking_views.answer, name="answer"),
    path("bookings/<int:pk>/dispute/", dispute_views.dispute, name="dispute"),
]
