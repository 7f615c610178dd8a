"""Customising, materials and partners.

Add here: a table of master data. Keep out: prices and stock (`valuation`), bills and routings (`production`).
"""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sop_pipeline.sources.demo.shapes.sap.codes import LANGUAGE, PURCHASING, Codes
from sop_pipeline.sources.demo.shapes.sap.text import SapTable, day, last_day, number
from sop_pipeline.sources.demo.shapes.tables import Tables

MATERIAL_TYPES = {"finished": "FERT", "semi_finished": "HALB", "component": "ROH", "packaging": "VERP", "trade": "HAWA"}  # fmt: skip
STATUSES = {"active": "", "phase_in": "Z1", "phase_out": "Z2", "blocked": "Z9"}
UNITS = {"KG": ("MASS", 1, 1, 0), "G": ("MASS", 1, 1000, 0), "T": ("MASS", 1, 1, 3), "PCE": ("AAAADL", 1, 1, 0),
         "CAR": ("AAAADL", 1, 1, 0), "H": ("TIME", 3600, 1, 0), "CCM": ("VOLUME", 1, 1, -6), "MIN": ("TIME", 60, 1, 0), "S": ("TIME", 1, 1, 0)}  # fmt: skip
"""Unit -> dimension, numerator, denominator and power of ten of its conversion to the SI unit."""
PLANT_CATEGORIES = {"plant": "", "distribution_centre": "B", "warehouse": "A"}
SPECIAL_PROCUREMENT = {"move": "40"}
CALENDAR_LENGTH, SATURDAY = 2, 5
PROCUREMENT = {"make": "E", "buy": "F", "move": "F", "both": "X"}


