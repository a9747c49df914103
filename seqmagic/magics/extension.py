"""The extension: what `%load_ext seqmagic` registers, and `%unload_ext seqmagic` removes. It imports nothing slow."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.errors import Interrupted
from seqmagic.ledger.current import is_named, name_ledger
from seqmagic.ledger.owner import name_owner
from seqmagic.magics.comments import keep_empty, uncover_magic
from seqmagic.magics.dashboard import DashboardMagics
from seqmagic.magics.environment import kernel_name, notebook_path
from seqmagic.magics.fit import FitMagics
from seqmagic.magics.help import translate_help
from seqmagic.magics.kernel.abandoned_runs import AbandonedRuns
from seqmagic.magics.kernel.checking import LineChecks
from seqmagic.magics.kernel.editing import CellEditor
from seqmagic.magics.kernel.interrupting import InterruptHandler
from seqmagic.magics.kernel.keepalive import keep_alive
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.kernel.waiting import CellWaiter
from seqmagic.magics.look import LookMagics
from seqmagic.magics.runs import RunMagics
from seqmagic.magics.sequential import SeqMagics
from seqmagic.magics.sweep import SweepMagics
from seqmagic.translation.chosen import choose_language

MAGICS = {"cell": ("sequential",), "line": ("sequential", "fit", "dashboard", "look", "runs", "sweep")}


def load(shell: InteractiveShell) -> None:
    """Register the magics and the hooks, and start to import Keras in the background."""
    preload = Preload(shell)
    name_owner(notebook_path(shell), kernel_name(shell))
    magics = SeqMagics(shell, preload)
    magics.follow_class()
    magics.speak()
    sweeps = SweepMagics(shell, preload, magics.panels, magics.families)
    all_magics = (magics, FitMagics(magics), DashboardMagics(magics), LookMagics(magics), RunMagics(shell, preload), sweeps)
    shell.register_magics(*all_magics)
    translate_help(all_magics)
    magics.observe(lambda change: translate_help(all_magics), ["language", "class_file"])
    if not is_named():  # A ledger set from Python is kept.
        magics.keep_runs()
    shell.input_transformers_cleanup.extend([uncover_magic, keep_empty])
    interrupts = InterruptHandler(shell)
    waiter = CellWaiter(shell, preload, interrupts)
    shell.events.register("pre_run_cell", waiter.wait_for_keras)
    shell.events.register("pre_run_cell", waiter.wait_for_models)
    # After the waiting: then the runs that the cell waited for have ended.
    shell.events.register("pre_run_cell", magics.panels.close_old)
    shell.events.register("post_run_cell", interrupts.end_cell)  # First: an interrupt during the other hooks does not interrupt user code.
    shell.events.register("post_run_cell", magics.panels.notice_runs)
    shell.events.register("post_run_cell", waiter.begin_to_load)
    abandoned = AbandonedRuns(shell)
    shell.events.register("post_run_cell", abandoned.end)
    shell.seqmagic_waiter, shell.seqmagic_panels, shell.seqmagic_abandoned = waiter, magics.panels, abandoned
    keep_alive(shell)
    _help_typing(shell, preload, magics)
    try:
        waiter.load_for_this_cell()
    except Interrupted:
        unload(shell)  # IPython will not consider it loaded.
        raise


def _help_typing(shell: InteractiveShell, preload: Preload, magics: SeqMagics) -> None:
    """Register completion and inspection, and the comm for front ends that show shapes and problems while the user types."""
    shell.seqmagic_editor = CellEditor(shell, preload, magics.families)
    shell.seqmagic_editor.hook()
    checks = shell.seqmagic_checks = LineChecks(shell, shell.seqmagic_editor.editor)
    magics.observe(lambda change: checks.turn_on() if change["new"] else checks.turn_off(), "check_while_typing")
    magics.observe(lambda change: checks.tell_words(), ["language", "class_file"])
    if magics.check_while_typing:
        checks.turn_on()


def unload(shell: InteractiveShell) -> None:
    """Remove the magics and the hooks. Models stay; current runs continue, and can still be interrupted."""
    name_ledger(None)
    follow(NO_RULES)
    choose_language("", by="class")
    choose_language("")
    editor = shell.__dict__.pop("seqmagic_editor", None)
    if editor is not None:
        editor.unhook()
        shell.__dict__.pop("seqmagic_checks").turn_off()
    waiter = shell.__dict__.pop("seqmagic_waiter", None)
    if waiter is not None:
        shell.events.unregister("pre_run_cell", waiter.wait_for_keras)
        shell.events.unregister("pre_run_cell", waiter.wait_for_models)
        panels = shell.__dict__.pop("seqmagic_panels")
        shell.events.unregister("pre_run_cell", panels.close_old)
        shell.events.unregister("post_run_cell", panels.notice_runs)
        shell.events.unregister("post_run_cell", shell.__dict__.pop("seqmagic_abandoned").end)
        shell.events.unregister("post_run_cell", waiter.interrupts.end_cell)
        waiter.interrupts.let_go()
        for transformer in (uncover_magic, keep_empty):
            shell.input_transformers_cleanup.remove(transformer)
    for kind, names in MAGICS.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
