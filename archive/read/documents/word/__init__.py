"""Turns all Word formats into lines: DOCX, DOC and WPS, Word's XML, RTF."""

from archive.read.documents.word.doc import read_ole
from archive.read.documents.word.docx import read_docx, read_wordml
from archive.read.documents.word.rtf import read_rtf

__all__ = ["read_docx", "read_ole", "read_rtf", "read_wordml"]
