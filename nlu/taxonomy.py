"""The codes that understanding may use: docs/taxonomy, version 1."""

from typing import Final

INTENTS: Final = (
    "greet",
    "report_self",
    "report_person",
    "report_site",
    "give_details",
    "affirm",
    "deny",
    "dont_know",
    "ask_service",
    "ask_status",
    "ask_human",
    "ask_advice",
    "correct",
    "stop",
    "erase",
    "change_language",
    "thank",
    "out_of_scope",
)

INDICATORS: Final = (
    "abuse_of_vulnerability",
    "deception",
    "restriction_of_movement",
    "isolation",
    "physical_or_sexual_violence",
    "intimidation_and_threats",
    "retention_of_identity_documents",
    "withholding_of_wages",
    "debt_bondage",
    "abusive_conditions",
    "excessive_overtime",
    "forced_criminality",
    "sold_or_transferred",
    "ransom_demand",
    "child_involved",
    "medical_need",
    "self_harm_risk",
    "imminent_danger",
    "official_complicity",
)

ENTITIES: Final = (
    "place",
    "site",
    "unit",
    "person",
    "relation",
    "nationality",
    "people_count",
    "age",
    "gender",
    "job",
    "recruiter",
    "money",
    "since",
    "phone",
    "account",
    "document_number",
)

PROVINCES: Final = tuple(f"KH-{number}" for number in range(1, 26))
"""ISO 3166-2:KH."""

LANGUAGES: Final = tuple(
    "km zh-Hans zh-Hant en vi th id ms my lo fil hi bn ur ne ta si ko ja ru fr pt sw am ar".split()  # noqa: SIM905
)
"""BCP 47, the languages that are understood; bot/i18n/languages.py has those that there are catalogues for."""
