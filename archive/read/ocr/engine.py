"""RapidOCR with the models of its wheel: opened by path, checked by digest, never downloaded.

Uses one thread for each process: sums of floats depend on how the work is divided, and a text must
not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive.known import Knowledge

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALL: Final = "pip install 'baogao[ocr]'"
_NEEDED: Final = ("rapidocr", "onnxruntime", "PIL", "cv2")
_SURE: Final = 0.85
"""Mean confidence from which a picture counts as upright."""
_FEW_LINES: Final = 3

_WATCHERS: Final[list[Callable[[], None]]] = []


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A recognised line: its words, its box in pixels, and the model's confidence."""

    words: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


@contextmanager
def watched(notice: Callable[[], None]) -> Iterator[None]:
    """Call a function for each picture that has been read, for a progress bar."""
    _WATCHERS.append(notice)
    try:
        yield
    finally:
        _WATCHERS.remove(notice)


def missing(knowledge: Knowledge) -> str | None:
    """Return why no picture can be read on this machine, in a sentence, or None."""
    if any(find_spec(name) is None for name in _NEEDED):
        return f"reading words in pictures needs RapidOCR: {INSTALL}"
    wanted = knowledge.lexicon("ocr")
    for model in _models(knowledge):
        path = _home() / model["file"]
        if not path.is_file():
            return f"{path.name} is not in RapidOCR {version('rapidocr')}: {_remedy(wanted)}"
        if _digest(path) != model["sha256"]:
            return f"{path.name} is another model than the one that is known: {_remedy(wanted)}"
    return None


def _remedy(wanted: dict[str, object]) -> str:
    return f"pip install rapidocr=={wanted['rapidocr']}"


def engine(knowledge: Knowledge) -> Engine:
    """Return the engine, which is loaded once for each process.

    Raises:
        RuntimeError: it is not installed, or a model is missing or different; nothing is
            downloaded.
    """
    why = missing(knowledge)
    if why is not None:
        raise RuntimeError(why)
    return _loaded(knowledge)


@lru_cache(maxsize=1)
def _loaded(knowledge: Knowledge) -> Engine:
    return Engine(knowledge)


class Engine:
    """Reads pictures; `how` names programs and models."""

    def __init__(self, knowledge: Knowledge) -> None:
        from rapidocr import RapidOCR  # noqa: PLC0415  (an extra)

        models = _models(knowledge)
        params: dict[str, Any] = {
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        for model in models:
            params[f"{model['role']}.model_path"] = str(_home() / model["file"])
        self._read = RapidOCR(params=params)
        digests = " ".join(model["sha256"][:12] for model in models)
        self.how = (
            f"rapidocr {version('rapidocr')} onnxruntime {version('onnxruntime')} models {digests}"
        )

    def look(self, picture: Image) -> tuple[list[RecognisedLine], Image]:
        """Return the lines in a picture, and the picture as rotated for reading."""
        upright = self._lines(picture)
        best = upright, picture
        if _doubtful(upright):
            for quarter in (1, 2, 3):
                turned = picture.rotate(90 * quarter, expand=True)
                lines = self._lines(turned)
                if _worth(lines) > _worth(best[0]):
                    best = lines, turned
        for notice in _WATCHERS:
            notice()
        return best

    def _lines(self, picture: Image) -> list[RecognisedLine]:
        import numpy as np  # noqa: PLC0415  (an extra)

        found: Any = self._read(np.asarray(picture.convert("RGB"))[:, :, ::-1], use_cls=False)
        if found.boxes is None or not len(found.boxes):
            return []
        return [
            _seen(box.tolist(), words, float(sure))
            for box, words, sure in zip(found.boxes, found.txts, found.scores, strict=True)
            if words.strip()
        ]


def _seen(box: list[list[float]], words: str, sure: float) -> RecognisedLine:
    across, down = [corner[0] for corner in box], [corner[1] for corner in box]
    return RecognisedLine(words, min(across), min(down), max(across), max(down), sure)


def _doubtful(lines: list[RecognisedLine]) -> bool:
    """Whether a picture may be sideways or upside down."""
    tall = sum(line.bottom - line.top > line.right - line.left for line in lines)
    if tall * 2 > len(lines) >= _FEW_LINES:
        return True
    return bool(lines) and sum(line.confidence for line in lines) < _SURE * len(lines)


def _worth(lines: list[RecognisedLine]) -> float:
    """Return how much was read with confidence: characters of level lines, weighted."""
    return sum(
        len(line.words) * line.confidence**2
        for line in lines
        if len(line.words) == 1 or line.right - line.left > line.bottom - line.top
    )


def _models(knowledge: Knowledge) -> list[dict[str, str]]:
    models: Any = knowledge.lexicon("ocr")["model"]
    return list(models)


def _home() -> Path:
    spec = find_spec("rapidocr")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / "models" if places else Path()


@lru_cache(maxsize=8)
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
