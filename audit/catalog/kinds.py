"""What the vocabulary is made of: areas, categories and events. Pure data; nothing here knows Django.

An event is looked up by its code, never by its label: the same label occurs in two areas.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Category(Enum):
    """What kind of activity an event is. `value` is stored, `label` is shown and sent."""

    SETTING_UPDATES = "setting_updates"
    SYSTEM_CONFIGURATION = "system_configuration"
    USER_ACTIONS = "user_actions"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that can be recorded.

    `code` is what is stored and sent (``cases.case_shared``), `label` what people see ("Action"), `parameters`
    the keys that it carries; a producer may send more. `extension` marks events that are ours, not the product's.
    `sentence` says what somebody did where label and parameters do not tell it well (`audit.sentences` has its form).
    """

    code: str
    label: str
    category: Category
    area: Area = field(repr=False, compare=False)
    parameters: tuple[str, ...]
    description: str
    extension: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the platform: `code` is the first half of its events' codes, `position` its place in the product."""

    code: str
    label: str
    position: int = 0
    events: list[Event] = field(default_factory=list, repr=False, compare=False, hash=False)

    def event(  # noqa: PLR0913 - what a line of the vocabulary says
        self,
        name: str,
        label: str,
        category: Category,
        parameters: str,
        description: str,
        *,
        extension: bool = False,
        sentence: str = "",
    ) -> Event:
        """Declare an event of this area; `parameters` are its keys with blanks between them."""
        code = f"{self.code}.{name}"
        keys = tuple(parameters.split())
        event = Event(code, label, category, self, keys, description, extension, sentence)
        self.events.append(event)
        return event


SETTING_UPDATES = Category.SETTING_UPDATES
SYSTEM_CONFIGURATION = Category.SYSTEM_CONFIGURATION
USER_ACTIONS = Category.USER_ACTIONS
