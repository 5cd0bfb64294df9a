"""The device that networks are trained on."""

from __future__ import annotations

from lightning.fabric import Fabric
from lightning.fabric.utilities.exceptions import MisconfigurationException

from gnntrack.errors import DataError


def fabric_of(accelerator: str, devices: str) -> Fabric:
    """Lightning's door to the device.

    Args:
        accelerator: ``cpu``, ``cuda``, ``mps``, ``auto`` and others that Lightning knows.
        devices: how many (1), or which, with a comma: ``1,`` is the second.

    Raises:
        DataError: there is no such device, or several were named.
    """
    try:
        fabric = Fabric(accelerator=accelerator, devices=devices)
    except (MisconfigurationException, ValueError, TypeError, RuntimeError) as error:
        problem = f"accelerator {accelerator}, devices {devices}: {str(error).splitlines()[0][:200]}"
        raise DataError(problem, remedy="leave both out to train on the CPU") from None
    if fabric.world_size != 1:
        raise DataError(f"devices {devices}: training takes one device", remedy="name one, such as 1, for the second")
    return fabric
