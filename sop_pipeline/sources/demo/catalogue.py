"""What the company sells and where it stands: names, hierarchy, seasons, sites, places.

Add here: plain facts of the demo company (a family, a season, a supplier country). Keep out: numbers that are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

SEASONS: dict[str, tuple[float, ...]] = {
    "summer": (0.50, 0.55, 0.75, 1.10, 1.50, 1.90, 1.80, 1.25, 0.85, 0.65, 0.55, 0.60),
    "winter": (1.35, 1.15, 0.80, 0.55, 0.45, 0.40, 0.45, 0.70, 1.25, 1.75, 1.85, 1.30),
    "christmas": (0.80, 0.75, 0.82, 0.86, 0.86, 0.84, 0.84, 0.90, 1.05, 1.28, 1.60, 1.40),
    "spring": (0.85, 0.95, 1.20, 1.25, 1.15, 1.00, 0.85, 0.80, 0.95, 1.05, 1.05, 0.90),
    "even": (0.98, 0.96, 1.00, 1.00, 0.98, 0.96, 0.92, 0.94, 1.04, 1.06, 1.10, 1.06),
}


@dataclass(frozen=True)
class Family:
    """A product family: where it is made, when it sells, how dear and heavy it is."""

    category_id: str
    family_id: str
    noun: str
    subfamilies: tuple[str, ...]
    season: str
    plant: int
    growth_per_year: float
    cost_factor: float
    weight_kg: float
    is_tested: bool = False
    both_plants: bool = False


FAMILIES: tuple[Family, ...] = (
    Family("CLIMATE", "FANS", "Fan", ("PEDESTAL", "TOWER", "DESK"), "summer", 0, 0.03, 0.9, 3.5),
    Family(
        "CLIMATE", "AIR-COOLERS", "Air cooler", ("EVAPORATIVE", "COMPRESSOR"), "summer", 0, 0.06, 2.4, 14.0
    ),
    Family("CLIMATE", "HEATERS", "Heater", ("CONVECTOR", "CERAMIC"), "winter", 0, 0.02, 1.0, 4.0),
    Family(
        "GARMENT", "IRONS", "Iron", ("STEAM-IRON", "TRAVEL"), "even", 0, -0.02, 0.8, 1.4, both_plants=True
    ),
    Family("GARMENT", "STEAMERS", "Steamer", ("HANDHELD", "STATION"), "spring", 0, 0.05, 1.2, 3.0),
    Family("KITCHEN", "KETTLES", "Kettle", ("GLASS", "STEEL"), "christmas", 1, 0.01, 0.7, 1.3),
    Family("KITCHEN", "BLENDERS", "Blender", ("JUG", "HAND", "SMOOTHIE"), "spring", 1, 0.03, 0.9, 2.4),
    Family(
        "KITCHEN",
        "COFFEE",
        "Coffee maker",
        ("FILTER", "ESPRESSO", "BEAN"),
        "christmas",
        1,
        0.04,
        2.6,
        5.5,
        True,
    ),
    Family(
        "FLOORCARE", "CORDLESS", "Cordless vacuum", ("STICK", "HANDY"), "christmas", 1, 0.07, 2.2, 3.2, True
    ),
    Family(
        "FLOORCARE",
        "CYLINDER",
        "Vacuum cleaner",
        ("BAGGED", "BAGLESS", "WET-DRY"),
        "even",
        1,
        -0.01,
        1.7,
        6.0,
    ),
)
MODEL_WORDS = (
    "Aura",
    "Brisa",
    "Corva",
    "Delta",
    "Elan",
    "Fjord",
    "Gala",
    "Halo",
    "Inka",
    "Jura",
    "Kora",
    "Lumo",
)
TRADE_FAMILY = ("ACCESSORIES", "FILTERS", "SPARE-FILTER")
SEMI_WORDS = ("Housing", "Motor unit", "Control board", "Heating element")
COMPONENT_WORDS = (
    "Granulate",
    "Power cord",
    "Switch",
    "Bearing set",
    "Copper wire",
    "Sensor",
    "Screw kit",
    "Seal",
)

SITES = ("PL01", "PL02", "DC01", "DC02", "DC03")
SITE_NAMES = ("Plant Kassel", "Plant Brno", "DC Hannover", "DC Lyon", "DC Coventry")
SITE_TYPES = ("plant", "plant", "distribution_centre", "distribution_centre", "distribution_centre")
SITE_COUNTRIES = ("DE", "CZ", "DE", "FR", "GB")
SITE_REGIONS = ("", "", "CENTRAL", "WEST", "ISLES")
SITE_CURRENCIES = ("EUR", "EUR", "EUR", "EUR", "GBP")
SITE_COMPANIES = (0, 0, 0, 0, 1)
# company, name, country, currency of its books
COMPANIES = (("1000", "Nordhaus Appliances GmbH", "DE", "EUR"), ("2000", "Nordhaus UK Ltd", "GB", "GBP"))
# term, name, net days, whether counted from the end of the month, discount days, discount
PAYMENT_TERMS: tuple[tuple[str, str, int, bool, int | None, float | None], ...] = (
    ("N30", "30 days net", 30, False, None, None),
    ("N60", "60 days net or 14 days less 2 %", 60, False, 14, 0.02),
    ("N14", "14 days net", 14, False, None, None),
    ("E45", "45 days from the end of the month", 45, True, None, None),
)
TRADE_TERM, ONLINE_TERM, NEAR_SUPPLIER_TERM, FAR_SUPPLIER_TERM = 1, 2, 0, 3
PLANTS, DISTRIBUTION_CENTRES = (0, 1), (2, 3, 4)

# from site, to site, days, freight per unit, freight per kg
LANES: tuple[tuple[int, int, int, float, float], ...] = (
    (0, 1, 3, 0.15, 0.03),
    (0, 2, 2, 0.30, 0.05),
    (0, 3, 4, 0.40, 0.09),
    (0, 4, 6, 0.45, 0.12),
    (1, 2, 3, 0.32, 0.06),
    (1, 3, 5, 0.42, 0.10),
    (1, 4, 7, 0.48, 0.13),
)

CHANNELS = ("trade", "online")
TRADE, ONLINE = 0, 1
# channel, site, typical share of an item's demand
STREAMS: tuple[tuple[int, int, float], ...] = (
    (TRADE, 2, 0.36),
    (TRADE, 3, 0.26),
    (TRADE, 4, 0.18),
    (ONLINE, 2, 0.20),
)
CUSTOMER_GROUPS = ("KEY-ACCOUNT", "SPECIALIST", "WHOLESALE", "MARKETPLACE", "WEBSHOP")
TOWNS = (
    "Aster",
    "Birke",
    "Calla",
    "Dorn",
    "Esche",
    "Farn",
    "Ginko",
    "Hasel",
    "Iris",
    "Kiefer",
    "Linde",
    "Mohn",
)
TRADE_WORDS = ("Elektro", "Haushalt", "Home Store", "Electrics")
ONLINE_WORDS = ("Webshop", "Marketplace")

CURRENCIES = ("EUR", "GBP", "USD", "CZK")
EUR, GBP, USD, CZK = 0, 1, 2, 3
CURRENCY_START = (1.0, 1.19, 0.88, 0.0402)
# country, currency, days of lead time: low and high, weight of the draw
SUPPLIER_COUNTRIES: tuple[tuple[str, int, int, int], ...] = (
    ("DE", EUR, 10, 24),
    ("CN", USD, 48, 70),
    ("IT", EUR, 14, 30),
    ("CZ", CZK, 8, 21),
    ("GB", GBP, 16, 32),
    ("PL", EUR, 10, 25),
    ("TR", EUR, 20, 38),
    ("VN", USD, 50, 72),
)
RESOURCE_KINDS = ("moulding", "winding", "assembly", "labour")
RESOURCE_NAMES = (
    ("Injection moulding", "Motor winding", "Assembly line", "Labour"),
    ("Injection moulding", "Test bench", "Assembly line", "Labour"),
)
RESOURCE_COSTS = ((48.0, 42.0, 38.0, 31.0), (44.0, 36.0, 34.0, 22.0))