def tables_of(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    """Tables of organisation, customising, materials, customers and vendors."""
    return [
        *_organisation(tables, codes),
        *_currencies(tables),
        *_customising(tables, codes),
        *_materials(tables, codes, int(cycle_id[:4])),
        *_customers(tables, codes),
        *_vendors(tables),
        *_payment_terms(tables),
    ]


def _organisation(tables: Tables, codes: Codes) -> list[SapTable]:
    companies = SapTable("t001", "BUKRS", "BUTXT", "LAND1", "WAERS", "SPRAS")
    for row in tables["companies"].itertuples():
        companies.add(row.company_id, row.company_name, row.country_code, row.currency_code, LANGUAGE)
    areas = SapTable("t001k", "BWKEY", "BUKRS")
    plants = SapTable("t001w", "WERKS", "NAME1", "BWKEY", "LAND1", "BZIRK", "FABKL", "VLFKZ")
    for row in tables["sites"].itertuples():
        areas.add(row.site_id, row.company_id)
        district = codes.districts.get(row.region_id, "")
        category = PLANT_CATEGORIES[row.site_type]
        plants.add(row.site_id, row.site_name, row.site_id, row.country_code, district, row.calendar_id, category)  # fmt: skip
    return [companies, areas, plants, _factory_calendars(tables)]


def _factory_calendars(tables: Tables) -> SapTable:
    calendars = SapTable("tfacs", "IDENT", "JAHR", *(f"MON{month:02d}" for month in range(1, 13)))
    for (identity, year), months in _worked_months(tables).items():
        if len(identity) > CALENDAR_LENGTH:
            raise ValueError(f"A factory calendar has {CALENDAR_LENGTH} characters, {identity} has more.")
        calendars.add(identity, str(year), *months)
    return calendars


def _worked_months(tables: Tables) -> dict[tuple[str, int], list[str]]:
    """Calendar and year -> its twelve months, a character a day: 1 from Monday to Friday, but as the calendar says otherwise."""
    years: dict[tuple[str, int], dict[date, bool]] = {}
    for row in tables["calendars"].itertuples():
        said = years.setdefault((row.calendar_id, row.calendar_date.year), {})
        said[row.calendar_date] = row.is_working_day
    return {(identity, year): _months(year, said) for (identity, year), said in sorted(years.items())}


def _months(year: int, said: dict[date, bool]) -> list[str]:
    months = [
        [date(year, month, place + 1) for place in range(calendar.monthrange(year, month)[1])]
        for month in range(1, 13)
    ]
    return ["".join("01"[said.get(day, day.weekday() < SATURDAY)] for day in days) for days in months]


def _working_share(tables: Tables, year: int) -> dict[str, Fraction]:
    """Site -> share of the year's days that its factory calendar works."""
    worked = {key: "".join(months) for key, months in _worked_months(tables).items()}
    sites = {row.site_id: worked[row.calendar_id, year] for row in tables["sites"].itertuples()}
    return {site: Fraction(days.count("1"), len(days)) for site, days in sites.items()}


def _working_days(days: Decimal | None, working_share: Fraction) -> str:
    """In-house production time is whole working days: the nearest number, a half rounded up."""
    return number(0 if days is None else int(Fraction(days) * working_share + Fraction(1, 2)), 0)


def _currencies(tables: Tables) -> list[SapTable]:
    decimals = SapTable("tcurx", "CURRKEY", "CURRDEC")
    decimals.add("JPY", "0")
    decimals.add("KWD", "3")
    rates = SapTable("tcurr", "KURST", "FCURR", "TCURR", "GDATU", "UKURS", "FFACT", "TFACT")
    ratios = SapTable("tcurf", "KURST", "FCURR", "TCURR", "GDATU", "FFACT", "TFACT")
    pairs: dict[tuple[str, str], int] = {}
    for row in tables["fx_rates"].itertuples():
        factor = 100 if row.rate < Decimal("0.1") else 10
        pairs[row.from_currency_code, row.to_currency_code] = factor
        inverted = str(99_999_999 - int(day(row.rate_date)))
        rate = number((row.rate * factor).quantize(Decimal("0.00001")), 5)
        if Decimal(rate) != row.rate * factor:
            raise ValueError(f"A rate of {row.rate} cannot be written with five decimals per {factor}.")
        rates.add("M", row.from_currency_code, row.to_currency_code, inverted, rate, "0", "0")
        # a rate of another type beside it is not read
        rates.add("P", row.from_currency_code, row.to_currency_code, inverted, "1.00000", "0", "0")
    for (source, target), factor in pairs.items():
        ratios.add("M", source, target, str(99_999_999 - 20_000_101), str(factor), "1")
    return [decimals, rates, ratios]


def _customising(tables: Tables, codes: Codes) -> list[SapTable]:
    units = SapTable("t006", "MSEHI", "DIMID", "ZAEHL", "NENNR", "EXP10", "ADDKO")
    for unit, (dimension, numerator, denominator, exponent) in UNITS.items():
        units.add(unit, dimension, str(numerator), str(denominator), str(exponent), "0.000000")
    display = SapTable("tmcnv", "CONVID", "LMATNR", "FLAG0", "LEXFLAG")
    display.add("MATNR", "8", "X", "")
    hierarchy = SapTable("t179t", "SPRAS", "PRODH", "VTEXT")
    for path, node in codes.hierarchies.items():
        hierarchy.add(LANGUAGE, node, path[-1])
        hierarchy.add("D", node, f"{path[-1]} (deutsch)")
    channels = SapTable("tvtwt", "SPRAS", "VTWEG", "VTEXT")
    groups = SapTable("t151t", "SPRAS", "KDGRP", "KTEXT")
    districts = SapTable("t171t", "SPRAS", "BZIRK", "BZTXT")
    for table, names in ((channels, codes.channels), (groups, codes.groups), (districts, codes.districts)):
        for name, code in names.items():
            table.add(LANGUAGE, code, name)
    return [units, display, hierarchy, channels, groups, districts]


def _materials(tables: Tables, codes: Codes, year: int) -> list[SapTable]:
    general = SapTable(
        "mara", "MATNR", "MTART", "MATKL", "MEINS", "PRDHA", "NTGEW", "GEWEI", "VOLUM", "VOLEH", "MSTAE", "MSTDE", "LVORM", "DATAB", "LIQDT"
    )  # fmt: skip
    texts = SapTable("makt", "MATNR", "SPRAS", "MAKTX")
    sales = SapTable("mvke", "MATNR", "VKORG", "VTWEG", "LVORM")
    successors = {}
    for row in tables["items"].itertuples():
        matnr = codes.stored(row.item_id)
        successors[row.item_id] = row.successor_item_id
        hierarchy = codes.hierarchies[row.category_id, row.family_id, row.subfamily_id]
        weight, weight_unit = _weight(row.weight_kg)
        general.add(
            matnr, MATERIAL_TYPES[row.item_type], "GROUP", row.base_uom_id, hierarchy, weight, weight_unit, *_volume(row.volume_m3),
            STATUSES[row.item_status], day(None), "", day(row.launch_date), last_day(row.end_date),
        )  # fmt: skip
        texts.add(codes.shown(row.item_id), LANGUAGE, row.item_name)
        texts.add(codes.shown(row.item_id), "D", f"{row.item_name} (deutsch)")
        for channel in codes.channels.values():
            sales.add(matnr, "1000", channel, "" if row.is_saleable else "X")
    units = SapTable("marm", "MATNR", "MEINH", "UMREZ", "UMREN")
    for item_id, unit in codes.base_unit.items():
        units.add(codes.stored(item_id), unit, "1", "1")
    for row in tables["uom_conversions"].itertuples():
        # a tonne converts to kilograms by its dimension
        if row.from_uom_id != "T":
            units.add(codes.stored(row.item_id), row.from_uom_id, str(int(row.numerator)), str(int(row.denominator)))  # fmt: skip
    return [general, texts, sales, units, _plant_materials(tables, codes, successors, year)]


def _plant_materials(tables: Tables, codes: Codes, successors: dict[str, str | None], year: int) -> SapTable:
    working_share = _working_share(tables, year)
    plants = SapTable(
        "marc", "MATNR", "WERKS", "LVORM", "BESKZ", "SOBSL", "EISBE", "MABST", "DZEIT", "BSTMI", "BSTRF", "BSTFE", "AUSSS",
        "NFMAT",
    )  # fmt: skip
    for row in tables["item_sites"].itertuples():
        successor = successors[row.item_id]
        plants.add(
            codes.shown(row.item_id), row.site_id, "", PROCUREMENT[row.procurement_type],
            SPECIAL_PROCUREMENT.get(row.procurement_type, ""), number(row.safety_stock_units, 3),
            number(row.maximum_stock_units, 3), _working_days(row.make_lead_time_days, working_share[row.site_id]), number(row.lot_minimum_units, 3),
            number(row.lot_multiple_units, 3), number(0, 3), number(0, 2),
            codes.stored(successor) if successor else "",
        )  # fmt: skip
    return plants


def _weight(kilograms: Decimal | None) -> tuple[str, str]:
    """Light goods are weighed in grams."""
    if kilograms is None:
        return number(0, 3), ""
    return (number(kilograms * 1000, 3), "G") if kilograms < 1 else (number(kilograms, 3), "KG")


def _volume(cubic_metres: Decimal | None) -> tuple[str, str]:
    """Volumes are kept in cubic centimetres."""
    return (number(0, 3), "") if cubic_metres is None else (number(cubic_metres * 1_000_000, 3), "CCM")


def _customers(tables: Tables, codes: Codes) -> list[SapTable]:
    general = SapTable("kna1", "KUNNR", "NAME1", "LAND1")
    areas = SapTable("knvv", "KUNNR", "VKORG", "VTWEG", "SPART", "KDGRP", "BZIRK", "LOEVM", "ZTERM")
    for row in tables["customers"].itertuples():
        general.add(row.customer_id, row.customer_name, row.country_code)
        # an area that was given up comes first by its number
        areas.add(row.customer_id, "0001", "99", "00", "99", "", "X", "")
        areas.add(
            row.customer_id, "1000", codes.channels[row.channel_id], "00", codes.groups[row.customer_group],
            codes.districts[row.region_id], "", row.payment_term_id,
        )  # fmt: skip
    return [general, areas]


def _vendors(tables: Tables) -> list[SapTable]:
    general = SapTable("lfa1", "LIFNR", "NAME1", "LAND1", "LOEVM", "SPERM")
    organisations = SapTable("lfm1", "LIFNR", "EKORG", "WAERS", "SPERM", "LOEVM", "ZTERM")
    row: Any
    for row in tables["suppliers"].itertuples():
        general.add(row.supplier_id, row.supplier_name, row.country_code, "", "" if row.is_active else "X")
        organisations.add(row.supplier_id, PURCHASING, row.currency_code, "", "", row.payment_term_id)
    return [general, organisations]


def _payment_terms(tables: Tables) -> list[SapTable]:
    """A discount stands in the first line, and all is due with the second; else with the first."""
    terms = SapTable("t052", "ZTERM", "ZTAGG", "ZFAEL", "ZMONA", "ZTAG1", "ZPRZ1", "ZTAG2", "ZPRZ2", "ZTAG3")
    texts = SapTable("t052u", "SPRAS", "ZTERM", "ZTAGG", "TEXT1")
    for row in tables["payment_terms"].itertuples():
        net = number(row.net_days, 0)
        has_discount = row.discount_ratio is not None
        first = (number(row.discount_days, 0), number(row.discount_ratio * 100, 3)) if has_discount else (net, number(0, 3))  # fmt: skip
        second = net if has_discount else "0"
        day_of_month = "31" if row.is_from_month_end else "00"
        terms.add(row.payment_term_id, "00", day_of_month, "00", *first, second, number(0, 3), "0")
        texts.add(LANGUAGE, row.payment_term_id, "00", row.payment_term_name)
    return [terms, texts]
