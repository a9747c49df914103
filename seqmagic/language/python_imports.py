"""Imports in pasted code: nothing is imported, but a name means what was imported under it.

from keras.layers import Dense as D     D(8) is Dense(8)
from torch.nn import Linear     Linear(8, 4) is nn.Linear(8, 4), which is no layer of Keras
from my_layers import Dense     Dense(8) is left to Python
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

KNOWN = {"keras", "tensorflow", "tf_keras", "functools"}
# Modules whose names have their own meaning here.
PLAIN = {"collections", "math", "typing", "numpy", "kerastuner", "keras_tuner", "optuna"}


@dataclass
class ImportedNames(ast.NodeTransformer):
    """Puts what was imported in the place of its name.

    Attributes:
        renamed: names of Keras's and PyTorch's things, with the names that they have there.
        foreign: names of other modules' things.
    """

    renamed: dict[str, str] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    is_torch: bool = False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name that was imported as another."""
        return _named(self.renamed[node.id], node) if node.id in self.renamed and isinstance(node.ctx, ast.Load) else node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """A call of something imported: from elsewhere, it is left to Python, which a name in another form leads to."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in self.foreign:
            node.func = ast.copy_location(ast.BoolOp(ast.Or(), [node.func]), node.func)
        elif self.is_torch and name[:1].isupper() and name not in self.renamed:
            node.func = _named(f"nn.{name}", node.func)
        self.generic_visit(node)
        return node

    def read(self, node: ast.Import | ast.ImportFrom) -> None:
        """Remember what an import line gives its names to."""
        for alias in node.names:
            name = alias.asname or alias.name
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
            root = module.partition(".")[0]
            if isinstance(node, ast.Import):
                if module == "torch.nn" and alias.asname:
                    self.renamed[name] = "nn"
            elif module == "torch.nn" and alias.name == "*":
                self.is_torch = True
            elif module.startswith("torch"):
                self.renamed[name] = alias.name if alias.name == "nn" else f"nn.{alias.name}"
            elif root in KNOWN:
                self.renamed |= {name: alias.name} if name != alias.name else {}
            elif root not in PLAIN and not node.level:
                self.foreign |= {name} if name[:1].isupper() else set()


def resolve_imports(tree: ast.Module) -> ast.Module:
    r"""The tree of pasted code with everything that it imports under its own name.

    >>> code = "from keras.layers import Dense as D\nfrom torch.nn import ReLU\nD(3), ReLU()"
    >>> ast.unparse(resolve_imports(ast.parse(code)).body[-1])
    '(Dense(3), nn.ReLU())'
    """
    found = ImportedNames()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.read(node)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    stored |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    found.renamed = {name: meant for name, meant in found.renamed.items() if name not in stored}
    found.foreign -= stored
    return found.visit(tree) if found.renamed or found.foreign or found.is_torch else tree  # type: ignore[no-any-return]


def _named(name: str, node: ast.expr) -> ast.expr:
    """A dotted name in the place of a node."""
    first, *attributes = name.split(".")
    made: ast.expr = ast.Name(first, ast.Load())
    for attribute in attributes:
        made = ast.Attribute(ast.copy_location(made, node), attribute, ast.Load())
    return ast.copy_location(made, node)
