"""Makes the functions of bench/ importable: the gate on real reports measures with them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "bench"))
