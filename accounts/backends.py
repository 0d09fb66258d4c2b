from typing import Any

from allauth.account import auth_backends
from django.db.models import BooleanField, ExpressionWrapper, IntegerField, OuterRef, Q, Subquery

from accounts.compiled import CompiledQuery, Parameter
from accounts.models import Notice, User

MOST_COUNTED = 100  # the badge says “99+”, and a reader of years ago costs no more than others


class Counted(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


# `is_expert`, `unread_notices`: the header of every page asks.
ROW = CompiledQuery(
    lambda: User.objects.filter(pk=Parameter("pk")).annotate(
        is_expert=ExpressionWrapper(Q(expert__isnull=False), output_field=BooleanField()),
        unread_notices=Counted(
            Notice.objects.unread().filter(user=OuterRef("pk")).values("user")[:MOST_COUNTED]
        ),
    )
)


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        """As ever; but every page of a signed-in user begins with this."""
        for user in ROW.objects(pk=user_id):
            return user if self.user_can_authenticate(user) else None
        return None
