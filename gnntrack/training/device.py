"""The devices that networks are trained on."""

from __future__ import annotations

import os

from lightning.fabric import Fabric
from lightning.fabric.plugins.environments.lsf import LSFEnvironment
from lightning.fabric.plugins.environments.mpi import MPIEnvironment
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.fabric.strategies.ddp import DDPStrategy
from lightning.fabric.utilities.exceptions import MisconfigurationException

from gnntrack.errors import DataError
from gnntrack.showing import shown
from gnntrack.training.watching import Watch

#: Ways in which several processes train one network: the networks fit on any device, so none is cut in parts.
STRATEGIES = ("auto", "ddp")
#: What processes of several machines must be told to find each other, where nothing like torchrun does it.
_MANAGED = TorchElasticEnvironment, SLURMEnvironment, LSFEnvironment, MPIEnvironment
_MEETING = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")


class SharedBatches(DDPStrategy):
    """Lightning's DDP, whose processes are watched by us: Lightning kills this one where another ends."""

    def __init__(self) -> None:
        # the loss may leave a branch out; what it remembers goes over whole batches (gnntrack.training.agreement)
        super().__init__(find_unused_parameters=True, broadcast_buffers=False)
        self.watch: Watch | None = None

    def setup_environment(self) -> None:
        """Waits for the other processes."""
        self.watch = Watch(getattr(self.launcher, "procs", []), started=self.local_rank > 0)
        super().setup_environment()


def fabric_of(accelerator: str = "cpu", devices: str = "1", nodes: int = 1, strategy: str = "auto") -> Fabric:
    """Lightning's door to the devices; no process is started yet.

    Args:
        accelerator: ``cpu``, ``cuda``, ``mps``, ``auto`` and others that Lightning knows.
        devices: how many, or which, with a comma: ``1,`` is the second.
        nodes: machines.
        strategy: of :data:`STRATEGIES`.

    Raises:
        DataError: there is no such device or strategy, or machines are not told how to find each other.
    """
    if strategy not in STRATEGIES:
        remedy = f"take {' or '.join(STRATEGIES)}: the networks fit on any device"
        raise DataError(f"strategy {shown(strategy)}", remedy=remedy)
    _check_meeting(nodes)
    try:
        fabric = Fabric(accelerator=accelerator, devices=devices, num_nodes=nodes)
        if fabric.world_size > 1 or strategy == "ddp":
            fabric = Fabric(accelerator=accelerator, devices=devices, num_nodes=nodes, strategy=SharedBatches())
    except (MisconfigurationException, ValueError, TypeError, RuntimeError) as error:
        also = f", nodes {nodes}" if nodes != 1 else ""
        problem = f"accelerator {accelerator}, devices {devices}{also}: {str(error).splitlines()[0][:200]}"
        raise DataError(problem, remedy="leave them out to train on the CPU") from None
    started = int(os.environ["WORLD_SIZE"]) if TorchElasticEnvironment.detect() else fabric.world_size
    if started != fabric.world_size:
        problem = f"torchrun started {started} processes, and --devices and --nodes ask for {fabric.world_size}"
        raise DataError(problem, remedy="give both the same numbers")
    return fabric


def _check_meeting(nodes: int) -> None:
    """Whether machines are told how to find each other."""
    if nodes == 1 or any(kind.detect() for kind in _MANAGED):
        return
    missing = [name for name in _MEETING if not os.environ.get(name)]
    if missing:
        remedy = "set MASTER_ADDR, MASTER_PORT and NODE_RANK on every machine, or start it with torchrun or srun"
        raise DataError(f"{nodes} nodes, and no {missing[0]}", remedy=remedy)
    for name, most in (("MASTER_PORT", 65536), ("NODE_RANK", nodes)):
        value = os.environ[name]
        if not value.isdigit() or int(value) >= most:
            raise DataError(f"{name} is {shown(value)}", remedy=f"expected a number from 0 to {most - 1}")
