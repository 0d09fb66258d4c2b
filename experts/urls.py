from django.urls import path

from experts import views
from experts.calendar.urls import urlpatterns as calendar

app_name = "experts"
urlpatterns = [path("experts/<slug:slug>/", views.profile, name="profile"), *calendar]
