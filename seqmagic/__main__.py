"""The entry point of `python -m seqmagic`."""

import sys

from seqmagic.commands.command_line import main

if __name__ == "__main__":
    sys.exit(main())
