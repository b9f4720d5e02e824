"""The interview as stories: one message in, what follows out."""

from dataclasses import replace

import pytest

from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.interview.resolve import resolve
from bot.interview.script import MOST_QUESTIONS, QUESTIONS, SAFE
from bot.model.codes import DANGER, PartKind, Status
from bot.model.message import Attachment, Chosen, Left, Message, Pin, Start, Text, Unsupported
from bot.model.private import Private
from bot.model.report import Slot
from nlu.lexicon import command, shipped
from nlu.understanding import Indicator, Understanding
from tests.interview.talking import SESSION, codes, said, talk, tell


def test_one_free_message_fills_everything_that_was_said_and_one_question_follows() -> None:
    outcome = tell(SESSION, "12 of us locked in Bavet", province="KH-20", people_count=12, indicators=["debt_bondage"])

    assert codes(outcome, Slot.PROVINCE) == ["KH-20"]
    assert codes(outcome, Slot.PEOPLE_COUNT) == ["6-20"]
    assert codes(outcome, Slot.INDICATOR) == ["debt_bondage"]
    assert [say.question for say in outcome.say if say.question] == ["ask_exact_place"]


def test_facts_already_said_are_not_asked_again_and_the_interview_ends_with_a_summary() -> None:
    outcome = talk(
        tell(SESSION, "x", province="KH-1", people_count=3, indicators=["deception"], nationalities=["VN"]), "skip"
    )

    assert "ask_count" not in outcome.session.asked
    assert outcome.session.finished
    assert outcome.file is Status.COMPLETE
    assert said(outcome)[0] == "summary_intro"
    assert said(outcome)[-3:] == ["filed", "filed_go_on", "ask_contact"]


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q != SAFE.id])
def test_every_question_can_be_skipped(question: str) -> None:
    waiting = replace(SESSION, asked=(SAFE.id, question), pending=question)
    outcome = advance(waiting, Heard(Chosen("skip", question)))

    assert outcome.session.pending != question


def test_an_interview_of_nothing_but_skips_ends_without_a_ticket() -> None:
    outcome = talk(advance(SESSION, Heard(Start())), *["skip"] * (MOST_QUESTIONS + 2))

    assert outcome.session.pending is None
    assert outcome.session.revision == 0


@pytest.mark.parametrize("steps", range(6))
def test_stop_works_at_every_step_and_files_what_there_is(steps: int) -> None:
    begun = talk(tell(SESSION, "x", province="KH-7"), *["skip"] * steps)
    outcome = advance(begun.session, Heard(Text(Private("stop")), command="stop"))

    assert said(outcome) == ["stopped"]
    assert outcome.session.revision >= 1


@pytest.mark.parametrize("steps", range(6))
def test_erase_works_at_every_step_and_leaves_no_fact(steps: int) -> None:
    begun = talk(tell(SESSION, "x", province="KH-7"), *["skip"] * steps)
    outcome = advance(begun.session, Heard(Text(Private("erase")), command="erase"))

    assert outcome.erase
    assert said(outcome) == ["erased"]
    assert outcome.session.report.answers == ()
    assert (outcome.file is Status.WITHDRAWN) == (begun.session.revision > 0)


def test_a_choice_beats_words_and_words_before_filing_do_not_take_it_back() -> None:
    stated = tell(SESSION, "in Bavet", province="KH-20")
    chosen = advance(stated.session, Heard(Chosen("province:KH-1")))
    outcome = tell(chosen.session, "in Bavet", province="KH-20")

    assert codes(outcome, Slot.PROVINCE) == ["KH-1"]


@pytest.mark.parametrize("code", ["imminent_danger", "self_harm_risk", "child_involved", "medical_need"])
def test_danger_files_at_once_and_is_answered_once(code: str) -> None:
    first = tell(SESSION, "x", indicators=[code])
    again = tell(first.session, "x", indicators=[code])

    assert first.file is Status.PARTIAL
    acknowledged = {"self_harm_risk": "self_harm_ack", "child_involved": "child_ack"}.get(code, "danger_ack")
    assert acknowledged in said(first)
    assert acknowledged not in said(again)


