"""What `python -m seqmagic` calls."""

import sys

from seqmagic.commands.command_line import main

if __name__ == "__main__":
    sys.exit(main())
