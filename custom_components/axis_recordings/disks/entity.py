"""What all entities of a disk share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import EntityDescription

from ..const import DOMAIN
from ..entity import CameraEntity
from .coordinator import DisksCoordinator
from .devices import disk_device_info, has_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


def entities_of_new_disks[DescriptionT: DiskEntityDescription, EntityT: DiskEntity](
    coordinator: DisksCoordinator,
    platform: Platform,
    descriptions: Iterable[DescriptionT],
    create: Callable[[DisksCoordinator, str, DescriptionT], EntityT],
) -> Callable[[], list[EntityT]]:
    """Return what makes, at each call, the entities that have become possible since the last one.

    A disk that no longer reports something, as it is not there now, keeps the entity for it.
    """
    # By disk and unique ID.
    made: dict[tuple[str, str], EntityT] = {}
    registered: set[tuple[str, str]] = set()
    leaving: set[tuple[str, str]] = set()
    registry = er.async_get(coordinator.hass)

    def is_registered(unique_id: str) -> bool:
        return registry.async_get_entity_id(platform, DOMAIN, unique_id) is not None

    def is_shown(entity: EntityT) -> bool:
        # Home Assistant takes some time to remove what is gone from the registry.
        return bool(
            entity.entity_id
            and coordinator.hass.states.get(entity.entity_id) is not None
        )

    def is_wanted(disk_id: str, state: DiskState, description: DescriptionT) -> bool:
        unique_id = _unique_id(coordinator, disk_id, description)
        return (disk_id, unique_id) not in made and (
            description.exists_fn(state) or is_registered(unique_id)
        )

    def make() -> list[EntityT]:
        present = {
            disk_id: state
            for disk_id, state in coordinator.data.disks.items()
            if has_device(coordinator, disk_id)
        }
        # One that is away for a moment keeps its entities; they go with its device.
        registered.update(
            key
            for key, entity in made.items()
            if entity.entity_id or is_registered(key[1])
        )
        leaving.update(
            key
            for key in registered
            if key[0] not in present and not is_registered(key[1])
        )
        for key in [key for key in leaving if not is_shown(made[key])]:
            leaving.discard(key)
            registered.discard(key)
            del made[key]
        wanted = [
            (disk_id, description)
            for disk_id, state in present.items()
            for description in descriptions
            if is_wanted(disk_id, state, description)
        ]
        entities = [
            create(coordinator, disk_id, description) for disk_id, description in wanted
        ]
        # Not before: what could not be created is to be tried again.
        made.update(
            ((disk_id, _unique_id(coordinator, disk_id, description)), entity)
            for (disk_id, description), entity in zip(wanted, entities, strict=True)
        )
        return entities

    return make


def _unique_id(
    coordinator: DisksCoordinator, disk_id: str, description: DiskEntityDescription
) -> str:
    serial = coordinator.recordings.device.serial
    return f"{serial}-{disk_id}-{description.key}"
