"""`%%sequential`, `%fit` and `%dashboard`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import Bool, Unicode, observe

from seqmagic.errors import LanguageError, SeqmagicError, UnknownNameError
from seqmagic.ledger.current import DEFAULT_FILE, name_ledger
from seqmagic.magics.caller import namespace_of
from seqmagic.magics.command import DEFAULT_NAME, FORCE, Command, names_data, read_command, take_resume
from seqmagic.magics.environment import has_page
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.families import Families
from seqmagic.magics.fit_line import FitLine
from seqmagic.magics.kernel.panels import ShownPanels
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.namespace import bind_model, check_free, use_again, variables_of
from seqmagic.magics.run_display import await_turn, train

if TYPE_CHECKING:
    from seqmagic.language import Step


@magics_class
class SeqMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """The magics of seqmagic.

    Attributes:
        preload: the loading of Keras; the first magic waits for it.
    """

    advice = Bool(True, help="Whether to say what is not wrong, but unwise.").tag(config=True)  # noqa: FBT003

    ledger = Unicode(DEFAULT_FILE, help="The file that keeps all runs; an empty text keeps none.").tag(config=True)

    def __init__(self, shell: InteractiveShell, preload: Preload) -> None:
        super().__init__(shell)
        self.preload = preload
        self.panels = ShownPanels(shell)
        self.families = Families(shell)
        # What a model was trained and seeded with, for its Python code.
        self.fit_steps: WeakKeyDictionary[Any, Step] = WeakKeyDictionary()
        self.seeds: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    @observe("ledger")
    def keep_runs(self, change: Any = None) -> None:
        """Keep the runs from now on where the setting says, in the notebook's folder."""
        try:
            name_ledger(self.ledger or None)
        except SeqmagicError as error:
            # A setting that was refused would be refused again by each later %load_ext.
            print(error)
            self.ledger = DEFAULT_FILE

    @no_var_expand
    @line_cell_magic
    @shows_errors
    def sequential(self, line: str, cell: str | None = None) -> None:
        """Make a Keras model from a few words, and show it.

        %%sequential digits
        input 8x8x1
        conv 16 3x3 relu same -> maxpool 2
        flatten -> dropout 0.3
        dense 10 softmax
        compile adam(1e-3) sparse_categorical_crossentropy accuracy
        fit x_train y_train epochs=10

        One layer a line, or several joined by `->`; every layer of Keras by its own name, with Keras's own arguments. The
        `compile` and `fit` lines are optional. The model is bound to the name in the first line (`model`, when there is none). If
        anything is wrong, nothing is bound.

        dense 64 relu * 3                 three such layers; (conv 8 3 -> maxpool 2) * 2 repeats a group
        block vgg(f, n): ...              layers with a name of their own, in indented lines; used as: vgg 64 2
        stem: conv 16 3x3                 a layer with a name
        dense {2 * width} swish2          Python in curly brackets; your own layers and functions by their names
        Dense(32, activation='relu'),     a line pasted from Keras; model.add(...) and Sequential([...]) too

        %%sequential digits --add                 the layers below go to the end of the model that is there
        %%sequential digits --quiet               no table
        %sequential digits input 784 -> dense 10  in one line
        %sequential digits                        the table of a model that is there, wherever it comes from
        %sequential digits --text                 the model in this language; --python: as plain Keras code
        %sequential digits --save digits.seq      its text in a file; --load reads one, and runs nothing in it
                                                  --force after it: also over a file that no --save has written
        """
        command = self._read_command(line, cell)
        if "--load" in command.options:
            self._load(command)
        elif command.options & {"--python", "--text", "--save"} or not command.text.strip():
            self._tell(command)
        else:
            self._build(command)

    def _read_command(self, line: str, cell: str | None) -> Command:
        """What a line asks for; what is to be typed instead is held against the notebook."""
        try:
            return read_command(line, cell)
        except SeqmagicError as error:
            meant = [read_command(fix.partition(" ")[2], cell) for fix in error.fixes]
            there = namespace_of(self.shell)
            # A model that is to be shown has to be there, and any other name to be free.
            works = [(one.name in there) != one.makes_model() for one in meant]
            error.fixes = tuple(fix for fix, is_right in zip(error.fixes, works, strict=True) if is_right)
            raise

    def _build(self, command: Command) -> None:
        """Make the model of a cell, or add its layers to the one that is there."""
        from seqmagic.language.searched import is_family

        program = self._parse(command.text)
        name = command.name or (program.variable.text if program.variable else DEFAULT_NAME)
        adds = "--add" in command.options
        self.preload.join()
        from seqmagic.magics.evaluation import evaluate
        from seqmagic.network.pasted import read_pasted
        from seqmagic.recipes.recipe import add_to, make_recipe

        if not adds and is_family(program):
            self.families.keep(name, program, command.renamed, quiet="--quiet" in command.options)
            return
        names = self._names()
        program = read_pasted(program, names)
        names |= evaluate(self.shell, program)
        recipe = add_to(self._find_sequential(name), program, names) if adds else make_recipe(program, names, name)
        recipe, run = (recipe, _run_of(recipe)) if adds else self._bind(name, recipe, command)
        if program.fit is not None:
            self.fit_steps[recipe.model] = program.fit
        if recipe.seed is not None:
            self.seeds[recipe.model] = recipe.seed
        if "--quiet" not in command.options:
            self._show(name, recipe.model, recipe.plan, program.compile)
        for sentence in recipe.advice if self.advice else ():
            print(f"Note: {sentence}")
        if run is not None:
            train(self.shell, self.panels, run, advice=self.advice)

    def _parse(self, text: str) -> Any:
        """The program of a text; an error of one that can't be read comes with fixes that were tried."""
        from seqmagic.language import parse

        try:
            return parse(text)
        except SeqmagicError:
            self.preload.join()
            from seqmagic.recipes.recipe import read

            return read(text, self._names())  # Raises the same.

    def _bind(self, name: str, recipe: Any, command: Command) -> tuple[Any, Any]:
        """Bind a new model to its name, or renew the one that has it; gives its recipe, and the run that its fit line asks for."""
        check_free(self.shell, name, command.renamed)
        # The run holds the data against the model: all that can be wrong is told before anything is bound.
        run = _run_of(recipe)
        self.families.forget(name)
        if use_again(self.shell, name, recipe):
            recipe = replace(recipe, model=self.shell.user_ns[name])
            run = _run_of(recipe)
        bind_model(self.shell, name, recipe.model)
        return recipe, run

    def _show(self, name: str, model: Any, plan: Any, compile_step: Any) -> None:
        from seqmagic.widgets.network_card import NetworkCard

        display(NetworkCard(name, plan, plan.layer_names or [layer.name for layer in model.layers], compile_step))

    def _load(self, command: Command) -> None:
        """Make a model from a file. Words of the notebook mean nothing in it, and nothing in it is run."""
        self.preload.join()
        from seqmagic.recipes.recipe import load

        model, name = load(command.file), command.name or DEFAULT_NAME
        check_free(self.shell, name, command.renamed)
        bind_model(self.shell, name, model)
        if "--quiet" not in command.options:
            self._tell(Command(command.name))

    def _tell(self, command: Command) -> None:
        """Show a model that is there: as a table, as text or code, or put its text into a file."""
        if command.name is None and not self._has_model(DEFAULT_NAME):
            raise LanguageError("There is no network here.", instead="%sequential digits input 784 -> dense 10 softmax")
        name = command.name or DEFAULT_NAME
        if name in self.families and name not in self.families.tried and not command.options:
            self.families.show(name)
            return
        model, names = self._find_model("sequential", name), self._names()
        names.pop(name, None)
        from seqmagic.describe.graph import layers_in_line
        from seqmagic.describe.plan_of_model import survey
        from seqmagic.describe.to_python import to_python
        from seqmagic.describe.to_text import compile_step, to_text
        from seqmagic.recipes.recipe import save

        if command.options & {"--save", "--python", "--text"} and layers_in_line(model) is None:
            problem = f"The layers of {name!r} are no chain, which is all that a text can say."
            raise LanguageError(problem, expected="one that each take what the one before gives", instead=f"%sequential {name}")
        if "--save" in command.options:
            print(f"{name} is saved in {save(model, command.file, names, replace=FORCE in command.options)}; its weights are not.")
        elif "--python" in command.options:
            print(to_python(model, names, fit=self.fit_steps.get(model), seed=self.seeds.get(model)), end="")
        elif "--text" in command.options:
            print(to_text(model, names), end="")
        else:
            self._show(name, model, survey(model, names), compile_step(model, names)[0])

    @no_var_expand
    @line_magic
    @shows_errors
    def fit(self, line: str) -> None:
        """Train a model with live curves.

        %fit digits x_train y_train epochs=10
        %fit digits x_train y_train epochs=10 batch_size=64 validation_data=x_test,y_test
        %fit digits x_train y_train epochs=100 patience=3 until="accuracy > 0.99"
        %fit digits x y validation_split=0.2 stratified class_weight=balanced
        %fit digits --resume

        The options are those of Keras's `fit`, and two that end a training early: `patience`, a number of epochs without a better
        val_loss (or loss, or what `monitor` names), and `until`, a goal. `validation_split` keeps the last rows aside, as in Keras; with
        `shuffled` behind it they are drawn by chance, and with `stratified` of each class its share.

        In a live notebook the training goes on in the background; a later cell that uses the model waits for it, and another `%fit` of
        it begins after it, or instead. Stop, and the notebook's interrupt button, end it between two batches: what was learned stays. A
        cell that was waiting then does not run.

        --resume goes on with the run that was cut, by Stop, an error, or the end of its kernel, exactly where it was. In a new kernel
        run the cells that make the model and the data first. It means a run of this notebook; --resume=3 goes on with run 3, whoever's
        it is.
        """
        line, resume = take_resume(line)
        start_point = self._find_start_point(line, None if resume is True else resume) if resume else None
        if start_point is not None and not names_data(line):
            from seqmagic.training.resume import fit_line_of

            line = f"{line.strip().partition(' ')[0]} {fit_line_of(start_point, line)}"
        model, options = self._read_model_and_data("fit", line)
        await_turn(self.shell, self.panels, model)
        from seqmagic.training.run import Run

        told = {"data_names": options.names, "fit_line": f"fit {line.split(maxsplit=1)[1]}", "start_point": start_point}
        try:
            run = Run(model, options.x, options.y, **told, **options.options)
        except SeqmagicError as error:
            FitLine("fit", line, {}).tell_data(error)
            raise
        train(self.shell, self.panels, run, advice=self.advice)

    def _find_start_point(self, line: str, number: int | None) -> Any:
        """Where to go on, of the model that a line names first."""
        model = self._find_model("fit", line.strip().partition(" ")[0])
        from seqmagic.training.resume import find_start_point

        return find_start_point(model, number)

    @no_var_expand
    @line_magic
    @shows_errors
    def dashboard(self, line: str) -> None:
        """Show a panel for a model: compile options, Train, Pause and Stop, live curves.

        %dashboard digits
        %dashboard digits x_train y_train validation_data=x_test,y_test
        """
        x, y, options = None, None, {}
        if len(line.split()) > 1:
            model, fit = self._read_model_and_data("dashboard", line)
            x, y, options = fit.x, fit.y, fit.options
        else:
            model = self._find_model("dashboard", line.strip())
        if has_page(self.shell):
            from seqmagic.language.identifiers import normalized
            from seqmagic.widgets.dashboard import Dashboard

            panel = Dashboard(model, x, y, names=self._names(), advice=self.advice, **options)
            name = normalized(line.split(maxsplit=1)[0])
            if self.shell.user_ns.get(name) is model:  # It may be a function's own.
                panel.current_model = lambda: self.shell.user_ns.get(name)
            self.panels.show(panel)
        else:
            from seqmagic.forms.compiled import describe

            print(f"{model.name}: {describe(model, y).line()}\nThe panel shows when this notebook is open in Jupyter.")

    def _read_model_and_data(self, magic: str, line: str) -> tuple[Any, Any]:
        """The model that a line names first, and the data and options after it."""
        model = self._find_model(magic, line.strip().partition(" ")[0], line)
        from seqmagic.language import parse_step
        from seqmagic.magics.evaluation import evaluate
        from seqmagic.network.pasted import read_pasted_step
        from seqmagic.options.fit_line import read_fit

        typed = FitLine(magic, line, self._names())
        try:
            step = read_pasted_step(parse_step(f"fit {typed.rest}"), typed.names)
            options = read_fit(step, {**typed.names, **evaluate(self.shell, step)})
        except SeqmagicError as error:
            typed.tell(error, model)
            raise
        self.fit_steps[model] = step
        return model, options

    def _names(self) -> dict[str, Any]:
        return variables_of(self.shell)

    def _find_model(self, magic: str, name: str, line: str = "") -> Any:
        """The model of a name.

        Args:
            line: that of a `%fit` or `%dashboard` which begins with it.
        """
        if not name:
            raise LanguageError(f"%{magic} needs the name of a model.", instead=f"%{magic} digits x_train y_train")
        self.preload.join()
        import keras

        from seqmagic.language.identifiers import normalized

        found = namespace_of(self.shell).get(normalized(name))
        if isinstance(found, keras.Model):
            from seqmagic.describe.source import call_model

            call_model(found, name)
            return found
        self.families.refuse(magic, normalized(name))
        typed = FitLine(magic, line or name, self._names())
        hint = "" if typed.models() else "Make one with %%sequential first."
        if line:
            raise typed.explain_name(hint)
        raise UnknownNameError("model", name, typed.models(), hint=hint)

    def _find_sequential(self, name: str) -> Any:
        model = self._find_model("sequential", name)
        import keras

        if not isinstance(model, keras.Sequential):
            raise LanguageError(f"{name!r} is a model that is no sequence.", expected="a keras.Sequential")
        return model

    def _has_model(self, name: str) -> bool:
        return name in self._names()


def _run_of(recipe: Any) -> Any:
    """The run that a cell's fit line asks for; None where it has none. It holds the data against the model."""
    if recipe.fit is None:
        return None
    from seqmagic.training.run import Run

    told = {"data_names": recipe.fit.names, "fit_line": recipe.program.fit.text.strip()}
    return Run(recipe.model, recipe.fit.x, recipe.fit.y, **told, **recipe.fit.options)
