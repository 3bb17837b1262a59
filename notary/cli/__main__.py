"""``python -m notary.cli``: the same program as ``notary``."""

import sys

from notary.cli.main import main

sys.exit(main())
