from django.urls import path

from bookings import inquiry_views as views

app_name = "inquiries"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("unread/", views.unread, name="unread"),
    path("<int:pk>/", views.thread, name="thread"),
    path("<int:pk>/news/", views.news, name="news"),
    path("<int:pk>/offer/", views.offer, name="offer"),
    path("<int:pk>/block/", views.block, name="block"),
    path("<int:pk>/report/", views.report, name="report"),
    path("offers/<int:pk>/counter/", views.counter, name="counter"),
    path("offers/<int:pk>/accept/", views.accept, name="accept"),
    path("offers/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("files/<uuid:pk>/", views.attachment, name="attachment"),
]
