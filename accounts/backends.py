from typing import Any

from allauth.account import auth_backends
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q

from accounts.compiled import CompiledQuery, Parameter
from accounts.models import Notice, User

MOST_COUNTED = 100  # the badge says “99+”, and a reader of years ago costs no more than others


# `is_expert`, `unread_urls`: the header of every page asks how many, and where they lead is who has read them.
ROW = CompiledQuery(
    lambda: User.objects.filter(pk=Parameter("pk")).annotate(
        is_expert=ExpressionWrapper(Q(expert__isnull=False), output_field=BooleanField()),
        unread_urls=ArraySubquery(
            Notice.objects.unread().filter(user=OuterRef("pk")).order_by("-pk").values("url")[:MOST_COUNTED]
        ),
    )
)


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        """As ever; but every page of a signed-in user begins with this."""
        user = ROW.first(pk=user_id)
        return user if user and self.user_can_authenticate(user) else None
