"""Translations: the current language, and the package's texts in it.

Every text in the code is in English, with named fields, and is looked up when it is shown:

>>> gettext("{layer!r} can't work on {shape}.", layer="lstm", shape=64)
"'lstm' can't work on 64."
>>> ngettext("{count} layer", "{count} layers", 3)
'3 layers'
"""

from seqmagic.translation.catalogue import gettext as gettext
from seqmagic.translation.catalogue import gettext_noop as gettext_noop
from seqmagic.translation.catalogue import ngettext as ngettext
