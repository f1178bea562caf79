"""The gate on real reports measures with the very functions of the bench."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "bench"))
