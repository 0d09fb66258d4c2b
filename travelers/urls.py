from django.urls import path

from travelers import views

app_name = "travelers"
urlpatterns = [
    path("trips/", views.trip_list, name="trip_list"),
    path("trips/new/", views.trip_create, name="trip_create"),
    path("trips/<int:pk>/", views.trip_edit, name="trip_edit"),
]
