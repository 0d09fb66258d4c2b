from django.urls import path

from content_assistant import api, views

app_name = "assistant"
urlpatterns = [
    path("assistant/", views.home, name="home"),
    path("assistant/token/", views.token, name="token"),
    path("assistant/new/<slug:slug>/", views.create, name="create"),
    path("assistant/<int:pk>/", views.draft, name="draft"),
    path("assistant/<int:pk>/writing/", views.writing, name="writing"),
    path("assistant/<int:pk>/facts/", views.freshness, name="facts"),
    path("assistant/<int:pk>/compare/", views.compare, name="compare"),
    path("assistant/<int:pk>/again/", views.again, name="again"),
    path("assistant/<int:pk>/save/", views.save, name="save"),
    path("assistant/<int:pk>/confirm/", views.confirm, name="confirm"),
    path("assistant/<int:pk>/restore/<int:number>/", views.restore, name="restore"),
    path("assistant/<int:pk>/use/", views.use, name="use"),
    path("assistant/<int:pk>/move/", views.move, name="move"),
    path("content-assistant/generate", api.Generate.as_view(), name="generate"),
    path("content-assistant/drafts/<int:pk>", api.OneDraft.as_view(), name="api_draft"),
]