@pytest.mark.parametrize("intent", ["out_of_scope"])
def test_spam_gives_no_ticket_whatever_follows(intent: str) -> None:
    outcome = tell(SESSION, "win money", intent=intent)
    left = advance(outcome.session, Heard(Left()))

    assert "out_of_scope" in said(outcome)
    assert left.file is None


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (Unsupported(), "unsupported"),
        (Text(Private("")), "empty"),
        (Pin(91.0, 0.0), "location_bad"),
    ],
    ids=["sticker", "nothing", "off the globe"],
)
def test_what_no_report_can_hold_is_answered_kindly_and_keeps_the_question(message: Message, key: str) -> None:
    waiting = tell(SESSION, "x", people_count=2).session
    outcome = advance(waiting, Heard(message, blank=isinstance(message, Text)))

    assert said(outcome) == [key]
    assert outcome.session.pending == waiting.pending
    assert outcome.say[-1].choices == QUESTIONS[waiting.pending or ""].choices


def test_an_answer_not_on_offer_is_asked_again_once_and_its_words_are_kept() -> None:
    waiting = tell(SESSION, "x", province="KH-20").session
    outcome = talk(advance(waiting, Heard(Chosen("skip"))), "banana")

    assert said(outcome) == ["not_understood"]
    assert outcome.session.report.evidence[-1] is PartKind.WORDS
    assert said(talk(outcome, "banana"))[0] != "not_understood"


@pytest.mark.parametrize("intent", ["thank", "out_of_scope", "greet", "ask_status"])
def test_a_fact_is_taken_whatever_its_words_were_taken_for(intent: str) -> None:
    waiting = advance(tell(SESSION, "x", province="KH-20", people_count=2).session, Heard(Chosen("skip"))).session
    outcome = tell(waiting, "Kenya", intent=intent, nationalities=["KE"])

    assert codes(outcome, Slot.NATIONALITY) == ["KE"]
    assert outcome.session.pending != waiting.pending or outcome.say


@pytest.mark.parametrize("intent", ["thank", "out_of_scope", "greet"])
def test_words_that_were_asked_for_are_the_answer_whatever_they_were_taken_for(intent: str) -> None:
    waiting = tell(SESSION, "x", province="KH-20").session
    outcome = tell(waiting, "green roof opposite the petrol station", intent=intent)

    assert waiting.pending == "ask_exact_place"
    assert codes(outcome, Slot.EXACT_PLACE) == ["given"]


def test_a_question_to_us_beside_facts_is_answered_and_the_facts_are_taken() -> None:
    outcome = tell(SESSION, "they beat us in Bavet what can I do", intent="ask_advice", province="KH-20")

    assert said(outcome)[0] == "advice"
    assert codes(outcome, Slot.PROVINCE) == ["KH-20"]


@pytest.mark.parametrize("intent", ["dont_know", "affirm", "deny", "ask_service"])
def test_a_sentence_is_never_thrown_away_as_a_short_answer(intent: str) -> None:
    waiting = tell(SESSION, "x", province="KH-20").session
    outcome = tell(waiting, "I don't know the name but it is the white building by the bridge", intent=intent)

    assert len(outcome.session.report.evidence) == len(waiting.report.evidence) + 1
    assert codes(outcome, Slot.EXACT_PLACE) == ["given"]


def test_a_pin_answers_the_question_of_where() -> None:
    waiting = advance(SESSION, Heard(Chosen("yes", "ask_safe"))).session
    session = waiting if waiting.pending == "ask_province" else talk(advance(SESSION, Heard(Start())), "yes").session
    outcome = advance(session, Heard(Pin(11.5, 104.9), pinned=("KH", "KH-12")))

    assert session.pending == "ask_province"
    assert said(outcome)[0] == "location_kept"
    assert outcome.session.pending == "ask_exact_place"


def test_danger_in_a_caption_is_answered_like_danger_in_words() -> None:
    photo = Attachment(PartKind.PHOTO, Private("h"), Private("n"), "image/jpeg", caption=Private("x"))
    outcome = advance(SESSION, Heard(photo, Understanding(indicators=(Indicator("imminent_danger", 0.9),))))

    assert "danger_ack" in said(outcome)
    assert outcome.file is Status.PARTIAL


def test_an_album_does_not_use_up_the_questions() -> None:
    session = talk(advance(SESSION, Heard(Start())), "yes").session
    photo = Attachment(PartKind.PHOTO, Private("h"), Private("n"), "image/jpeg")
    for _ in range(8):
        session = advance(session, Heard(photo)).session

    assert session.pending == "ask_province"
    assert len(session.report.evidence) == 8


