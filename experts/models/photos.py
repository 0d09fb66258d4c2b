from django.db import models
from django.utils.translation import gettext_lazy as _

from experts.models.experts import Expert


class Photo(models.Model):
    """A picture of an expert's gallery. Its files lie below the token; experts.photos makes and deletes them."""

    MOST = 12  # of one expert

    expert = models.ForeignKey(
        Expert, on_delete=models.CASCADE, related_name="photos", verbose_name=_("expert")
    )
    token = models.CharField(_("token"), max_length=32, unique=True)
    # Of the file that was sent: the same one sent twice is there once.
    digest = models.CharField(_("digest"), max_length=64)
    caption = models.CharField(
        _("caption"), max_length=140, help_text=_("What it shows. Screen readers say it as well.")
    )
    # Among the expert's own, the lowest first.
    position = models.PositiveSmallIntegerField(_("position"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.UniqueConstraint(fields=["expert", "digest"], name="photo_of_expert_once"),
            # Deferrable, so that one statement may let two of them change places.
            models.UniqueConstraint(
                fields=["expert", "position"], deferrable=models.Deferrable.IMMEDIATE, name="photo_position"
            ),
        ]

    def __str__(self) -> str:
        return self.caption
