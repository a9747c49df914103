"""The tabs of the look view, in their order."""

from __future__ import annotations

from seqmagic.widgets.look.activations_tab import ActivationsTab
from seqmagic.widgets.look.amounts_tab import AmountsTab
from seqmagic.widgets.look.boundary_tab import BoundaryTab
from seqmagic.widgets.look.confusion_tab import ConfusionTab
from seqmagic.widgets.look.epochs_tab import EpochsTab
from seqmagic.widgets.look.health_tab import HealthTab
from seqmagic.widgets.look.hidden_tab import HiddenSpaceTab
from seqmagic.widgets.look.importance_tab import ImportanceTab
from seqmagic.widgets.look.samples_tab import SamplesTab
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab
from seqmagic.widgets.look.thresholds_tab import ThresholdsTab
from seqmagic.widgets.look.weights_tab import WeightsTab

TABS: tuple[type[LookTab], ...] = (
    *(SamplesTab, ConfusionTab, ThresholdsTab, AmountsTab, BoundaryTab),
    *(ActivationsTab, WeightsTab, HiddenSpaceTab, ImportanceTab, HealthTab),
    EpochsTab,
)


def tabs_for(state: LookState) -> list[LookTab]:
    """The tabs that fit what is looked at."""
    return [tab(state) for tab in TABS if tab.fits(state)]
