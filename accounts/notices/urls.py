from django.urls import path

from accounts.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.notice_list, name="list"),
    path("notices/<int:pk>/", views.open_notice, name="open"),
    path("notices/bell/", views.bell, name="bell"),
    path("notices/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("account/notices/", views.preferences, name="preferences"),
]
