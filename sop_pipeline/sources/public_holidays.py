"""Public holidays of every country, from the `holidays` library, as rows: for sites whose company calendar is not delivered.

Add here: another table that the world knows and no ERP has to deliver. Keep out: which days a site works (core).
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

ALPHA_2 = 2  # letters of a country code


def public_holidays(years: Iterable[int]) -> pd.DataFrame:
    """One row per country and holiday of the years: country_code (ISO 3166 alpha-2), holiday_date, holiday_name.

    Nation-wide holidays; those of a region alone are not among them. Where two fall on one day, their names are joined.
    """
    import holidays

    wanted = sorted(set(years))
    rows = [
        (country, day, name)
        for country in sorted(holidays.list_supported_countries())
        if len(country) == ALPHA_2  # the library knows a country by its other codes too
        for day, name in sorted(holidays.country_holidays(country, years=wanted).items())
        if day.year in wanted
    ]
    return pd.DataFrame(rows, columns=["country_code", "holiday_date", "holiday_name"])
