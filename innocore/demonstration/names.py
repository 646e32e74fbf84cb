"""Invented people in both scripts: given and family names drawn apart, so that nobody real is meant."""

from dataclasses import dataclass
from random import Random
from typing import Final

KOREAN_FAMILY: Final = (
    ("Kim", "김"), ("Lee", "이"), ("Park", "박"), ("Choi", "최"), ("Jung", "정"), ("Kang", "강"), ("Cho", "조"),
    ("Yoon", "윤"), ("Jang", "장"), ("Lim", "임"), ("Han", "한"), ("Oh", "오"), ("Seo", "서"), ("Shin", "신"),
    ("Kwon", "권"), ("Hwang", "황"), ("Ahn", "안"), ("Song", "송"), ("Ryu", "류"), ("Hong", "홍"), ("Namgung", "남궁"),
    ("Bae", "배"), ("Baek", "백"), ("Heo", "허"), ("Yoo", "유"), ("Noh", "노"), ("Ha", "하"), ("Ki", "기"),
)  # fmt: skip
KOREAN_FIRST: Final = (
    ("Ga", "가"), ("Na", "나"), ("Da", "다"), ("Do", "도"), ("Min", "민"), ("Seo", "서"), ("Ha", "하"), ("Ji", "지"),
    ("Ye", "예"), ("Yu", "유"), ("Si", "시"), ("Jun", "준"), ("Eun", "은"), ("So", "소"), ("Tae", "태"), ("Hyun", "현"),
    ("Jae", "재"), ("Chae", "채"), ("Sol", "솔"), ("Byeol", "별"), ("On", "온"), ("Ra", "라"), ("Woo", "우"),
)  # fmt: skip
KOREAN_SECOND: Final = (
    ("yul", "율"), ("rin", "린"), ("on", "온"), ("woo", "우"), ("jin", "진"), ("hee", "희"), ("bin", "빈"), ("seul", "슬"),
    ("ram", "람"), ("gyeom", "겸"), ("hu", "후"), ("ri", "리"), ("un", "운"), ("ahn", "안"), ("byeok", "벽"), ("dan", "단"),
    ("mi", "미"), ("seong", "성"), ("kyung", "경"), ("jae", "재"), ("eol", "얼"), ("soo", "수"), ("yeon", "연"),
)  # fmt: skip
# Country, given names and family names as (Latin, own script); the own script is empty where it is Latin.
ABROAD: Final[tuple[tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...], bool], ...]] = (
    ("CN", (("Lanxi", "兰溪"), ("Yunqi", "云起"), ("Moran", "墨然"), ("Qinghe", "清和"), ("Zhiyu", "知雨")),
     (("Tang", "汤"), ("Qiu", "邱"), ("Meng", "孟"), ("Yan", "严"), ("Shen", "沈")), True),
    ("JP", (("Haruno", "春乃"), ("Sota", "湊太"), ("Mio", "澪"), ("Kazuki", "和樹"), ("Rio", "莉央")),
     (("Hoshino", "星野"), ("Kirishima", "霧島"), ("Asakura", "朝倉"), ("Minase", "水瀬")), True),
    ("IN", (("Anvika", "अन्विका"), ("Tejas", "तेजस"), ("Ishani", "ईशानी"), ("Nirav", "नीरव"), ("Revati", "रेवती")),
     (("Marathe", "मराठे"), ("Sarin", "सरीन"), ("Bhosle", "भोसले"), ("Kulkarni", "कुलकर्णी")), False),
    ("VN", (("Thuy Linh", "Thùy Linh"), ("Quang Minh", "Quang Minh"), ("Hai Yen", "Hải Yến")),
     (("Dang", "Đặng"), ("Ngo", "Ngô"), ("Luong", "Lương")), True),
    ("US", (("Marlowe", ""), ("Juniper", ""), ("Desmond", ""), ("Odette", ""), ("Calloway", "")),
     (("Harrowgate", ""), ("Whitlock", ""), ("Penhaven", ""), ("Okonjo", ""), ("Ferrand", "")), False),
    ("DE", (("Liesel", ""), ("Anselm", ""), ("Frauke", "")), (("Wiesengrund", ""), ("Talmann", ""), ("Röhrbach", "")), False),
    ("IR", (("Parisa", "پریسا"), ("Kaveh", "کاوه"), ("Shirin", "شیرین")),
     (("Daryabandi", "دریابندی"), ("Rostamzad", "رستم‌زاد")), False),
    ("ID", (("Kirana", ""), ("Bagaskara", ""), ("Melati", "")), (("Wiryawan", ""), ("Santikasari", "")), False),
    ("TR", (("Defne", ""), ("Kerem", ""), ("Nilay", "")), (("Yıldızhan", ""), ("Akpınarlı", "")), False),
    ("PK", (("Zarmina", "زرمینہ"), ("Haroon", "ہارون")), (("Qaisrani", "قیصرانی"), ("Tanoli", "تنولی")), False),
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A person's name: Latin given and family name, the whole in its own script, and her citizenship."""

    given: str
    family: str
    native: str
    country: str


def korean(random: Random) -> Name:
    """An invented Korean name."""
    family, first, second = random.choice(KOREAN_FAMILY), random.choice(KOREAN_FIRST), random.choice(KOREAN_SECOND)
    return Name(f"{first[0]}{second[0]}", family[0], f"{family[1]}{first[1]}{second[1]}", "KR")


def foreign(random: Random) -> Name:
    """An invented name from abroad, in its own script where that is not Latin."""
    country, givens, families, family_first = random.choice(ABROAD)
    given, family = random.choice(givens), random.choice(families)
    parts = (family[1], given[1]) if family_first else (given[1], family[1])
    own = ("" if country in {"CN", "JP"} else " ").join(part for part in parts if part)
    return Name(given[0], family[0], own, country)
