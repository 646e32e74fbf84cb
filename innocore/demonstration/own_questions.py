"""What the open call of the demonstration asks besides the usual: composed by an officer and put in force."""

from typing import Any, Final

from applications.actions import put_form_in_force, save_form_section, save_question
from applications.models import Call, FormSection, Question
from people.models import User

EVERYBODY: Final = ["officer", "reviewer", "lab"]
SECTIONS: Final[list[tuple[str, str, list[dict[str, Any]]]]] = [
    (
        "How you work with AI",
        "인공지능 융합 연구",
        [
            {
                "code": "ai_role", "kind": "choice", "is_required": True, "seen_by": EVERYBODY,
                "label_en": "What is AI in your work?", "label_ko": "연구에서 인공지능의 역할은 무엇입니까?",
                "options": [
                    {"value": "method", "en": "A method that I use", "ko": "활용하는 방법"},
                    {"value": "subject", "en": "The subject that I study", "ko": "연구 대상"},
                    {"value": "both", "en": "Both", "ko": "둘 다"},
                ],
            },
            {
                "code": "computing", "kind": "long", "words": 150, "seen_by": EVERYBODY,
                "label_en": "Which computing do you need?", "label_ko": "필요한 계산 자원을 적어 주십시오.",
                "help_en": "GPU hours, memory, special machines.", "help_ko": "GPU 시간, 메모리, 특수 장비 등.",
            },
            {
                "code": "datasets", "kind": "table", "rows": 5, "seen_by": EVERYBODY,
                "label_en": "Data or code that you made public", "label_ko": "공개한 데이터나 코드",
                "options": [
                    {"value": "name", "en": "Name", "ko": "이름"},
                    {"value": "address", "en": "Address", "ko": "주소"},
                ],
            },
        ],
    ),
    (
        "Coming to Korea",
        "한국에서의 생활",
        [
            {
                "code": "lives_abroad", "kind": "yes_no", "is_required": True, "is_personal": True,
                "seen_by": ["officer"], "label_en": "Do you live outside Korea now?", "label_ko": "현재 해외에 거주합니까?",
            },
            {
                "code": "visa", "kind": "short", "if_code": "lives_abroad", "if_value": "yes", "is_personal": True,
                "seen_by": ["officer"], "label_en": "Visa that you hold or need", "label_ko": "보유하거나 필요한 비자",
            },
            {
                "code": "family_moves", "kind": "number", "least": 0, "most": 20, "is_personal": True, "is_blind": True,
                "seen_by": ["officer"], "label_en": "How many people would move with you?",
                "label_ko": "함께 이주할 인원은 몇 명입니까?",
                "help_en": "For housing only; reviewers never see it.",
                "help_ko": "주거 지원에만 쓰며 심사위원에게 보이지 않습니다.",
            },
        ],
    ),
]  # fmt: skip


def ask(call: Call, by: User) -> None:
    """Compose the questions of `call` and put them in force."""
    for place, (name_en, name_ko, questions) in enumerate(SECTIONS, start=1):
        heading = FormSection(call=call, name_en=name_en, name_ko=name_ko, position=place)
        section = save_form_section(heading, by=by)
        for position, values in enumerate(questions, start=1):
            save_question(Question(call=call, section=section, position=position, **values), by=by)
    put_form_in_force(call, by=by)
