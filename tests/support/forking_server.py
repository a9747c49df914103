"""A program whose kernels have Keras already imported: `python -m tests.support.forking_server jupyterlab [options]`.

Everything else is as with `python -m jupyterlab [options]`.
"""

from __future__ import annotations

import os
import runpy
import sys

from jupyter_client.provisioning import LocalProvisioner

from tests.support.forked_kernel import PROJECT, ForkingProvisioner, reach_forks


def forking(*command: str) -> tuple[list[str], dict[str, str]]:
    """The arguments of Python that run a module such as jupyterlab or nbconvert, and its environment; where nothing forks, as it is."""
    if not hasattr(os, "pidfd_open"):
        return ["-m", *command], dict(os.environ)
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    return ["-m", "tests.support.forking_server", *command], {**os.environ, "PYTHONPATH": path}


def main() -> None:
    """Run the module that the first argument names."""
    sys.argv.pop(0)
    # The first entry is there so that this module is found; the kernels get what there was before.
    _, *paths = os.environ.pop("PYTHONPATH").split(os.pathsep)
    if paths:
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    reach_forks().close()  # Keras is imported while the server starts.
    LocalProvisioner.launch_kernel = ForkingProvisioner.launch_kernel
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
