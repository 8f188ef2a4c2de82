"""Adds the generated pages to the table of contents of the documentation, and checks links between pages: docs-contents.py FOLDER"""

import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])
summary = folder / "SUMMARY.md"


def contents_of(index):
    """Lines of the table of contents for the pages that an index names, below the index's own line."""
    links = re.findall(r"\]\(([^)]+\.md)\)", (folder / index).read_text())
    pages = dict.fromkeys(links)
    base = pathlib.PurePosixPath(index).parent
    return [f"  - [{link.removesuffix('.md')}]({base / link})" for link in pages]


lines = []
for line in summary.read_text().splitlines():
    lines.append(line)
    index = re.search(r"\((reference/(?:requirements|scenarios)/README\.md)\)", line)
    if index:
        lines += contents_of(index.group(1))
summary.write_text("\n".join(lines) + "\n")

broken = []
for page in folder.rglob("*.md"):
    for link in re.findall(r"\]\(([^)#]+\.md)(?:#[^)]*)?\)", page.read_text()):
        outside = link.startswith("http") or ".." in pathlib.PurePosixPath(link).parts and not (page.parent / link).resolve().is_relative_to(folder.resolve())
        if not outside and not (page.parent / link).exists():
            broken.append(f"{page.relative_to(folder)}: {link} leads nowhere")
if broken:
    sys.exit("\n".join(broken))
print(f"{len(lines)} lines of contents, {sum(1 for _ in folder.rglob('*.md'))} pages")
