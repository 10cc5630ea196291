"""Files that belong to records: photos, scanned papers, results of exports. See ``services``."""

from emergency.core.attachments.services import (
    MAX_BYTES,
    MAX_FILES,
    add,
    attach,
    copy_all,
    for_owner,
    for_owners,
    freeze,
    keep,
    remove,
    same_elsewhere,
    store,
    sweep,
)

__all__ = [
    "MAX_BYTES",
    "MAX_FILES",
    "add",
    "attach",
    "copy_all",
    "for_owner",
    "for_owners",
    "freeze",
    "keep",
    "remove",
    "same_elsewhere",
    "store",
    "sweep",
]
