"""Vocabularies for ``prose`` in German, Arabic and Chinese: few slots, whole sentences."""

from __future__ import annotations

import random

from tests.support.prose import ProseGenerator, Vocabulary

GERMAN: Vocabulary = {
    "sentence": (
        "{Who} in {place} {did} {when} {what}.",
        "„{Claim}“, {said} {person}, {role} in {place}.",
        "{Number} {people} kamen {when} zur Versammlung in {place}.",
        "Die Kosten für {what} werden auf {number} Euro geschätzt.",
        "Nach Angaben von {person}, {role}, gilt: {claim}.",
        "In {place} lag der Anteil bei {percent} Prozent, nach {percent} Prozent im Vorjahr.",
        "{Person} erinnert daran, wie lange {place} schon auf {what} wartet.",
    ),
    "title": (
        "{Place}: {Who} {did} {what}",
        "{Number} {people} wollen {what}",
        "{Person}: „{Claim}“",
        "Streit in {place} um {what}",
    ),
    "who": (
        "der Stadtrat", "das Landratsamt", "der Heimatverein", "die Wasserwirtschaft",
        "die Feuerwehr", "der Ruderklub", "das Amtsgericht", "die Schulleitung",
    ),
    "did": (
        "beschloss", "vertagte", "kritisierte", "forderte", "eröffnete", "prüfte",
        "bezahlte", "bestritt",
    ),
    "what": (
        "den neuen Uferweg", "die Sperrung der Brücke", "den Umbau der Turnhalle",
        "das Gutachten zum Deich", "die Fähre am Abend", "den Nachtragshaushalt",
        "eine Zählung der Störche", "den Verkauf der Mühle",
    ),
    "claim": (
        "das Wasser steht höher als im Frühjahr", "uns hat niemand gefragt",
        "die Frist ist zu halten", "dafür fehlt das Geld", "die Zahlen sind öffentlich",
        "das Schwerste ist geschafft",
    ),
    "said": ("sagte", "erklärte", "betonte", "räumte ein", "scherzte"),
    "role": ("Kämmerin", "Fischer", "Lehrerin", "Ingenieur", "Vorsitzende", "Müller"),
    "when": (
        "am Montagabend", "in der vergangenen Woche", "am frühen Mittwoch",
        "zum Monatsende", "seit dem Sommer",
    ),
    "people": ("Einwohner", "Schüler", "Besucher", "Landwirte", "Pendler"),
    "place": ("Altenfähr", "Niederwerda", "Kranzbruch", "Seelow-Au", "Moorhagen"),
    "first": ("Greta", "Hannes", "Ilse", "Jonas", "Mathilde", "Olaf"),
    "last": ("Brinkmann", "Hoppe", "Lindner", "Petersen", "Vogt", "Wiegand"),
}  # fmt: skip

ARABIC: Vocabulary = {
    "sentence": (
        "قال {person}، وهو {role} في {place}، إن {claim}.",
        "أعلن {who} في {place} {when} أنه {did} {what}.",
        "حضر {number} من {people} الاجتماع الذي عقد {when} في {place}.",
        "وتقدر كلفة {what} بنحو {number} دينار.",
        "وبلغت النسبة في {place} {percent} في المئة مقابل {percent} في المئة قبل عام.",
        "وأضاف {person} أن {claim}، وأن {who} سيعود إلى الأمر {when}.",
    ),
    "title": (
        "{place}: {who} {did} {what}",
        "{person}: {claim}",
        "{number} من {people} يطالبون في {place} بقرار",
        "خلاف في {place} حول {what}",
    ),
    "who": ("المجلس البلدي", "مكتب المياه", "اتحاد الصيادين", "مجلس المدرسة", "نادي التجديف"),
    "did": ("أقر", "أجل", "رفض", "درس", "مول"),
    "what": (
        "خطة الجسر الجديد", "إصلاح سوق السمك", "توسعة الطريق الساحلي",
        "تقرير جودة المياه", "ترميم المكتبة القديمة", "جدول العبارات الليلية",
    ),
    "claim": (
        "الأعمال ستنتهي قبل الشتاء", "أحدا لم يستشر السكان", "الأرقام منشورة للجميع",
        "منسوب النهر أعلى من العام الماضي", "الميزانية لا تكفي",
    ),
    "role": ("مهندس", "صياد", "معلم", "طبيب", "رئيس الجمعية"),
    "when": ("مساء الاثنين", "الأسبوع الماضي", "صباح الأربعاء", "في نهاية الشهر"),
    "people": ("السكان", "الطلاب", "الزوار", "المزارعين"),
    "place": ("تل الزيتون", "مرفأ النور", "وادي السرو", "عين الرمان", "جسر الحجر"),
    "first": ("ليلى", "سمير", "هناء", "كريم", "نادية", "يوسف"),
    "last": ("الحداد", "النجار", "الخطيب", "السعدي", "البحري"),
}  # fmt: skip

CHINESE: Vocabulary = {
    "sentence": (
        "{place}的{who}{when}{did}{what}。",
        "“{claim}，”{place}{role}{person}说。",
        "{when}，{number}名{people}参加了在{place}举行的会议。",
        "{what}的费用估计为{number}元，其中三分之一由镇上承担。",
        "{person}指出，{claim}，{who}将在月底前作出决定。",
        "{place}的比例达到百分之{percent}，去年同期为百分之{percent}。",
    ),
    "title": (
        "{place}{who}{did}{what}", "{person}：{claim}",
        "{number}名{people}呼吁推进{what}", "{place}围绕{what}争议不断",
    ),
    "who": ("镇议会", "水务局", "渔民协会", "学校委员会", "赛艇俱乐部", "消防队"),
    "did": ("批准了", "推迟了", "否决了", "审议了", "公布了"),
    "what": (
        "新桥方案", "码头修缮计划", "夜间渡轮时刻表", "空气质量调查", "旧图书馆的出售",
        "沿河步道工程", "修订后的预算",
    ),
    "claim": (
        "工程将在冬天之前完成", "没有人征求过居民的意见", "账目对所有人公开",
        "水位比去年更高", "最困难的部分已经过去",
    ),
    "role": ("工程师", "渔民", "教师", "药剂师", "会长"),
    "when": ("周一晚上", "上周", "周三上午", "月底", "入夏以来"),
    "people": ("居民", "学生", "游客", "农民", "志愿者"),
    "place": ("柳湾镇", "石桥村", "北渡口", "青溪镇", "东堤"),
    "first": ("文", "晓梅", "建国", "思远", "雨"),
    "last": ("林", "陈", "周", "苏", "沈"),
}  # fmt: skip

VOCABULARIES = {"de": GERMAN, "ar": ARABIC, "zh": CHINESE}


class LanguageProse(ProseGenerator):
    """Prose in any of the languages that there are."""

    def __init__(self, seed: str, language: str) -> None:
        super().__init__(seed, language)
        self._vocabulary = VOCABULARIES.get(language, self._vocabulary)
        self.rng = random.Random(seed)

    def person(self) -> str:
        """A name, in the order of the language."""
        if self.language == "zh":
            return f"{self._choose('last')}{self._choose('first')}"
        return super().person()

    def paragraph(self) -> str:
        """Three to six sentences; Chinese has no spaces between them."""
        joined = "" if self.language == "zh" else " "
        return joined.join(self.sentence() for _ in range(self.rng.randint(3, 6)))
