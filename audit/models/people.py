"""People who sign in, and what each may do in which tenant. Staff of the platform are Django's own staff."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from uuid_utils.compat import uuid7

from audit.models.tenants import Tenant, Workspace


class People(BaseUserManager["Person"]):
    """Makes people; e-mail addresses are kept in small letters, so that one person is one row."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Make a person; without a password they cannot sign in until one is set. Raises ValueError without e-mail."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in with an e-mail address and a password."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField("active", default=True, help_text="Whether this person may sign in.")
    is_staff = models.BooleanField("staff", default=False, help_text="Whether Django admin is open to them.")
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name_plural = "people"
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    ADMIN = "admin", "Tenant admin"
    AUDITOR = "auditor", "Auditor"
    VIEWER = "viewer", "Workspace viewer"


class Membership(models.Model):
    """A person's role in a tenant. A viewer reads the workspaces named here and nothing else.

    `default_view` and `opens_with_all` are what the person's log opens with; neither: the tenant's default.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    workspaces = models.ManyToManyField(Workspace, blank=True, help_text="For viewers: what they may read.")
    default_view = models.ForeignKey(
        "audit.SavedView", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    opens_with_all = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Chose to begin with all entries, whatever the tenant's default.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "tenant"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["admin", "auditor", "viewer"]), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.tenant}"

    @property
    def role_label(self) -> str:
        return Role(self.role).label
