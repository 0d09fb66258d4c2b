"""The import's two pages in the admin: a dry run that says what is wrong in which row, and the act after it."""

from typing import Any
from zipfile import BadZipFile, ZipFile

import structlog
from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from import_export.admin import ImportMixin  # type: ignore[import-untyped]
from import_export.formats.base_formats import CSV, XLSX  # type: ignore[import-untyped]
from import_export.tmp_storages import CacheStorage  # type: ignore[import-untyped]
from unfold.contrib.import_export.forms import ImportForm

from accounts.staff import StaffAdmin
from experts import import_columns
from experts.importing import MOST_ROWS

log = structlog.get_logger(__name__)

MOST_BYTES = 3_000_000
MOST_UNPACKED = 60_000_000  # far more than the rows that are taken


class Kept(CacheStorage):
    """Between the two pages, where every web process finds it."""

    CACHE_LIFETIME = 3600


class TableForm(ImportForm):
    """What is wrong with the file as a whole is said before any row is looked at."""

    def __init__(self, formats: list[Any], resources: list[Any], **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.formats, self.table = formats, resources[0]
        self.fields["import_file"].help_text = _(
            "CSV in UTF-8 with commas, or XLSX. At most %(count)s rows."
        ) % {"count": MOST_ROWS}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "import_file" in cleaned and cleaned.get("format"):
            try:
                self.table.check_shape(_read(cleaned["import_file"], self.formats[int(cleaned["format"])]()))
            except forms.ValidationError as error:
                self.add_error("import_file", error)
        return cleaned

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is too large: at most 3 MB."))
        if file.name.lower().endswith(".xlsx"):
            _check_archive(file)
        return file


def _read(file: Any, kind: Any) -> Any:
    data = file.read()
    file.seek(0)
    try:
        return kind.create_dataset(data if kind.is_binary() else data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise forms.ValidationError(_("This is no text in UTF-8. Save it as “CSV UTF-8”.")) from None
    except Exception:  # whatever its reader stumbles over
        log.info("import_file_unreadable", format=kind.get_title(), exc_info=True)
        raise forms.ValidationError(
            _("This file can’t be read as %(format)s.") % {"format": kind.get_title().upper()}
        ) from None


def _check_archive(file: Any) -> None:
    """An XLSX is a ZIP, which may unpack to a thousand times its size."""
    try:
        with ZipFile(file) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except BadZipFile:
        raise forms.ValidationError(_("This is no XLSX file.")) from None
    file.seek(0)
    if size > MOST_UNPACKED:
        raise forms.ValidationError(_("This file unpacks to too much."))


class ImportingAdmin(ImportMixin, StaffAdmin):
    """A list that can be filled from CSV or XLSX by whoever has the permission."""

    import_formats = [CSV, XLSX]
    import_form_class = TableForm
    import_error_display = ("message", "row")
    tmp_storage_class = Kept

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("experts.import_expert"))

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        (table,) = self.resource_classes
        return {"columns": import_columns.of(table)}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        name = request.POST.get("import_file_name", "")
        if request.method == "POST" and cache.get(f"{Kept.CACHE_PREFIX}{name}") is None:
            messages.error(request, _("The file is not kept any more. Send it again."))
            return redirect(f"admin:experts_{self.opts.model_name}_import")
        response: HttpResponse = super().process_import(request, **kwargs)
        return response

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Rows may have changed since the dry run: then nothing is stored, and that is what the page says."""
        if result.has_errors() or result.has_validation_errors():
            messages.error(
                request, _("Nothing was imported: try the file again to see what is wrong with it.")
            )
            return redirect(f"admin:experts_{self.opts.model_name}_import")
        response: HttpResponse = super().process_result(result, request)
        return response
