from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin as PlainModelAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts import archives, erasing, services
from accounts.emails import validate_deliverable
from accounts.errors import DomainError
from accounts.models import AuditEvent, NoticeMail, User, UserRole
from accounts.notices import posting
from accounts.notices.kinds import kind_of
from accounts.staff import Line, ReadOnlyAdmin, StaffAdmin, acting, confirm, link_to, list_of

# What these screens of allauth show (secrets of second factors, keys of mails) is nobody's business.
for model in (EmailAddress, Authenticator, Group):
    admin.site.unregister(model)


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("email", "name", "time_zone", "is_active", "is_staff", "groups")
        widgets = {"groups": UnfoldAdminCheckboxSelectMultipleWidget}

    def clean_email(self) -> str:
        """Sign-in looks addresses up in lower case."""
        email = str(self.cleaned_data["email"]).lower()
        validate_deliverable(email)
        return email


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Staff are made here: an account with roles and no password; they set one by “forgotten password”."""

    form = UserForm
    list_display = (
        "who",
        "is_active",
        "staff",
        "role_names",
        "second_factor",
        "is_demo",
        "last_login",
        "date_joined",
    )
    list_filter = ("is_staff", "groups", "is_active", "is_demo", ("date_joined", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    readonly_fields = ("is_superuser", "second_factor", "last_login", "date_joined", "is_demo")
    fieldsets = (
        (None, {"fields": (("email", "name"), "time_zone")}),
        (
            gettext_lazy("Access"),
            {"fields": (("is_active", "is_staff", "is_superuser", "second_factor"), "groups")},
        ),
        (gettext_lazy("Dates"), {"fields": (("date_joined", "last_login", "is_demo"),)}),
    )
    add_fieldsets = (
        (None, {"fields": (("email", "name"), "time_zone")}),
        (gettext_lazy("Access"), {"fields": (("is_active", "is_staff"), "groups")}),
    )
    actions_detail = ("remove_second_factor", "export_data", "erase_account")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return (
            User.objects.prefetch_related("groups")
            .annotate(has_factor=Exists(factor))
            .order_by("-date_joined")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return PlainModelAdmin.has_add_permission(self, request)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """An address changes where its owner confirms it, on the site."""
        return (*self.readonly_fields, "email") if obj else self.readonly_fields

    def has_superuser_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.is_superuser

    def has_export_data_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("accounts.export_user")

    def has_erase_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("accounts.erase_user")

    def save_model(self, request: HttpRequest, obj: User, form: UserForm, change: bool) -> None:
        if change:
            obj.save(update_fields=["name", "time_zone"])
        else:
            obj.set_unusable_password()
            obj.is_staff = False
            obj.save()
            # Theirs from now on, so that nobody else confirms it: they get in by a mailed link alone, which proves it.
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=True)

    def save_related(self, request: HttpRequest, form: UserForm, formsets: Any, change: bool) -> None:
        """Access is not saved with the form: the service does it, checks and notes it."""
        access = {name: form.cleaned_data[name] for name in ("is_staff", "is_active")}
        try:
            services.set_access(
                user=form.instance, by=acting(request), roles=form.cleaned_data["groups"], **access
            )
        except DomainError as error:
            messages.error(request, str(error))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        user = self.get_object(request, object_id)
        buttons: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        missing = set() if user and user.has_factor else {"remove-second-factor"}
        if user is None or not user.is_active:
            missing |= {"export-data", "erase-account"}
        return [button for button in buttons if button.path not in missing]

    @action(
        description=gettext_lazy("Remove the second factor"),
        url_path="remove-second-factor",
        icon="phonelink_erase",
        variant=ActionVariant.WARNING,
        permissions=["superuser"],
    )
    def remove_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.row(request, object_id)
        if request.method != "POST":
            question = _(
                "Make sure that it is really %(email)s who asks. Until they set up a new one, the admin stays closed."
            )
            title = _("Remove the second factor")
            return confirm(self, request, user, title=title, question=question % {"email": user.email})
        try:
            services.remove_second_factor(user=user, by=acting(request))
            messages.success(request, _("The second factor is removed."))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("admin:accounts_user_change", user.pk)

    @action(
        description=gettext_lazy("Export the data"),
        url_path="export-data",
        icon="archive",
        permissions=["export_data"],
    )
    def export_data(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.row(request, object_id)
        if request.method != "POST":
            question = _("An archive is made, and %(email)s alone can download it. They get a mail.")
            title = _("Export the data")
            return confirm(self, request, user, title=title, question=question % {"email": user.email})
        archives.request(user=user, by=acting(request))
        messages.success(request, _("The archive is being made."))
        return redirect("admin:accounts_user_change", user.pk)

    @action(
        description=gettext_lazy("Erase the account"),
        url_path="erase-account",
        icon="person_remove",
        variant=ActionVariant.DANGER,
        permissions=["erase"],
    )
    def erase_account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.row(request, object_id)
        if request.method != "POST":
            question = _(
                "Everything about %(email)s goes for good. Make sure that it is really they who ask."
            )
            told = [question % {"email": user.email}, *erasing.obstacles(user)]
            return confirm(
                self, request, user, title=_("Erase the account"), question=" ".join(map(str, told))
            )
        try:
            erasing.erase(user=user, by=acting(request))
            messages.success(request, _("The account is erased."))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("admin:accounts_user_change", user.pk)

    def history_lines(self, object_id: str) -> Iterator[Line]:
        """With the rows the database itself wrote, whoever changed the account and by whatever way."""
        yield from super().history_lines(object_id)
        rows = User.pgh_event_model.objects.filter(pgh_obj=object_id).order_by("-pgh_id")  # type: ignore[attr-defined]  # pghistory's
        for row in rows:
            access = {"staff": row.is_staff, "superuser": row.is_superuser, "active": row.is_active}
            yield Line(row.pgh_created_at, None, _("access as stored"), access)
        roles = UserRole.pgh_event_model.objects.filter(user=object_id).order_by("-pgh_id")
        for row in roles.select_related("group"):
            what = _("role added") if row.pgh_label == "insert" else _("role removed")
            yield Line(row.pgh_created_at, None, what, {"role": str(row.group)})

    @display(description=gettext_lazy("user"), ordering="email", header=True)
    def who(self, user: User) -> list[str]:
        return [user.email, user.name]

    @display(
        description=gettext_lazy("staff"), ordering="is_staff", label={"superuser": "danger", "staff": "info"}
    )
    def staff(self, user: User) -> tuple[str, str] | None:
        if user.is_superuser:
            return "superuser", _("superuser")
        return ("staff", _("staff")) if user.is_staff else None

    @display(description=gettext_lazy("roles"), empty_value="–")
    def role_names(self, user: User) -> str | None:
        return ", ".join(group.name for group in user.groups.all()) or None

    @display(description=gettext_lazy("second factor"), ordering="has_factor", boolean=True)
    def second_factor(self, user: User) -> bool:
        return bool(getattr(user, "has_factor", False))


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """Roles come from migrations (accounts/roles.py), so that every installation means the same by them."""

    list_display = ("name", "members", "grants")
    fields = ("name", "members", "permission_list")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        # Two counts over two relations multiply each other, hence distinct.
        return Group.objects.annotate(
            user_count=Count("user", distinct=True), permission_count=Count("permissions", distinct=True)
        ).order_by("name")

    @display(description=gettext_lazy("members"), ordering="user_count")
    def members(self, role: Group) -> str:
        count = str(role.user_count)  # type: ignore[attr-defined]  # annotated
        return list_of(User, count, groups__id__exact=role.pk)

    @display(description=gettext_lazy("permissions"), ordering="permission_count")
    def grants(self, role: Group) -> int:
        return role.permission_count  # type: ignore[attr-defined]  # annotated

    @display(description=gettext_lazy("permissions"))
    def permission_list(self, role: Group) -> SafeString:
        permissions = role.permissions.select_related("content_type")
        return format_html_join("", "{}<br>", ((str(permission),) for permission in permissions))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "said", "target", "actor_link", "summary")
    list_filter = (("at", RangeDateTimeFilter), "target_type")
    list_filter_submit = True
    list_select_related = ("actor",)
    search_fields = ("action", "actor__email", "request_id")
    fields = ("at", "said", "action", "target", "actor_link", "facts", "request_id")
    readonly_fields = fields

    @display(description=gettext_lazy("what was done"), ordering="action")
    def said(self, event: AuditEvent) -> str:
        return event.said

    @display(description=gettext_lazy("target"))
    def target(self, event: AuditEvent) -> str:
        text = f"{event.target_type} {event.target_id}"
        try:
            model = apps.get_model(event.target_type)
        except LookupError:  # there is no such kind of row any more
            return text
        return link_to(model(pk=event.target_id), text)

    @display(description=gettext_lazy("actor"), ordering="actor__email")
    def actor_link(self, event: AuditEvent) -> str:
        return link_to(event.actor) if event.actor else _("the system")

    @display(description=gettext_lazy("detail"))
    def summary(self, event: AuditEvent) -> str:
        return Truncator(", ".join(f"{name}: {value}" for name, value in event.detail.items())).chars(80)

    @display(description=gettext_lazy("detail"))
    def facts(self, event: AuditEvent) -> SafeString:
        rows = ((name, str(value)) for name, value in event.detail.items())
        return format_html_join("", "<div><strong>{}</strong>: {}</div>", rows)


MAIL_COLOURS = {
    NoticeMail.State.DUE: "info",
    NoticeMail.State.SENT: "success",
    NoticeMail.State.FAILED: "danger",
    NoticeMail.State.DROPPED: "warning",
}


@admin.register(NoticeMail)
class NoticeMailAdmin(ReadOnlyAdmin):
    """What became of each mail. What it says is its reader's own: staff see the kinds and no words."""

    list_display = ("created_at", "reader", "kinds", "coloured_state", "sent_at", "short_error")
    list_filter = ("state", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("user",)
    search_fields = ("user__email", "error")
    show_full_result_count = False
    ordering = ("-pk",)
    fields = ("reader", "day", "kinds", "state", "created_at", "sent_at", "error")
    readonly_fields = fields
    actions = ("send_again",)
    actions_detail = ("send_this_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[NoticeMail]:
        return NoticeMail.objects.prefetch_related("notices")

    @display(description=gettext_lazy("to"), ordering="user__email")
    def reader(self, mail: NoticeMail) -> str:
        return link_to(mail.user)

    @display(description=gettext_lazy("about"))
    def kinds(self, mail: NoticeMail) -> str:
        labels = {str(kind_of(notice.kind).label) for notice in mail.notices.all()}
        said = ", ".join(sorted(labels))
        return f"{_('digest')}: {said}" if mail.day else said

    @display(description=gettext_lazy("state"), ordering="state", label=MAIL_COLOURS)
    def coloured_state(self, mail: NoticeMail) -> tuple[str, str]:
        return mail.state, mail.get_state_display()

    @display(description=gettext_lazy("last error"))
    def short_error(self, mail: NoticeMail) -> str:
        return Truncator(mail.error).chars(90)

    @action(description=gettext_lazy("Send again"), permissions=["send_again"])
    def send_again(self, request: HttpRequest, mails: QuerySet[NoticeMail]) -> None:
        done = 0
        for mail in mails:
            try:
                posting.send_again(mail, by=acting(request))
                done += 1
            except DomainError as error:
                messages.warning(request, f"{mail}: {error}")
        message = ngettext("%d mail goes out again.", "%d mails go out again.", done)
        messages.success(request, message % done)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        mail = self.get_object(request, object_id)
        failed = mail is not None and mail.state == NoticeMail.State.FAILED
        return super().get_actions_detail(request, object_id) if failed else []

    @action(
        description=gettext_lazy("Send again"),
        url_path="send-again",
        icon="replay",
        permissions=["send_again"],
    )
    def send_this_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = self.row(request, object_id)
        if request.method != "POST":
            question = _("The mail goes out to its reader once more.")
            return confirm(self, request, mail, title=_("Send again"), question=question)
        try:
            posting.send_again(mail, by=acting(request))
            messages.success(request, _("The mail goes out again."))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("admin:accounts_noticemail_change", mail.pk)

    def has_send_again_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("accounts.send_again_noticemail")