def test_an_edit_is_taken_without_a_word() -> None:
    waiting = tell(SESSION, "help us in Bavet", province="KH-20").session
    understood = Understanding(intent="report_self", confidence=0.9, province="KH-1")
    outcome = advance(waiting, Heard(Text(Private("help us in Poipet"), edited=True), understood))

    assert outcome.say == ()
    assert codes(outcome, Slot.PROVINCE) == ["KH-1"]
    assert outcome.session.pending == waiting.pending


def test_a_wish_to_erase_in_many_words_is_asked_once_more_and_yes_erases() -> None:
    begun = tell(SESSION, "x", province="KH-7").session
    asked = tell(begun, "please remove everything that I told you", intent="erase")
    no, yes = (talk(asked, word) for word in ("no", "yes"))

    assert said(asked) == ["ask_erase"]
    assert (no.erase, no.session.pending, no.session.report) == (False, begun.pending, asked.session.report)
    assert yes.erase


def test_a_nation_that_is_also_a_languages_name_answers_the_question_of_nationality() -> None:
    told = tell(SESSION, "x", province="KH-1", people_count=3, indicators=["deception"])
    waiting = talk(advance(told.session, Heard(Chosen("role:affected"))), *["skip"] * 5).session
    understood = Understanding(nationalities=("KH",))
    outcome = advance(waiting, Heard(Text(Private("ខ្មែរ")), understood, choices=("language:km",)))

    assert waiting.pending == "ask_nationality"
    assert codes(outcome, Slot.NATIONALITY) == ["KH"]


def test_yes_to_a_list_of_dangers_shows_the_list_again() -> None:
    told = tell(SESSION, "x", province="KH-1", people_count=3)
    waiting = talk(told, "skip").session
    outcome = talk(advance(waiting, Heard(Chosen("yes"))), "yes")

    assert waiting.pending == "ask_danger"
    assert outcome.session.pending == "ask_danger"


def test_a_place_told_after_filing_is_a_move_even_from_a_chosen_place() -> None:
    chosen = advance(SESSION, Heard(Chosen("province:KH-18"))).session
    filed = tell(chosen, "x", indicators=["medical_need"]).session
    outcome = tell(filed, "they moved us to Bavet", intent="give_details", province="KH-20")

    assert codes(outcome, Slot.PROVINCE) == ["KH-20"]
    assert outcome.session.report.moved


def test_a_tap_on_an_old_question_says_so_and_changes_nothing() -> None:
    waiting = tell(SESSION, "x", province="KH-20").session
    outcome = advance(waiting, Heard(Chosen("yes", "ask_safe")))

    assert said(outcome) == ["choice_gone"]
    assert outcome.session.report == waiting.report


@pytest.mark.parametrize("typed", ["2", "２", "២", "2️⃣", "২", " 2. "])
def test_numbers_in_any_script_are_the_choice_at_that_place(typed: str) -> None:
    assert resolve(typed, "ask_role", {}) == ("role:relative",)


@pytest.mark.parametrize(
    ("typed", "band"), [("7", "6-20"), ("១២", "6-20"), ("1", "1"), ("300", "over_100"), ("0", "danger")]
)
def test_a_number_at_how_many_is_a_number_of_people_and_nought_is_danger(typed: str, band: str) -> None:
    assert resolve(typed, "ask_count", {}) == ((DANGER,) if band == "danger" else (f"count:{band}",))


def test_several_signs_may_be_chosen_by_numbers() -> None:
    assert resolve("1, 3", "ask_danger", {}) == ("physical_or_sexual_violence", "medical_need")


def test_a_relative_is_asked_for_the_name_and_a_witness_is_not() -> None:
    relative = tell(SESSION, "x", province="KH-1", people_count=1, indicators=["deception"], nationalities=["VN"])
    asked = {
        role: talk(advance(relative.session, Heard(Chosen(f"role:{role}"))), *["skip"] * 6).session.asked
        for role in ("relative", "witness")
    }

    assert "ask_identity" in asked["relative"]
    assert "ask_identity" not in asked["witness"]


def test_commands_are_known_without_the_server() -> None:
    for word, meant in [
        ("stop", "stop"),
        ("លុប", "erase"),
        ("跳过", "skip"),
        ("跳過", "skip"),
        ("xóa", "erase"),
        ("dừng", "stop"),
    ]:
        assert command(word, shipped()) == meant
