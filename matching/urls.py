from django.urls import path

from matching import expert_views, views

app_name = "matching"
urlpatterns = [
    path("trips/<int:pk>/experts/", views.results, name="results"),
    path("trips/<int:pk>/experts/list/", views.results_fragment, name="results_fragment"),
    path("expert/fit/", expert_views.fit_page, name="fit"),
    path("expert/fit/report/", expert_views.fit_report, name="fit_report"),
    path("expert/fit/<int:pk>/", expert_views.fit_feedback, name="fit_feedback"),
    path("trips/<int:pk>/experts/weigh/", views.weigh, name="weigh"),
    path("trips/<int:pk>/experts/<slug:slug>/why/", views.receipt, name="receipt"),
]
