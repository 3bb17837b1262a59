"""What the samples say, by language: the places at which the altering variants change them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Pairs are (what the sample says, what the altered copy says)."""

    title: str
    headline: tuple[str, str]
    kicker: tuple[str, str]
    date: tuple[str, str]
    source: tuple[str, str]
    word: tuple[str, str]
    negation: tuple[str, str]
    number: tuple[str, str]
    decimal: tuple[str, str]
    unit: tuple[str, str]
    sign: tuple[str, str]
    unsigned: tuple[str, str]
    day: tuple[str, str]
    clause: tuple[str, str]
    caption: tuple[str, str]
    homoglyph: tuple[str, str]
    sentence: str
    extra: str
    two_sentences: tuple[str, str]
    between: str
    cells: tuple[str, str]
    items: tuple[str, str, str]
    row: str
    linked: str
    gloss: str


WORDS = {
    "en": Words(
        title="East Basin to be dredged from 16 March; ferry line 3 changed",
        headline=("ferry line 3 changed", "ferry line 3 ends"),
        kicker=("Harbour works, spring", "Harbour works, autumn"),
        date=("2026-03-05 09:30", "2026-03-06 09:30"),
        source=("Source: Eastmere Harbour Office", "Source: Eastmere City Office"),
        word=("the larger ferries", "the smaller ferries"),
        negation=("will not call at", "will call at"),
        number=("every 20 minutes", "every 30 minutes"),
        decimal=("62.5%", "6.25%"),
        unit=("18.6 million", "18.6 billion"),
        sign=("was −1.5", "was +1.5"),
        unsigned=("was −1.5", "was 1.5"),
        day=("30 June 2026", "3 June 2026"),
        clause=("; the supplement of", "; in June the supplement of"),
        caption=("The East Basin at low tide", "The East Basin at high tide"),
        homoglyph=("Kiln Quay while", "Kіln Quay while"),
        sentence="Bicycles travel free of charge.",
        extra="Dogs are not allowed on board.",
        two_sentences=(
            "Claims for damage are to be sent to the Harbour Office, 4 Customs Lane, no later than 30 June 2026.",
            "Claims that arrive later cannot be considered.",
        ),
        between=" ",
        cells=("7.4 m", "9.0 m"),
        items=(
            "report to harbour radio on channel 12 before entering,",
            "keep 50 metres away from the dredger,",
            "show a white light at the stern after sunset.",
        ),
        row="Lock gate",
        linked="the reading room of the Harbour Office",
        gloss="toll",
    ),
    "zh": Words(
        title="关于东港池疏浚施工及轮渡3号线临时调整的公告",
        headline=("临时调整", "永久停航"),
        kicker=("2026年春季", "2026年秋季"),
        date=("2026-03-05 09:30", "2026-03-06 09:30"),
        source=("来源：东澜市港航管理处", "来源：东澜市政府办公室"),
        word=("大型渡轮", "小型渡轮"),
        negation=("不停靠窑湾码头", "停靠窑湾码头"),
        number=("每20分钟", "每30分钟"),
        decimal=("62.5%", "6.25%"),
        unit=("1860.5万元", "1860.5亿元"),
        sign=("为−1.5", "为+1.5"),
        unsigned=("为−1.5", "为1.5"),
        day=("2026年6月30日", "2026年6月3日"),
        clause=("，换乘附加费由", "，六月起换乘附加费由"),
        caption=("低潮时的东港池", "高潮时的东港池"),
        homoglyph=("采样当日", "采样当⽇"),
        sentence="自行车免费随船。",
        extra="犬只不得上船。",
        two_sentences=(
            "因施工造成损失的，请于2026年6月30日前向港航管理处（海关巷4号）提出书面申请。",
            "逾期提出的申请不予受理。",
        ),
        between="",
        cells=("7.4米", "9.0米"),
        items=("进港前通过甚高频12频道向港区电台报告；", "与挖泥船保持50米以上距离；", "日落后在船尾显示白灯。"),
        row="船闸口",
        linked="港航管理处阅览室",
        gloss="收费",
    ),
}
