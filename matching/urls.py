from django.urls import path

from matching import views

app_name = "matching"
urlpatterns = [
    path("trips/<int:pk>/experts/", views.results, name="results"),
    path("trips/<int:pk>/experts/list/", views.results_fragment, name="results_fragment"),
    path("trips/<int:pk>/experts/weigh/", views.weigh, name="weigh"),
    path("trips/<int:pk>/experts/<slug:slug>/why/", views.receipt, name="receipt"),
]
