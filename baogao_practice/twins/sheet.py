"""A twin under construction: its lines with their labels, its damage and its metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass
class Twin:
    """A text under construction: its lines with their labels, and its metadata."""

    name: str
    texts: list[str] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)
    damage: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, text: str, label: str, kind: str, *, gap: bool = True) -> None:
        """A line, and a blank one after it where `gap`."""
        self.texts.append(text)
        self.labels.append((label, kind))
        if gap:
            self.blank()

    def blank(self) -> None:
        """An empty line."""
        self.texts.append("")
        self.labels.append(("blank", "blank"))

    def know(self, how: str, **values: Any) -> None:
        """Set metadata that can be known in the way `how`: read, inferred or absent."""
        for name, value in values.items():
            self.metadata[name] = {"value": value, "how": how}

    def spoilt(self, kind: str, spoilt: str, right: str, action: str = "replace") -> None:
        """Note every occurrence of `spoilt` in the last line with text."""
        index = max(i for i, text in enumerate(self.texts) if text)
        for found in re.finditer(re.escape(spoilt), self.texts[index]):
            self.damage.append(
                {"line": index + 1, "start": found.start(), "end": found.end(), "text": spoilt,
                 "kind": kind, "action": action, "right": right}
            )  # fmt: skip

    def content(self) -> str:
        """The text of the file; no line feed at its end."""
        while not self.texts[-1]:
            self.texts.pop()
            self.labels.pop()
        return "\n".join(self.texts)

    def gold(self) -> dict[str, Any]:
        """The gold in the shape of the real texts' gold."""
        content = self.content()
        kinds = [label for label, _ in self.labels]
        return {
            "file": f"{self.name}.txt",
            "sha256": sha256(content.encode()).hexdigest(),
            "chars": len(content),
            "n_lines": len(self.texts),
            "summary": {label: kinds.count(label) for label in ("keep", "meta", "junk", "blank")},
            "lines": [
                {"n": n, "label": label, "kind": kind, "chars": len(text), "text": text}
                for n, (text, (label, kind)) in enumerate(
                    zip(self.texts, self.labels, strict=True), 1
                )
            ],
            "corrupted_spans": self.damage,
            "metadata": self.metadata,
        }
