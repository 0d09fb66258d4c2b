from django.urls import path

from experts import views

app_name = "experts"
urlpatterns = [path("experts/<slug:slug>/", views.profile, name="profile")]
