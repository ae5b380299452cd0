"""What all entities of a disk share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, override

from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import EntityDescription

from ..const import DOMAIN
from ..entity import CameraEntity
from .coordinator import DisksCoordinator
from .devices import disk_device_info, has_device

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from homeassistant.const import Platform

    from .state import DiskState


@dataclass(frozen=True, kw_only=True)
class DiskEntityDescription(EntityDescription):
    """An entity of a disk, and whether a disk has it."""

    exists_fn: Callable[[DiskState], bool] = lambda _: True


class DiskEntity(CameraEntity[DisksCoordinator]):
    """An entity of a disk."""

    def __init__(
        self,
        coordinator: DisksCoordinator,
        disk_id: str,
        description: DiskEntityDescription,
    ) -> None:
        """Tie the entity to its disk."""
        super().__init__(coordinator)
        self.entity_description = description
        self.disk_id = disk_id
        self._attr_unique_id = _unique_id(coordinator, disk_id, description)
        self._attr_device_info = disk_device_info(coordinator, disk_id)

    @property
    @override
    def available(self) -> bool:
        return (
            super().available
            and self.coordinator.is_reachable
            and self.disk_id in self.coordinator.data.disks
        )

    @property
    def disk_state(self) -> DiskState:
        """Return what is known of the disk."""
        return self.coordinator.data.disks[self.disk_id]


class _Key(NamedTuple):
    """An entity of a disk."""

    disk_id: str
    unique_id: str


class DiskEntities[DescriptionT: DiskEntityDescription, EntityT: DiskEntity]:
    """The entities that a platform has of the disks of one camera, while these come and go.

    A disk that no longer reports something, as it is not there now, keeps the entity for it.
    """

    def __init__(
        self,
        coordinator: DisksCoordinator,
        platform: Platform,
        descriptions: Iterable[DescriptionT],
        create: Callable[[DisksCoordinator, str, DescriptionT], EntityT],
    ) -> None:
        """Begin without any."""
        self._coordinator = coordinator
        self._platform = platform
        self._descriptions = tuple(descriptions)
        self._create = create
        self._registry = er.async_get(coordinator.hass)
        self._made: dict[_Key, EntityT] = {}
        self._registered: set[_Key] = set()
        self._leaving: set[_Key] = set()
        """What is no longer registered, and may still be shown."""

    def make_new(self) -> list[EntityT]:
        """Make those that have become possible since the last call."""
        present = {
            disk_id: state
            for disk_id, state in self._coordinator.data.disks.items()
            if has_device(self._coordinator, disk_id)
        }
        self._forget_removed(present)
        possible = {
            self._key(disk_id, description): (disk_id, description)
            for disk_id, state in present.items()
            for description in self._descriptions
            if description.exists_fn(state)
            or self._is_registered(self._key(disk_id, description))
        }
        made = {
            key: self._create(self._coordinator, disk_id, description)
            for key, (disk_id, description) in possible.items()
            if key not in self._made
        }
        # Not before: what could not be created is to be tried again.
        self._made |= made
        return [*made.values()]

    def _forget_removed(self, present: Collection[str]) -> None:
        """Forget entities that have gone with their disk's device. One that is away for a moment keeps them."""
        self._registered.update(
            key
            for key, entity in self._made.items()
            if entity.entity_id or self._is_registered(key)
        )
        self._leaving.update(
            key
            for key in self._registered
            if key.disk_id not in present and not self._is_registered(key)
        )
        for key in [each for each in self._leaving if not self._is_shown(each)]:
            self._leaving.discard(key)
            self._registered.discard(key)
            del self._made[key]

    def _key(self, disk_id: str, description: DescriptionT) -> _Key:
        return _Key(disk_id, _unique_id(self._coordinator, disk_id, description))

    def _is_registered(self, key: _Key) -> bool:
        found = self._registry.async_get_entity_id(
            self._platform, DOMAIN, key.unique_id
        )
        return found is not None

    def _is_shown(self, key: _Key) -> bool:
        # Home Assistant takes some time to remove what is gone from the registry.
        entity_id, states = self._made[key].entity_id, self._coordinator.hass.states
        return bool(entity_id) and states.get(entity_id) is not None


def _unique_id(
    coordinator: DisksCoordinator, disk_id: str, description: DiskEntityDescription
) -> str:
    serial = coordinator.recordings.device.serial
    return f"{serial}-{disk_id}-{description.key}"
