from django.urls import path

from markets import views

app_name = "markets"
urlpatterns = [path("cities/search/", views.search, name="search")]
