"""`%%sequential` and `%sequential`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import Bool, Unicode, observe

from seqmagic.classroom.current import NO_RULES, check_shown, current_rules, find_class_file, follow
from seqmagic.errors import LanguageError, SeqmagicError
from seqmagic.ledger.current import DEFAULT_FILE, name_ledger
from seqmagic.magics.braces import fill_in
from seqmagic.magics.caller import namespace_of
from seqmagic.magics.checking import show_checks
from seqmagic.magics.environment import notebook_folder
from seqmagic.magics.error_display import shows_errors
from seqmagic.magics.families import Families
from seqmagic.magics.kernel.panels import ShownPanels
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.line_options import DEFAULT_NAME, Option, split_name, take_leading, take_options, unquoted
from seqmagic.magics.models import NotebookModels
from seqmagic.magics.namespace import bind_model, check_free, find_renewable, renew_model
from seqmagic.magics.run_display import train
from seqmagic.translation import gettext, gettext_noop
from seqmagic.translation.chosen import choose_language, find_language, languages

FORCE = Option("--force")  # After --save: overwrite even a file that was not saved by --save.
QUIET = Option("--quiet")
CELL_OPTIONS = (Option("--add"), QUIET)
# Each of these is the only option; the last two take a file name.
SHOWING = (Option("--python"), Option("--text"))
FILING = (Option("--save", "rest"), Option("--load", "rest"))


@dataclass(frozen=True)
class Command:
    """A parsed command.

    Attributes:
        name: the variable, or None if the line names none.
        text: the network; empty if there is none.
        options: as given, such as --quiet.
        file: of --save or --load.
        is_cell: whether the text comes from a cell.
    """

    name: str | None
    text: str = ""
    options: frozenset[str] = field(default_factory=frozenset)
    file: str = ""
    is_cell: bool = False

    def makes_model(self) -> bool:
        """Whether it builds a model, instead of showing, saving or extending an existing one."""
        return "--load" in self.options or bool(self.text.strip() and "--add" not in self.options)

    def renamed(self, name: str) -> str:
        """The command with another name; the text of a cell is left out.

        >>> read_command("digits input 784", None).renamed("net")
        '%sequential net input 784'
        """
        rest = [*sorted(self.options), *([repr(self.file)] if self.file else []), *([] if self.is_cell else [self.text])]
        return " ".join(["%%sequential" if self.is_cell else "%sequential", name, *filter(None, rest)])


def read_command(line: str, cell: str | None) -> Command:
    """Parse the line of a magic, and the cell below it.

    >>> read_command("digits --quiet", "input 784").name
    'digits'
    >>> read_command("digits input 784 -> dense 10", None).text
    'input 784 -> dense 10'
    >>> read_command("digits --save 'my net.seq'", None).file
    'my net.seq'

    Raises:
        LanguageError, UnknownNameError: At an invalid name or option.
    """
    magic = "%sequential" if cell is None else "%%sequential"
    name, rest = split_name(line, magic)
    if cell is None and name == "input":
        raise LanguageError(gettext("The name of the model is missing."), instead=f"%sequential {DEFAULT_NAME} {line.strip()}")
    options, rest = take_leading(rest, CELL_OPTIONS if cell is not None else (*CELL_OPTIONS, *SHOWING, *FILING), magic)
    for filing, flag in zip(FILING, (FORCE, QUIET), strict=True):
        if filing.name in options:
            after, file = take_options(options.pop(filing.name), [flag])
            return Command(name, options=frozenset([*options, filing.name, *after]), file=unquoted(file))
    if cell is None and rest.endswith(QUIET.name):
        options[QUIET.name], rest = "", rest.removesuffix(QUIET.name).strip()
    if (cell is not None or any(option.name in options for option in SHOWING)) and rest:
        joined = "_".join([name or DEFAULT_NAME, *re.findall(r"\w+", rest.partition("--")[0])])
        raise LanguageError(gettext("{line!r} is more than one name.", line=line.strip()), instead=f"{magic} {joined}")
    return Command(name, cell if cell is not None else rest, frozenset(options), is_cell=cell is not None)


@magics_class
class SeqMagics(Magics):  # type: ignore[misc]  # IPython's traits are untyped.
    """The magic that makes models, and the settings of all magics.

    Attributes:
        models: the notebook's. families: what its cells with searched values have left. panels: those that its cells show.
    """

    advice = Bool(True, help=gettext_noop("Whether to point out what works but is unwise.")).tag(config=True)  # noqa: FBT003

    check_while_typing = Bool(
        True,  # noqa: FBT003
        help=gettext_noop("Whether editors may ask for shapes and errors while a cell is being typed."),
    ).tag(config=True)

    class_file = Unicode(
        "", help=gettext_noop("A teacher's class file; by default the nearest one in the notebook's folder or a folder above it.")
    ).tag(config=True)

    language = Unicode(
        "",
        help=gettext_noop(
            "The language of all texts: en, or zh for Chinese; by default it follows the class file, the "
            "environment, JupyterLab or the system."
        ),
    ).tag(config=True)

    ledger = Unicode(DEFAULT_FILE, help=gettext_noop("The file in which all runs are saved; if empty, no runs are saved.")).tag(config=True)

    def __init__(self, shell: InteractiveShell, preload: Preload) -> None:
        super().__init__(shell)
        self.families = Families(shell)
        self.models = NotebookModels(shell, preload, self.families)
        self.panels = ShownPanels(shell)

    @observe("class_file")
    def follow_class(self, change: Any = None) -> None:
        """Apply the rules of the class file; if it can't be read, apply none and print why."""
        follow(NO_RULES)
        choose_language("", by="class")
        file = find_class_file(notebook_folder(self.shell), self.class_file)
        if file is None:
            return
        from seqmagic.classroom.class_file import read_class_file

        try:
            rules = read_class_file(file)
        except SeqmagicError as error:
            print(gettext("In the class file {file}:\n{error}\nNone of its settings apply until this is fixed.", file=file, error=error))
            return
        follow(rules)
        choose_language(rules.language, by="class")

    @observe("language")
    def speak(self, change: Any = None) -> None:
        """Set the language of all texts to the setting; for an unknown name, keep the current one."""
        language = find_language(self.language)
        if self.language and not language:
            print(gettext("The language {name!r} is not available. Available: {known}.", name=self.language, known=", ".join(languages())))
            self.language = ""
        choose_language(language)

    @observe("ledger")
    def keep_runs(self, change: Any = None) -> None:
        """Store the runs in the file of the setting, in the notebook's folder."""
        try:
            name_ledger(self.ledger or None)
        except SeqmagicError as error:
            # An invalid setting would be refused again by each later %load_ext.
            print(error)
            self.ledger = DEFAULT_FILE

    @no_var_expand
    @line_cell_magic
    @shows_errors
    def sequential(self, line: str, cell: str | None = None) -> None:
        """Make a Keras model from a few words and show it.

        %%sequential digits
        input 8x8x1
        conv 16 3x3 relu same -> maxpool 2
        flatten -> dropout 0.3
        dense 10 softmax
        compile adam(1e-3) sparse_categorical_crossentropy accuracy
        fit x_train y_train epochs=10

        Write one layer per line, or join several with `->`. Every layer of Keras has its own name and arguments here. The `compile` and
        `fit` lines are optional. The model is bound to the name in the first line (`model` if there is none). If anything is wrong,
        nothing is bound.

        dense 64 relu * 3                 three such layers; (conv 8 3 -> maxpool 2) * 2 repeats a group
        block vgg(f, n): ...              a named group of layers, in indented lines; used as: vgg 64 2
        stem: conv 16 3x3                 a layer with a name
        expect params < 50k               what an exercise asks for: params, layers, output, memory, epochs, loss, val_accuracy, ...
        dense 128 relu  # out=? params=?  answers in a comment, marked right or wrong
        dense {2 * width} swish2          Python in curly brackets; your own layers and functions by their names
        Dense(32, activation='relu'),     a line pasted from Keras; model.add(...) and Sequential([...]) work too

        %%sequential digits --add                 add the layers below to the end of the existing model
        %%sequential digits --quiet               show no table
        %sequential digits input 784 -> dense 10  in one line
        %sequential digits                        show the table of an existing model, wherever it comes from
        %sequential digits --text                 show the model in this language; --python: as plain Keras code
        %sequential digits --save digits.seq      save its text in a file; --load reads one, without running anything in it
                                                  --force after it: overwrite a file even if it was not written by --save
        """
        command = self._read_command(line, cell)
        if "--load" in command.options:
            self._load(command)
        elif command.options & {"--python", "--text", "--save"} or not command.text.strip():
            self._describe(command)
        else:
            self._build(command)

    def _read_command(self, line: str, cell: str | None) -> Command:
        """Parse a line; suggested commands are checked against the notebook."""
        try:
            command = read_command(line, cell)
            return replace(command, file=fill_in(self.shell, command.file))
        except SeqmagicError as error:
            meant = [read_command(fix.partition(" ")[2], cell) for fix in error.fixes]
            there = namespace_of(self.shell)
            # To show a model, its name must exist; otherwise the name must be free.
            works = [(one.name in there) != one.makes_model() for one in meant]
            error.fixes = tuple(fix for fix, is_right in zip(error.fixes, works, strict=True) if is_right)
            raise

    def _build(self, command: Command) -> None:
        """Build the model of a cell, or add its layers to the existing one."""
        self.models.preload.join()
        from seqmagic.exercises.exercise import Exercise, asks_only
        from seqmagic.language.searched import is_family
        from seqmagic.recipes.recipe import read

        program = read(command.text, self.models.names())
        name = command.name or (program.variable.text if program.variable else DEFAULT_NAME)
        if asks_only(program):
            show_checks(self.shell, self.panels, Exercise(program, self.models.find("sequential", name), self.models.names()))
        elif "--add" not in command.options and is_family(program):
            self.families.keep(name, program, command.renamed, quiet=QUIET.name in command.options)
        else:
            self._make(command, program, name)

    def _make(self, command: Command, program: Any, name: str) -> None:
        """Build the model of a program, show it, and train it if it has a fit line."""
        from seqmagic.describe.source import remember_fit_step
        from seqmagic.exercises.exercise import Exercise
        from seqmagic.exercises.expectations import check_words
        from seqmagic.magics.evaluation import evaluate
        from seqmagic.network.pasted import read_pasted
        from seqmagic.recipes.recipe import add_to, make_recipe

        names, adds = self.models.names(), "--add" in command.options
        program = read_pasted(program, names)
        names |= evaluate(self.shell, program)
        check_words(program, names)
        recipe = add_to(self.models.find_sequential(name), program, names) if adds else make_recipe(program, names, name)
        model, run = self._bind(name, recipe, command)
        if program.fit is not None:
            remember_fit_step(model, program.fit)
        exercise = Exercise(program, model, names, recipe.plan)
        if "--quiet" not in command.options and "network" not in current_rules().hidden:
            self._show(name, model, recipe.plan, program.compile, exercise.marked.hidden_from)
        for sentence in recipe.advice if self.advice else ():
            print(gettext("Note: {sentence}", sentence=sentence))
        if run is not None:
            train(self.shell, self.panels, run, advice=self.advice)
        show_checks(self.shell, self.panels, exercise, run)

    def _bind(self, name: str, recipe: Any, command: Command) -> tuple[Any, Any]:
        """Assign a new model to its name, or reset the existing one in place; returns it, and the run of its fit line."""
        from seqmagic.recipes.recipe import make_run

        is_new = "--add" not in command.options
        if is_new:
            check_free(self.shell, name, command.renamed)
        renewed = find_renewable(self.shell, name, recipe) if is_new else None
        model = recipe.model if renewed is None else renewed
        # Creating the run checks the data against the model, so that all errors are raised before a variable is assigned.
        run = make_run(model, recipe.fit, recipe.program.fit.text.strip()) if recipe.fit is not None else None
        if is_new:
            self.families.forget(name)
        if renewed is not None:
            renew_model(name, renewed, recipe.model)
        elif is_new:
            bind_model(self.shell, name, model)
        return model, run

    def _show(self, name: str, model: Any, plan: Any, compile_step: Any, hidden_from: int | None = None) -> None:
        from seqmagic.widgets.network_card import NetworkCard

        display(NetworkCard(name, plan, plan.layer_names or [layer.name for layer in model.layers], compile_step, hidden_from))

    def _load(self, command: Command) -> None:
        """Build a model from a file. Names of the notebook are not used in it, and nothing in it is run."""
        self.models.preload.join()
        from seqmagic.recipes.recipe import load

        model, name = load(command.file), command.name or DEFAULT_NAME
        check_free(self.shell, name, command.renamed)
        bind_model(self.shell, name, model)
        if "--quiet" not in command.options and "network" not in current_rules().hidden:
            self._describe(Command(command.name))

    def _describe(self, command: Command) -> None:
        """Show an existing model: as a table, as text or code, or save its text to a file."""
        if command.is_cell and (command.name or DEFAULT_NAME) not in self.models.names():
            from seqmagic.language.blanks import check_empty

            check_empty(command.text)
        if command.name is None and DEFAULT_NAME not in self.models.names():
            raise LanguageError(gettext("There is no network here."), instead="%sequential digits input 784 -> dense 10 softmax")
        name = command.name or DEFAULT_NAME
        if not command.options:
            check_shown("network", gettext("The table of a network"))
        if name in self.families and name not in self.families.tried and not command.options:
            self.families.show(name)
            return
        model, names = self.models.find("sequential", name), self.models.names()
        names.pop(name, None)
        from seqmagic.describe.graph import layers_in_line
        from seqmagic.describe.plan_of_model import survey
        from seqmagic.describe.source import fit_step_of, seed_of
        from seqmagic.describe.to_python import to_python
        from seqmagic.describe.to_text import compile_step, to_text
        from seqmagic.recipes.recipe import save

        if command.options & {"--save", "--python", "--text"} and layers_in_line(model) is None:
            problem = gettext("{name!r} is not a chain of layers, so it can't be written as text.", name=name)
            raise LanguageError(
                problem, expected=gettext("layers that each take the output of the one before"), instead=f"%sequential {name}"
            )
        if "--save" in command.options:
            print(
                gettext(
                    "{name} is saved in {save}, without its weights.",
                    name=name,
                    save=save(model, command.file, names, replace=FORCE.name in command.options),
                )
            )
        elif "--python" in command.options:
            print(to_python(model, names, fit=fit_step_of(model), seed=seed_of(model)), end="")
        elif "--text" in command.options:
            print(to_text(model, names), end="")
        else:
            self._show(name, model, survey(model, names), compile_step(model, names)[0])
