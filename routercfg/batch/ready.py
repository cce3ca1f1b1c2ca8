"""What worker processes share: loaded once, in the process from which they are forked.

Named as a module to preload, and never imported otherwise. A process that begins with it costs a
few milliseconds instead of most of a second, and a few MB.
"""

from __future__ import annotations

import gc

import routercfg.batch.working
import routercfg.push.transaction
import routercfg.transport.netmiko_login  # noqa: F401 - this is all that the module is for
from routercfg.batch.stop import leave_to_the_coordinator

# The process itself is of the same terminal, and ends with the one that began it.
leave_to_the_coordinator()

# What the collector does not look at it does not write to, and it stays shared.
gc.collect()
gc.freeze()
