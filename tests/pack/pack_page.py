"""What tests read off a rendered pack. Add here: another way to look at a page. Keep out: rows (`made_up_company`)."""

from __future__ import annotations


def section_of(page: str, anchor: str) -> str:
    """The markup of one section."""
    return page.split(f'<section id="{anchor}">')[1].split("</section>")[0]
