# SPDX-License-Identifier: Apache-2.0
"""References in comments and documents: each names a document of this repository, and a section
that the document has. Part of tools/tidy.

A section is a numbered heading ("## 2 Loss", "### 2.1 How it is told"), or a row of a table whose
first cell is such a number. Written are `docs/kernel.md 2.1`, several numbers ("1.2, 2.3 and 6"),
`decision 0012`, `docs/decisions/0012`. Documents below docs/ name each other without the folder.
A document that names a C file, `engine/journal.c`, means one that is there, in whatever folder.
"""
import glob
import os
import re

# Within a comment a reference may go over the end of a line.
GAP = r"(?:[ \t]*\n[ \t]*(?:\*|#|//)?[ \t]*|[ \t]+)"
SECTION = r"\d+(?:\.\d+)*"
MORE = rf"(?:,{GAP}|{GAP}(?:and|or|to){GAP})"

DOCUMENT = re.compile(rf"(?<![\w./$-])([\w./-]+\.md)\b`?(?:{GAP}({SECTION}(?:{MORE}{SECTION})*))?")
DECISION = re.compile(rf"\bdecisions?{GAP}(\d{{4}}(?:{MORE}\d{{4}})*)|\bdocs/decisions/(\d{{4}})\b")
OWN_SECTION = re.compile(r"\((\d+\.\d+)\)")
HEADING = re.compile(rf"^#{{2,4}} ({SECTION})\.? |^\| (\d+\.\d+) \|", re.M)
# Notes that are not part of the repository.
FOREIGN = re.compile(rf"(?<![\w/])design{GAP}\d|"
                     rf"(?<![\w/])(?:contract|io|simulation|upstream){GAP}\d+(?:\.\d|[a-d]\b|, \d)")
SOURCE = re.compile(r"`(?!net/)([a-z\d/-]+\.[ch])`")  # net/ is the kernel's
SKIPPED = re.compile(r"^(?:\.git|build.*|fixtures)$")


class References:
    """Knows the documents below root."""

    def __init__(self, root, report):
        self.root = root
        self.report = report
        self.known = {}
        self.sources = set()
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if not SKIPPED.match(name)]
            self.sources.update(os.path.join(folder, name) for name in files)

    def sections(self, document):
        if document not in self.known:
            with open(os.path.join(self.root, document), encoding="utf-8") as file:
                found = HEADING.findall(file.read())
            self.known[document] = {heading or row for heading, row in found}
        return self.known[document]

    def find(self, path, name):
        """The document that `name` means in the file `path`; None if there is none."""
        folders = [""]
        if path.endswith(".md"):
            folders.append(os.path.dirname(path))
        if path.startswith("docs/"):
            folders.append("docs")
        for folder in folders:
            document = os.path.normpath(os.path.join(folder, name))
            if os.path.isfile(os.path.join(self.root, document)):
                return document
        return None

    def check_document(self, path, line, name, numbers):
        document = self.find(path, name)
        if document is None:
            self.report(path, line, "reference", f"there is no {name}")
            return
        for number in re.findall(SECTION, numbers or ""):
            if number not in self.sections(document):
                self.report(path, line, "reference", f"{document} has no section {number}")

    def check_decision(self, path, line, numbers):
        for number in re.findall(r"\d{4}", numbers):
            if not glob.glob(os.path.join(self.root, "docs", "decisions", f"{number}-*.md")):
                self.report(path, line, "reference", f"there is no decision {number}")

    def check_source(self, path, line, name):
        if not any(source.endswith("/" + name) for source in self.sources):
            self.report(path, line, "reference", f"there is no {name}")

    def check(self, path, text):
        def line(match):
            return text.count("\n", 0, match.start()) + 1

        for match in DOCUMENT.finditer(text):
            if not match.group(1).startswith("/"):
                self.check_document(path, line(match), match.group(1), match.group(2))
        for match in DECISION.finditer(text):
            self.check_decision(path, line(match), match.group(1) or match.group(2))
        for match in SOURCE.finditer(text) if path.endswith(".md") else ():
            self.check_source(path, line(match), match.group(1))
        for match in FOREIGN.finditer(text):
            words = " ".join(match.group().split())
            self.report(path, line(match), "reference", f'"{words}" is not in this repository')
        if re.fullmatch(r"docs/[\w-]+\.md", path) and self.sections(path):
            for match in OWN_SECTION.finditer(text):
                self.check_document(path, line(match), path, match.group(1))
