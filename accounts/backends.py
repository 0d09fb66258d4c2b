from typing import Any

from allauth.account import auth_backends
from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.compiled import CompiledQuery, Parameter
from accounts.models import User

# `is_expert`: the header of every page asks.
ROW = CompiledQuery(
    lambda: User.objects.filter(pk=Parameter("pk")).annotate(
        is_expert=ExpressionWrapper(Q(expert__isnull=False), output_field=BooleanField())
    )
)


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    def get_user(self, user_id: Any) -> User | None:
        """As ever; but every page of a signed-in user begins with this."""
        for user in ROW.objects(pk=user_id):
            return user if self.user_can_authenticate(user) else None
        return None
