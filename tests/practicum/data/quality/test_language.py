"""Languages are told apart where a text lets them, and codes, tables and short texts are none."""

import pytest

from practicum.data.quality.language import language
from practicum.data.quality.vocabulary import known_words

WORDS = known_words()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "The tenant pays the rent on the first day of each month and may not assign the lease without consent, "
                "which the landlord gives or refuses within thirty days."
            ),
            "en",
        ),
        (
            (
                "Der Mieter zahlt die Miete am ersten Tag jedes Monats und darf den Vertrag ohne die Zustimmung des "
                "Vermieters nicht an andere abtreten, der innerhalb von dreißig Tagen antwortet."
            ),
            "de",
        ),
        (
            (
                "El arrendatario paga la renta el primer dia de cada mes y no puede ceder el contrato sin permiso del "
                "propietario, que debe responder antes de treinta dias y por escrito."
            ),
            "es",
        ),
        (
            (
                "Le locataire paie le loyer le premier jour de chaque mois et ne peut céder le bail sans l'accord du "
                "bailleur, qui doit répondre dans les trente jours et par écrit."
            ),
            "fr",
        ),
        (
            (
                "Il conduttore paga il canone il primo giorno di ogni mese e non può cedere il contratto "
                "senza consenso del locatore, che risponde entro trenta giorni e per iscritto."
            ),
            "it",
        ),
        ("承租人应当在每月的第一天支付租金，未经出租人书面同意不得转让租赁合同。", "zh"),
        ("患者血压 BP 150/90 mmHg，既往有高血压病史十余年，每日服用 amlodipine 治疗。", "zh"),
        ("借主は毎月の初日に賃料を支払い、貸主の書面による同意なしに契約を譲渡することはできません。", "ja"),
        ("임차인은 매월 첫날에 임대료를 지불하며 임대인의 서면 동의 없이 계약을 양도할 수 없습니다.", "other"),
        ("Арендатор платит арендную плату в первый день каждого месяца и не может уступить договор.", "other"),
    ],
)
def test_a_text_of_some_length_has_a_language(text: str, expected: str) -> None:
    assert language(text, WORDS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Was nun?",
        "5 >= 9 no, 5 >= 6 no: decline.",
        '{"code": "L50.4", "together": "yes", "items": [1, 2, 3]}',
        "AI Act 99(4); GDPR 83(5)(a); NIS2 23(4)(b); DORA 30(3)(e); CRA 14(2)(b)",
        "L50.2 Urticaria\nL50.9 Urticaria, unspecified\nL50.4 Vibratory urticaria",
        "α = 0.05, β = 0.2, Δ = 1.5 µg",
        (
            "metoprolol levothyroxine amlodipine atorvastatin lisinopril omeprazole losartan gabapentin sertraline "
            "furosemide pantoprazole escitalopram prednisone tamsulosin bupropion fluoxetine citalopram trazodone "
            "duloxetine clopidogrel"
        ),
        "患者血压 BP 150/90 mmHg，心率 HR 96 次/分，既往有高血压病史，每日服用 amlodipine 5 mg。",
        "The parties 双方 agree on 期限 of thirty days 三十日 for the 通知 notice 违约 breach 责任 liability clause.",
    ],
)
def test_codes_names_mixtures_and_short_texts_are_in_no_language_for_certain(text: str) -> None:
    assert language(text, WORDS) in (None, "en")
